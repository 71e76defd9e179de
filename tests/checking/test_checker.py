"""Every problem says where, what and what to do; a row shows all of its problems at once."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from importer.checking import Checked, Checker, FieldSource
from importer.cleaning import split_list_fields
from importer.model.problem import PROBLEM_COLUMNS
from importer.model.problem_frame import PROBLEM_SCHEMA, render_problems
from importer.model.table import Batch, CellFinding
from schemas.contract import Operation
from schemas.registry import load_vendor


def operation(vendor: str, name: str = "create") -> Operation:
    return load_vendor(vendor).operations[name]


def checked(
    wanted: Operation, texts: dict[str, list[str | None]], marks: tuple[CellFinding, ...] = (), *, strict: bool = False
) -> Checked:
    """Check columns named by their field, as if each had come from a column ``Column <field>``; rows from 2."""
    fields = [field for path in texts if (field := wanted.field(path))]
    height = len(next(iter(texts.values())))
    numbers = pl.Series("row", range(2, 2 + height), dtype=pl.UInt32)
    cells = pl.DataFrame(
        [numbers, *(pl.Series(f"c{index}", column, dtype=pl.String) for index, column in enumerate(texts.values()))]
    )
    frame = pl.DataFrame([numbers, *(pl.Series(path, column, dtype=pl.String) for path, column in texts.items())])
    origins = {path: FieldSource(f"Column {path}", f"c{index}") for index, path in enumerate(texts)}
    return Checker(wanted, fields, origins, strict=strict).check(split_list_fields(frame, fields), Batch(cells, marks))


def told(found: Checked, *columns: str) -> list[tuple[Any, ...]]:
    return render_problems(found.problems).select(columns).rows()


def test_one_problem_says_everything() -> None:
    found = checked(
        operation("iclosed"),
        {"firstName": ["Ana", "Maximiliane-Friederike-Luise"], "tag": ["x", "y"], "email": ["a@b.co"] * 2},
    )

    rendered = render_problems(found.problems)
    assert rendered.columns == list(PROBLEM_COLUMNS)
    assert rendered.rows(named=True) == [
        {
            "row": 3,
            "column": "Column firstName",
            "field": "firstName",
            "value": "Maximiliane-Friederike-Luise",
            "severity": "error",
            "code": "max_length",
            "message": "has 28 characters; at most 25 are allowed (3 too many: «ise»)",
            "hint": "enter at most 25 characters",
            "source": "check",
        }
    ]
    assert found.invalid.to_list() == [3]


def test_all_problems_of_a_row_are_told_and_rows_stay_in_order() -> None:
    texts: dict[str, list[str | None]] = {
        "firstName": ["x" * 26, "Bo", "x" * 26],
        "email": ["bad", "a@b.co", None],
        "status": ["Hot", "QUALIFIED", "hot"],
        "joinedTime": ["yesterday", None, "2023-02-29T10:00:00Z"],
    }

    found = checked(operation("iclosed"), texts)

    assert told(found, "row", "field", "code") == [
        (2, "firstName", "max_length"),
        (2, "email", "pattern"),
        (2, "status", "enum"),
        (2, "joinedTime", "pattern"),
        (4, "firstName", "max_length"),
        (4, "", "no_way_to_reach"),
        (4, "status", "enum"),
        (4, "joinedTime", "pattern"),
    ]
    assert sorted(found.invalid.to_list()) == [2, 4]


@pytest.mark.parametrize(
    ("vendor", "path", "value", "code", "message", "hint"),
    [
        ("iclosed", "status", "Hot", "enum", "is not one of POTENTIAL, QUALIFIED, DISQUALIFIED", "use one of POTENTIAL, QUALIFIED, DISQUALIFIED"),
        ("iclosed", "phoneNumber", "+१२३", "pattern", "is not a phone number in the form the vendor takes", "enter digits only, with an optional + in front, for example +15550100001"),
        ("iclosed", "referrerUrl", "example.com", "format", "is not a web address", "enter a whole address that starts with https://"),
        ("clemta", "cc_emails", "a@b.co;x", "format", "contains something that is not an e-mail address", "enter addresses separated by ;"),
        ("iclosed", "tag", "x" * 101, "max_length", "has 101 characters; at most 100 are allowed (1 too many: «x»)", "shorten it; nothing is ever cut off for you"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_put_into_words(
    vendor: str, path: str, value: str, code: str, message: str, hint: str
) -> None:
    required: dict[str, list[str | None]] = {"email": ["a@b.co"]}
    if vendor == "clemta":
        required |= {"type": ["vendor"], "full_name": ["Ana"], "company_id": ["64b8f1a2e4b0c8d9f0123456"]}

    found = checked(operation(vendor), required | {path: [value]})

    assert told(found, "field", "value", "code", "message", "hint") == [(path, value, code, message, hint)]


@pytest.mark.parametrize(
    ("text", "excess"), [("x" * 25 + "yz", "yz"), ("😀" * 13, "😀"), ("😀" * 12 + "xy", "y"), ("é" * 25 + "à", "à")]
)
def test_the_excess_of_a_text_is_shown_even_when_it_has_emoji(text: str, excess: str) -> None:
    ((message,),) = told(checked(operation("iclosed"), {"firstName": [text], "email": ["a@b.co"]}), "message")

    assert f"too many: «{excess}»" in message


def test_required_fields_that_are_blank_are_told_each() -> None:
    texts: dict[str, list[str | None]] = {path: [None, "x"] for path in ("full_name", "company_id", "status")}
    texts |= {"type": ["vendor", None], "email": ["a@b.co", "a@b.co"]}

    assert told(checked(operation("clemta"), texts), "row", "field", "code", "message") == [
        (2, "full_name", "required", "is required and blank"),
        (2, "company_id", "required", "is required and blank"),
        (3, "type", "required", "is required and blank"),
    ]


def test_a_row_without_anything_to_send_has_one_problem() -> None:
    found = checked(operation("iclosed"), {"email": [None], "phoneNumber": [None], "tag": [None]})

    assert told(found, "column", "field", "value", "code") == [("", "", "", "nothing_to_send")]


def test_an_id_alone_changes_nothing_and_a_cleared_field_does() -> None:
    found = checked(operation("cleartalk", "update"), {"id": ["5", "6"], "tag": [None, ""]})

    assert told(found, "row", "code") == [(2, "nothing_to_send")]


def test_advice_warns_and_keeps_no_row_back() -> None:
    found = checked(operation("gomobile"), {"primaryPhone": ["+212600000001", "0600000001"], "firstName": ["A", "Ana"]})

    assert told(found, "row", "field", "severity", "code") == [
        (2, "firstName", "warning", "min_length"),
        (3, "primaryPhone", "warning", "pattern"),
    ]
    assert found.invalid.to_list() == []


def test_strict_turns_advice_into_errors() -> None:
    found = checked(operation("gomobile"), {"primaryPhone": ["0600000001"], "firstName": ["A"]}, strict=True)

    assert told(found, "field", "severity") == [("primaryPhone", "error"), ("firstName", "error")]
    assert found.invalid.to_list() == [2]


@pytest.mark.parametrize(
    ("day", "severity", "code"),
    [
        ("1899-12-31", "warning", "earliest"),
        ("2999-01-01", "warning", "future"),
        ("31/12/1990", "error", "not_a_date"),
    ],
)
def test_a_surprising_day_of_birth_warns_and_no_day_is_an_error(day: str, severity: str, code: str) -> None:
    texts: dict[str, list[str | None]] = {
        field.path: ["x"] for field in operation("cleartalk").fields if not field.open
    }
    texts |= {"email": ["a@b.co"], "phone": ["+15550100001"], "dateOfBirth": [day]}

    assert told(checked(operation("cleartalk"), texts), "field", "severity", "code") == [
        ("dateOfBirth", severity, code)
    ]


def test_the_value_told_is_the_cell_and_not_what_cleaning_made_of_it() -> None:
    wanted = operation("iclosed")
    fields = [field for path in ("status",) if (field := wanted.field(path))]
    cells = pl.DataFrame({"row": [2], "c0": [" hot "]}, schema={"row": pl.UInt32, "c0": pl.String})
    frame = cells.select("row", status=pl.lit("hot"))

    found = Checker(wanted, fields, {"status": FieldSource("Status", "c0")}).check(frame, Batch(cells))

    assert ("Status", " hot ", "enum") in told(found, "column", "value", "code")


def test_a_constant_has_no_column_and_shows_its_own_text() -> None:
    wanted = operation("iclosed")
    fields = [field for path in ("email", "status") if (field := wanted.field(path))]
    cells = pl.DataFrame({"row": [2, 3], "c0": ["a@b.co"] * 2}, schema={"row": pl.UInt32, "c0": pl.String})
    frame = cells.select("row", email="c0", status=pl.lit("Hot"))
    origins = {"email": FieldSource("Email", "c0"), "status": FieldSource("", None, "Hot")}

    found = Checker(wanted, fields, origins).check(frame, Batch(cells))

    assert told(found, "row", "column", "field", "value") == [(2, "", "status", "Hot"), (3, "", "status", "Hot")]


def test_a_clean_batch_has_no_problems() -> None:
    found = checked(operation("iclosed"), {"email": ["a@b.co"], "tag": [None]})

    assert (found.problems.height, found.invalid.len()) == (0, 0)
    assert found.problems.schema == PROBLEM_SCHEMA
    assert render_problems(found.problems).columns == list(PROBLEM_COLUMNS)
