"""The document's pattern and length come first; a field for dates takes dates, and an address has one alphabet."""

from __future__ import annotations

import polars as pl
import pytest

from importer.checking import Checker, FieldSource
from importer.checking.lookalikes import find_look_alike
from importer.cleaning import CleaningOptions, clean
from importer.model.problem_frame import render_problems
from importer.model.table import Batch
from schemas.dataframe_schema import required_fields
from schemas.registry import load_vendor


def problems_of(vendor: str, path: str, text: str) -> list[tuple[str, str, str]]:
    """Clean and check one cell; return the severity, code and message of each problem of its field."""
    operation = load_vendor(vendor).operations["create"]
    field = operation.field(path)
    assert field is not None
    others = [other for other in required_fields(operation) if other.path != path]
    texts = {other.path: ["x"] for other in others} | {path: [text]}
    frame = pl.DataFrame({"row": pl.Series([2], dtype=pl.UInt32), **texts})
    frame = clean(frame, [field], {path: CleaningOptions(date_order="dmy")}).frame
    checker = Checker(operation, [*others, field], {name: FieldSource(name, None) for name in texts})
    found = render_problems(checker.check(frame, Batch(frame)).problems).filter(pl.col("field") == path)
    return found.select("severity", "code", "message").rows()


LONG_ADDRESS = "a" * 59 + "@" + ".".join(["b" * 63] * 3) + ".com"


@pytest.mark.parametrize(
    ("vendor", "path", "text"),
    [
        ("iclosed", "joinedTime", "2024-01-15T10:00Z"),
        ("iclosed", "email", LONG_ADDRESS),
        ("iclosed", "email", "x" * 70 + "@example.com"),
        ("clemta", "email", "no address"),
        ("clemta", "billing.email", "no address"),
    ],
)
def test_what_the_document_allows_is_sent(vendor: str, path: str, text: str) -> None:
    assert {severity for severity, *_ in problems_of(vendor, path, text)} <= {"warning"}


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("email", "a@example", "pattern"),
        ("email", "a" * 250 + "@example.com", "max_length"),
        ("joinedTime", "2024-01-15 10:00", "pattern"),
        ("joinedTime", "2023-02-29T10:00Z", "pattern"),
        ("referrerUrl", "example.com", "format"),
    ],
)
def test_what_is_documented_is_enforced(path: str, text: str, code: str) -> None:
    assert ("error", code) in [found[:2] for found in problems_of("iclosed", path, text)]


@pytest.mark.parametrize(
    "text",
    [
        "31/02/1990", "00/00/0000", "0000-00-00", "1990", "March 1990", "1990-13-01", "10:30", "TBD", "1990-02-28 10:15",
        "1990-02-28T23:00:00.000Z", "28021990", "19901301", "02/1990", "unknown",
    ],
)  # fmt: skip
def test_what_is_no_day_is_held_where_no_form_is_documented(text: str) -> None:
    assert [found[:2] for found in problems_of("cleartalk", "dateOfBirth", text)] == [("error", "not_a_date")]


@pytest.mark.parametrize(
    "text",
    ["1990-02-28T00:00:00.000Z", "1990-02-28 00:00:00", "19900228", "28.02.1990", "Feb 28, 1990", "28-Feb-90", "1990/2/28", ""],
)  # fmt: skip
def test_a_day_is_a_day_in_any_form_that_leaves_no_doubt(text: str) -> None:
    assert problems_of("cleartalk", "dateOfBirth", text) == []


@pytest.mark.parametrize(
    ("address", "place", "like"),
    [
        ("\u0430na@example.com", 1, "a"), ("ana@ex\u0430mple.com", 7, "a"), ("ana@gma\u0131l.com", 8, "i"), ("\uff41na@example.com", 1, "a"),
        ("an\u200da@example.com", 3, ""), ("o\u2019neil@example.com", 2, "'"), ("ana\uff20example.com", 4, "@"), ("ana@example\u3002com", 12, "."),
        ("ana@example.\u0441\u043em", 13, "c"), ("\u0441\u043e\u0440@example.com", 1, "c"),
    ],
)  # fmt: skip
def test_a_look_alike_character_is_named_with_its_place(address: str, place: int, like: str) -> None:
    found = find_look_alike(address)
    assert found is not None

    assert (found.place, found.like) == (place, like)
    severity, code, message = problems_of("gomobile", "primaryEmail", address)[0]
    assert (severity, code) == ("error", "look_alike_character")
    assert f"U+{ord(address[place - 1]):04X}" in message
    assert f"character {place}," in message


@pytest.mark.parametrize(
    "address",
    ["ana@example.com", "jos\u00e9@example.com", "почта@пример.рф", "ana@ex\u00e4mple.com", "用户@例子.中国", "αγ@παράδειγμα.ελ", "ışık@örnek.com.tr"],
)  # fmt: skip
def test_an_address_in_one_script_has_no_look_alikes(address: str) -> None:
    assert find_look_alike(address) is None


@pytest.mark.parametrize(("text", "proposal"), [("Qualifyed", "did you mean QUALIFIED?"), ("Hot lead", "use one of")])
def test_a_near_choice_is_proposed_and_never_taken(text: str, proposal: str) -> None:
    operation = load_vendor("iclosed").operations["create"]
    field = operation.field("status")
    assert field is not None
    frame = pl.DataFrame({"row": pl.Series([2], dtype=pl.UInt32), "status": [text]})
    checker = Checker(operation, [field], {"status": FieldSource("Status", None)})

    (problem,) = (
        render_problems(checker.check(clean(frame, [field], {}).frame, Batch(frame)).problems)
        .filter(pl.col("field") == "status")
        .iter_rows(named=True)
    )
    assert (problem["severity"], problem["code"]) == ("error", "enum")
    assert proposal in problem["hint"]
