"""Twins: rows with exactly the same fields as an earlier row."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from importer.errors import JournalUnavailableError
from importer.run_store.duplicates import find_duplicates
from importer.run_store.spool import Spool


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

    assert find_duplicates(spool).rows() == [(4, 2), (5, 2)]


def test_a_blank_and_an_empty_text_are_not_the_same(tmp_path: Path) -> None:
    spool = spooled(tmp_path, pl.DataFrame({"row": [2, 3, 4], "email": ["", None, None]}))

    assert find_duplicates(spool).rows() == [(4, 3)]


def test_lists_are_compared_entry_by_entry(tmp_path: Path) -> None:
    cells = pl.Series("cc", [["a", "b"], ["ab"], ["a", "b"], None], dtype=pl.List(pl.String))

    assert find_duplicates(spooled(tmp_path, pl.DataFrame({"row": [2, 3, 4, 5], "cc": cells}))).rows() == [(4, 2)]


def test_nothing_is_a_twin_of_nothing(tmp_path: Path) -> None:
    assert find_duplicates(spooled(tmp_path)).height == 0


CELLS = pl.DataFrame({"row": [2, 3], "c0": ["a", None], "c1": ["b", "c"], "c2": ["b", "c"]}).with_columns(
    pl.col("row").cast(pl.UInt32)
)
FIELDS = pl.DataFrame(
    {"tag": ["B", "c"], "email": ["b", "c"], "name": ["a", None], "copy": ["b", "c"], "c9=f:x": ["", "y"]}
)


def test_cells_and_fields_come_back_as_they_were_in_the_same_order(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        for _ in range(3):
            spool.add(CELLS, FIELDS, pl.Series("row", [3], dtype=pl.UInt32), pl.DataFrame())
    spool.finish({})

    for rows, problems in spool.batches():
        assert problems is None
        assert rows.drop("valid").equals(CELLS)
        assert rows["valid"].to_list() == [True, False]
    assert [frame.drop("row").equals(FIELDS.head(1)) for frame in spool.fields()] == [True] * 3
    assert [frame["name"].to_list() for frame in spool.columns("name")] == [["a"]] * 3
    assert spool.rows(pl.Series([2], dtype=pl.UInt32)).equals(pl.concat([CELLS.head(1)] * 3))


def test_what_cannot_be_written_is_told_at_the_latest_when_all_is_added(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailableError), Spool(tmp_path / "nowhere") as spool:
        spool.add(CELLS, FIELDS, pl.Series("row", [], dtype=pl.UInt32), pl.DataFrame())
