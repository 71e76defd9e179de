"""A set of rows gives what the plain comparison gives, and compares each batch only with the rows in its range."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.run_store.row_set import RowSet

BATCHES = [pl.DataFrame({"row": pl.Series(range(low, low + 100), dtype=pl.UInt32)}) for low in range(2, 1002, 100)]
SETS = st.lists(st.integers(0, 1200))


@given(SETS)
def test_select_and_drop_are_what_the_plain_comparison_gives(rows: list[int]) -> None:
    chosen = RowSet(rows)
    everything = pl.concat(BATCHES)
    inside = pl.col("row").is_in(rows)

    assert pl.concat([chosen.select(batch) for batch in BATCHES]).equals(everything.filter(inside))
    assert pl.concat([chosen.drop(batch) for batch in BATCHES]).equals(everything.filter(~inside))
    assert len(chosen) == len(set(rows))


def test_a_batch_need_not_be_in_order() -> None:
    batch = pl.DataFrame({"row": pl.Series([9, 3, 7], dtype=pl.UInt32)})

    assert RowSet([3, 9]).drop(batch)["row"].to_list() == [7]


@given(SETS)
def test_all_batches_together_are_compared_with_each_row_once(rows: list[int]) -> None:
    chosen = RowSet(rows)

    assert sum(chosen.within(batch).len() for batch in BATCHES) <= len(chosen)


@pytest.mark.parametrize("rows", [[], [5000]])
def test_a_batch_without_rows_of_the_set_is_not_copied(rows: list[int]) -> None:
    assert RowSet(rows).drop(BATCHES[0]) is BATCHES[0]
