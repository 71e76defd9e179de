"""Google's exports name each value in a column beside it: a fax, a pager and an assistant's number are not sent."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from importer import check_file
from importer.mapping import find_label_columns, is_of_another
from importer.mapping.full_name import names_family_first
from importer.settings import Settings


def bodies(tmp_path: Path, vendor: str, text: str, **more: object) -> list[str]:
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    summary = check_file(tmp_path / "f.csv", Settings(vendor, output=tmp_path / "out", **more))  # type: ignore[arg-type]
    return [body for *_, body in summary.bodies]


def test_labels_stand_beside_values() -> None:
    headers = ["Name", "E-mail 1 - Label", "E-mail 1 - Value", "Phone 1 - Type", "Phone 1 - Value", "Phone 2 - Value"]

    assert find_label_columns(headers) == {2: 1, 4: 3}


def test_labels_of_others_are_told_from_the_contacts_own() -> None:
    labels = pl.Series(["Work Fax", "Mobile", "* Pager", "Assistant", "Home", None])

    assert is_of_another(labels).to_list() == [True, False, True, True, False, False]


def test_a_fax_is_not_sent_where_a_mobile_stands_beside_it(tmp_path: Path) -> None:
    sent = bodies(
        tmp_path,
        "gomobile",
        "First Name,Phone 1 - Label,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\n"
        "Ana,Work Fax,+12025550191,Mobile,+12025550101\nBo,Home Fax,+12025550192,,\n",
    )

    assert len(sent) == 1
    assert "+12025550101" in sent[0]


@pytest.mark.parametrize(
    "header", ["Nom et prénom", "Apellidos y nombre", "Nachname Vorname", "Cognome e Nome", "Last First", "Name (Last First)"]
)  # fmt: skip
def test_a_header_says_that_the_family_name_comes_first(tmp_path: Path, header: str) -> None:
    (tmp_path / "m.toml").write_text(
        f'firstName = {{ column = "{header}", part = "first" }}\nlastName = {{ column = "{header}", part = "last" }}\n',
        encoding="utf-8",
    )

    sent = bodies(
        tmp_path, "iclosed", f"{header};Phone\nDupont Jean Marc;+12025550101\nde la Cruz Ana;+12025550102\n",
        mapping=tmp_path / "m.toml",
    )  # fmt: skip

    assert ['"firstName":"Jean Marc","lastName":"Dupont"' in sent[0], '"firstName":"Ana","lastName":"de la Cruz"' in sent[1]] == [True, True]  # fmt: skip


@pytest.mark.parametrize(
    "header", ["Name", "Full Name", "Nom", "Nom complet", "Nombre y apellidos", "Prénom et nom", "Nome e cognome", "Nombre completo"]
)  # fmt: skip
def test_other_headers_do_not(header: str) -> None:
    assert not names_family_first(header)
