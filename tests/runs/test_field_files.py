"""Small files as they come from the field, each with what a check makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from importer import Summary, check_file
from importer.errors import FileError
from importer.settings import Settings


def check(folder: Path, vendor: str, text: str, **more: Any) -> Summary:
    (folder / "f.csv").write_text(text, encoding="utf-8")
    return check_file(folder / "f.csv", Settings(vendor, output=folder / "out", **more))


def bodies(summary: Summary) -> list[dict[str, Any]]:
    return [json.loads(body) for *_, body in summary.bodies]


def test_lines_that_are_quoted_as_a_whole_stop_the_run(tmp_path: Path) -> None:
    text = 'First Name,Email\n"Ana,ana@example.com"\n"Bo,bo@example.com"\n'

    with pytest.raises(FileError, match="there are quotes around whole lines"):
        check(tmp_path, "iclosed", text)


@pytest.mark.parametrize("sign", ["^", "~", "|", "\t", ";"])
def test_unusual_delimiters_are_found(tmp_path: Path, sign: str) -> None:
    summary = check(tmp_path, "iclosed", "First Name,Phone\nAna,+12025550101\nBo,+12025550102\n".replace(",", sign))

    assert [body["firstName"] for body in bodies(summary)] == ["Ana", "Bo"]


@pytest.mark.parametrize(
    "line", ["Records found:,2", "Continued on next page,", "Nothing below this line,", "See sheet 2,"]
)
def test_a_line_below_the_table_is_no_contact(tmp_path: Path, line: str) -> None:
    summary = check(
        tmp_path, "iclosed", f"First Name,Last Name,Phone\nAna,Ax,+12025550101\nBo,Bo,+12025550102\n{line},\n"
    )

    assert (summary.counts["valid"], summary.counts["skipped"]) == (2, 1)


@pytest.mark.parametrize("first", ["2", "31/01/2026"])
def test_a_number_and_a_date_are_nobodys_name(tmp_path: Path, first: str) -> None:
    summary = check(tmp_path, "iclosed", f"First Name,Phone\nAna,+12025550101\n{first},+12025550102\n")

    assert (summary.counts["valid"], summary.counts["invalid"]) == (1, 1)


def test_a_form_of_address_is_no_job(tmp_path: Path) -> None:
    rows = "Ms.,Ana,+12025550101\nDr.,Bo,+12025550102\n"

    assert all(
        "occupation" not in body for body in bodies(check(tmp_path, "gomobile", f"Title,First Name,Phone\n{rows}"))
    )
    titled = check(tmp_path, "gomobile", "Title,First Name,Phone\nEngineer,Ana,+12025550101\n")
    assert bodies(titled)[0]["occupation"] == "Engineer"


@pytest.mark.parametrize(
    "moment", ["2026-01-31 09:15:22(UTC+02:00)", "2026-01-31 09:15:22 [+02:00]", "2026-01-31T09:15:22 GMT+2"]
)
def test_an_offset_may_stand_in_brackets(tmp_path: Path, moment: str) -> None:
    summary = check(tmp_path, "iclosed", f"Email,Joined\na@example.com,{moment}\n")

    assert bodies(summary)[0]["joinedTime"] == "2026-01-31T07:15:22.000Z"


@pytest.mark.parametrize(("text", "sent"), [("z:69001", "69001"), ("2134.0", "2134"), ("SW1A 1AA", "SW1A 1AA")])
def test_a_postal_code_loses_what_is_no_part_of_it(tmp_path: Path, text: str, sent: str) -> None:
    summary = check(tmp_path, "gomobile", f"First Name,Phone,Zip\nAna,+12025550101,{text}\n")

    assert bodies(summary)[0]["zip"] == sent


@pytest.mark.parametrize("text", ['"""Ana"""', "“Ana”", "«Ana»", "`Ana`", r"\"Ana\""])
def test_quotes_around_a_name_are_none_of_it(tmp_path: Path, text: str) -> None:
    summary = check(tmp_path, "iclosed", f"First Name,Phone\n{text},+12025550101\nBo,+12025550102\n")

    assert bodies(summary)[0]["firstName"] == "Ana"


def test_the_header_of_a_second_table_is_told_with_the_rows_of_the_first(tmp_path: Path) -> None:
    text = "First Name,Phone,City\nAna,+12025550101,Rome\n\nEmail,Country,Company Name\na@example.com,US,Acme\n"

    with pytest.raises(FileError, match=r'row 4 looks like .* rows = "2-2" .* --header-row 4'):
        check(tmp_path, "gomobile", text)


def test_a_country_is_never_cut(tmp_path: Path) -> None:
    summary = check(tmp_path, "iclosed", "Phone,Country\n+12025550101,Frnace\n+12025550102,Germny\n")

    assert [question.kind for question in summary.questions if question.kind == "too_long"] == []
