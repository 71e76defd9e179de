"""Zeros in front that a spreadsheet dropped are seen beside the codes that still have theirs."""

from __future__ import annotations

import polars as pl
import pytest

from importer.checking import Checker, FieldSource
from importer.model.problem_frame import render_problems
from importer.model.table import Batch
from schemas.registry import load_vendor


def warned(path: str, codes: list[str | None], vendor: str = "gomobile") -> list[tuple[int, str]]:
    operation = load_vendor(vendor).operations["create"]
    field = operation.field(path)
    assert field is not None
    others = [known for known in operation.fields if known.required and known.path != path]
    rows = pl.Series("row", range(2, 2 + len(codes)), dtype=pl.UInt32)
    cells = pl.DataFrame([rows, pl.Series("c0", codes, dtype=pl.String)])
    frame = cells.rename({"c0": path}).with_columns(pl.lit("x").alias(known.path) for known in others)
    checked = Checker(operation, [field, *others], {path: FieldSource("Code", "c0")}).check(frame, Batch(cells))
    found = render_problems(checked.problems).filter(pl.col("code") == "leading_zeros_lost")
    assert set(found["severity"]) <= {"warning"}
    return list(found.select("row", "message").rows())


def test_a_short_code_among_codes_of_one_length_is_named_with_both_lengths() -> None:
    assert warned("zip", ["02139", "2139", "10001", "90210-1234", None, "60601"]) == [
        (3, "has 4 digits where the column's other codes have 5: a spreadsheet may have dropped a zero in front of it")
    ]


@pytest.mark.parametrize(
    "codes",
    [
        ["1010", "8001", "3000", "75001", "10115", "20095"],
        ["10001", "2139"],
        ["SW1A 1AA", "2139", "10001", "60601"],
        ["10001", "60601", "90210"],
    ],
)
def test_codes_of_several_lengths_or_too_few_of_them_prove_nothing(codes: list[str | None]) -> None:
    assert warned("zip", codes) == []


def test_ids_and_phones_count_only_where_zeros_are_seen() -> None:
    assert warned("billing.tax_id", ["998", "1001", "1002", "1003"], "clemta") == []
    assert [row for row, _ in warned("billing.tax_id", ["0998", "0999", "01000"[:4], "997"], "clemta")] == [5]
