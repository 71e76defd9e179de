"""The mapping file: what it can say, what it refuses, and the one that is written for a file."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from importer.errors import MappingError
from importer.mapping import ColumnProfile, Mapping, apply_mapping, draft_mapping, match_columns, render_mapping_file
from importer.sending.payload import PayloadBuilder
from importer.settings import Settings
from schemas.contract import Operation
from schemas.registry import load_vendor


def operation(vendor: str, name: str = "create") -> Operation:
    return load_vendor(vendor).operations[name]


def mapped(tmp_path: Path, toml: str, headers: list[str], vendor: str = "iclosed", name: str = "create") -> Mapping:
    (tmp_path / "m.toml").write_text(toml, encoding="utf-8")
    return match_columns(headers, operation(vendor, name), Settings(vendor, mapping=tmp_path / "m.toml"))


def texts(mapping: Mapping, vendor: str, cells: list[str | None]) -> dict[str, Any]:
    frame = pl.DataFrame(
        {"row": pl.Series([2], dtype=pl.UInt32)}
        | {f"c{index}": pl.Series([cell], dtype=pl.String) for index, cell in enumerate(cells)}
    )
    row = apply_mapping(frame, mapping, operation(vendor)).row(0, named=True)
    return {path: text for path, text in row.items() if path != "row"}


@pytest.mark.parametrize(
    ("cells", "name"),
    [(["Ana", "Lee"], "Ana Lee"), ([" Ana ", None], "Ana"), ([None, "Lee"], "Lee"), ([None, " "], None)],
)
def test_a_template_is_put_together_without_gaps(tmp_path: Path, cells: list[str | None], name: str | None) -> None:
    mapping = mapped(
        tmp_path,
        'fullName = { template = "{First} {Last}" }\nprimaryPhone = { value = "1" }',
        ["First", "Last"],
        "gomobile",
    )

    assert texts(mapping, "gomobile", cells)["fullName"] == name


def test_a_template_may_have_words_and_braces(tmp_path: Path) -> None:
    mapping = mapped(tmp_path, 'tag = { template = "{{{X}}} of {Y}" }', ["X", "Y"])

    assert texts(mapping, "iclosed", ["a", "b"]) == {"tag": "{a} of b"}


@pytest.mark.parametrize(
    ("stage", "status"),
    [("Hot", "QUALIFIED"), (" hot ", "QUALIFIED"), ("Tiède", "POTENTIAL"), ("else", "DISQUALIFIED"), (None, None)],
)
def test_values_are_translated_and_the_rest_is_otherwise(tmp_path: Path, stage: str | None, status: str | None) -> None:
    mapping = mapped(
        tmp_path,
        'status = { column = "Stage", values = { Hot = "QUALIFIED", "tiède" = "POTENTIAL" }, otherwise = "DISQUALIFIED" }',
        ["Stage"],
    )

    assert texts(mapping, "iclosed", [stage]) == {"status": status}


@pytest.mark.parametrize(
    ("values", "cell", "meaning"),
    [
        ('"✓" = "yes", "✗" = "no"', "✓", "yes"),
        ('"✓" = "yes", "✗" = "no"', " ✗ ", "no"),
        ('"A+" = "yes", "A-" = "no", A = "maybe"', "a-", "no"),
        ('"A+" = "yes", "A-" = "no", A = "maybe"', "A", "maybe"),
        ('"N/A" = "no", NA = "Namibia"', "NA", "Namibia"),
        ('"N/A" = "no", NA = "Namibia"', "n/a", "no"),
        ('"1" = "yes", "-1" = "no", "+1" = "much"', "-1", "no"),
        ('"été" = "yes", ete = "no"', "ÉTÉ", "yes"),
        ('"" = "x", "?" = "unknown", "!" = "sure"', "!", "sure"),
    ],
)
def test_signs_count_in_values(tmp_path: Path, values: str, cell: str, meaning: str) -> None:
    mapping = mapped(tmp_path, f'tag = {{ column = "Grade", values = {{ {values} }} }}', ["Grade"])

    assert texts(mapping, "iclosed", [cell]) == {"tag": meaning}


def test_values_that_are_equal_but_for_case_and_blanks_need_one_meaning(tmp_path: Path) -> None:
    entry = 'tag = {{ column = "Grade", values = {{ Hot = "a", " HOT " = "{}" }} }}'

    assert texts(mapped(tmp_path, entry.format("a"), ["Grade"]), "iclosed", ["hot"]) == {"tag": "a"}
    with pytest.raises(MappingError, match=r"'Hot' and ' HOT '.*different meanings"):
        mapped(tmp_path, entry.format("b"), ["Grade"])


def test_without_otherwise_a_value_that_is_not_listed_stays_for_checking(tmp_path: Path) -> None:
    mapping = mapped(tmp_path, 'status = { column = "Stage", values = { Hot = "QUALIFIED" } }', ["Stage"])

    assert texts(mapping, "iclosed", ["Cold"]) == {"status": "Cold"}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "36", 36),
        ("number", "1.5", 1.5),
        ("boolean", "TRUE", True),
        ("list", "a; b", ["a", "b"]),
        ("json", '{"a": [1, null]}', {"a": [1, None]}),
        ("text", "36", "36"),
    ],
)
def test_a_member_of_an_open_object_has_the_type_that_is_asked_for(
    tmp_path: Path, kind: str, text: str, value: object
) -> None:
    mapping = mapped(
        tmp_path, f'"customAttributes.age" = {{ column = "Age", type = "{kind}" }}', ["Phone", "Age"], "gomobile"
    )
    cells = ["+1", [part.strip() for part in text.split(";")] if kind == "list" else text]

    body = PayloadBuilder(operation("gomobile"), mapping.fields).body(cells)

    assert body["customAttributes"] == {"age": value}


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('emial = "Mail"', "did you mean email"),
        ('email = "Mial"', "did you mean 'Mail'"),
        ('email = { colum = "Mail" }', "unknown key 'colum'; did you mean column"),
        ('email = { column = "Mail", value = "x" }', "needs one of"),
        ('email = { default = "x" }', "needs one of"),
        ('tag = { template = "none" }', "names columns in braces"),
        ('tag = { template = "{Nope}" }', "has no column 'Nope'"),
        ('tag = { column = "Mail", type = "integer" }', "type is for members of open objects"),
        ('tag = { column = "Mail", otherwise = "x" }', "there is no values"),
        ('tag = { column = "Mail", default = 1 }', "must be text, in quotes"),
        ("tag = 1", "must be a column"),
        ("tag = { column = [] }", "needs one of"),
        ('ignore = "Mail"', "must be a list"),
        ('ignore = ["Nope"]', "has no column 'Nope'"),
        ("tag = ", "is not TOML"),
    ],
)
def test_a_wrong_file_says_where_and_what_it_may_be(tmp_path: Path, toml: str, said: str) -> None:
    with pytest.raises(MappingError, match=r"m\.toml") as caught:
        mapped(tmp_path, toml, ["Mail", "Other"])

    assert said in str(caught.value)


HEADERS = [
    'First "q"',
    "Nom",
    "E-mail 1",
    "E-mail 2",
    "Mobile",
    "Phone",
    "Phone",
    "",
    "Odd\nheader",
    "Stage",
    "customField.plan",
]


@pytest.mark.parametrize(
    ("vendor", "name"),
    [
        ("iclosed", "create"),
        ("cleartalk", "update"),
        ("cleartalk", "create"),
        ("clemta", "create"),
        ("gomobile", "create"),
    ],
)
def test_the_file_that_is_written_reads_back_as_the_same_mapping(tmp_path: Path, vendor: str, name: str) -> None:
    profile = ColumnProfile(pl.DataFrame({f"c{index}": ["x\x1by", "é" * 50] for index in range(len(HEADERS))}))
    drafted = draft_mapping(HEADERS, operation(vendor, name), Settings(vendor), profile)
    (tmp_path / "m.toml").write_text(
        render_mapping_file(drafted, operation(vendor, name), profile, vendor, "f.csv"), encoding="utf-8"
    )

    again = draft_mapping(HEADERS, operation(vendor, name), Settings(vendor, mapping=tmp_path / "m.toml"), profile)

    assert [(known.field.path, known.columns, known.template) for known in again.field_mappings] == [
        (known.field.path, known.columns, known.template) for known in drafted.field_mappings
    ]


def test_the_command_writes_a_file_once_and_says_what_to_do_with_it(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(
        "Prénom,Contact,Owner\nZoë,zoe@example.com,Jo\nAna,ana@example.com,Jo\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "importer", "mapping", "leads.csv", "--vendor", "iclosed", "-o", "m.toml"]

    first = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    second = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (first.returncode, second.returncode) == (0, 2)
    assert "--mapping m.toml" in first.stdout
    assert "exists already" in second.stderr
    written = (tmp_path / "m.toml").read_text(encoding="utf-8")
    assert tomllib.loads(written) == {"firstName": "Prénom", "email": "Contact"}
    assert "# Zoë · Ana" in written
    assert '# ignore = ["Owner"]' in written
