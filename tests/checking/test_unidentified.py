"""A row that holds nothing of its own, or nothing that identifies a contact, is held."""

from __future__ import annotations

import polars as pl

from importer.checking import FieldSource, Unidentified
from schemas.contract import Operation
from schemas.registry import load_vendor

SOURCES = {
    "firstName": FieldSource("Name", "c0"),
    "email": FieldSource("E-mail", "c1"),
    "country": FieldSource("Country", "c2"),
    "tag": FieldSource("", None, "spring"),
}


def found(fields: dict[str, list[str | None]], defaults: tuple[str, ...] = ()) -> list[tuple[int, str]]:
    create: Operation = load_vendor("iclosed").operations["create"]
    height = len(next(iter(fields.values())))
    numbers = pl.Series("row", range(2, 2 + height), dtype=pl.UInt32)
    cells = pl.DataFrame(
        [numbers, *(pl.Series(f"c{nth}", texts, dtype=pl.String) for nth, texts in enumerate(fields.values()))]
    )
    tag = pl.Series("tag", ["spring"] * height)
    frame = pl.DataFrame([numbers, *(pl.Series(path, texts, dtype=pl.String) for path, texts in fields.items()), tag])
    frame = frame.with_columns(pl.col(path).fill_null("XX") for path in defaults)
    mapped = [field for field in create.fields if field.path in SOURCES]
    problems = Unidentified(create, mapped, SOURCES, defaults).find(frame, cells)
    return problems.select("row", "code").rows()


def test_a_name_or_an_address_identifies_a_contact() -> None:
    assert found({"firstName": ["Ana", None], "email": [None, "b@example.com"], "country": [None, None]}) == []


def test_a_constant_is_nothing_of_the_rows_own() -> None:
    assert found({"firstName": [None], "email": [None], "country": [None]}) == [(2, "only_constants")]


def test_a_country_alone_is_nobody() -> None:
    assert found({"firstName": ["Ana", None], "email": [None, None], "country": ["US", "US"]}) == [(3, "unidentified")]


def test_a_default_of_a_mapping_file_is_nothing_of_the_rows_own() -> None:
    blank = {"firstName": [None], "email": [None], "country": [None]}

    assert found(blank, defaults=("firstName", "country")) == [(2, "only_constants")]
