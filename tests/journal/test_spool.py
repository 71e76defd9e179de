"""Twins: rows with exactly the same fields as an earlier row."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from importer.journal.spool import Spool, find_twins


def spooled(folder: Path, *batches: pl.DataFrame) -> Spool:
    spool = Spool(folder)
    for batch in batches:
        nothing = pl.Series("row", [], dtype=pl.UInt32)
        spool.add(batch.select(pl.col("row").cast(pl.UInt32)), batch.drop("row"), nothing, pl.DataFrame())
    spool.finish({})
    return spool


def test_twins_are_found_across_batches_and_name_the_first(tmp_path: Path) -> None:
    spool = spooled(
        tmp_path, pl.DataFrame({"row": [2, 3], "email": ["a", "b"]}), pl.DataFrame({"row": [4, 5], "email": ["a", "a"]})
    )

    assert find_twins(spool).rows() == [(4, 2), (5, 2)]


def test_a_blank_and_an_empty_text_are_not_the_same(tmp_path: Path) -> None:
    spool = spooled(tmp_path, pl.DataFrame({"row": [2, 3, 4], "email": ["", None, None]}))

    assert find_twins(spool).rows() == [(4, 3)]


def test_lists_are_compared_entry_by_entry(tmp_path: Path) -> None:
    cells = pl.Series("cc", [["a", "b"], ["ab"], ["a", "b"], None], dtype=pl.List(pl.String))

    assert find_twins(spooled(tmp_path, pl.DataFrame({"row": [2, 3, 4, 5], "cc": cells}))).rows() == [(4, 2)]


def test_nothing_is_a_twin_of_nothing(tmp_path: Path) -> None:
    assert find_twins(spooled(tmp_path)).height == 0
