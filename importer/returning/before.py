"""What the first run knew of rows that come back: their cells, and what reading saw of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from importer.journal.spool import Spool
from importer.records import Mark
from importer.returning.resaved import is_resaved
from importer.standing import CODES


def unmended(frame: pl.DataFrame, spool: Spool, places: Mapping[int, int], headers: Sequence[str]) -> Iterator[Mark]:
    """What reading saw of these rows, where their texts are as they were. ``places`` has the columns, then and now."""
    seen = _seen(spool, frame["row"])
    if not seen.height:
        return
    then, now = list(places), list(places.values())
    before = _texts(spool.rows(seen["row"]), then)
    after = _texts(frame.filter(pl.col("row").is_in(seen["row"].implode())), now)
    for row, header, code, value, message in seen.iter_rows():
        column = next((index for index in then if header and headers[index] == header), None)
        about = range(len(then)) if column is None else [then.index(column)]
        if all(before[row][place] == after[row][place] for place in about):
            yield Mark(row, None if column is None else places[column], code, value, "" if header else message)


def _seen(spool: Spool, rows: pl.Series) -> pl.DataFrame:
    """Problems of these rows that their texts do not show."""
    parts = [problems for _, problems in spool.batches() if problems is not None]
    wanted = ("row", "column", "code", "value", "message")
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
    stands = pl.col("row").is_in(rows.implode()) & pl.col("code").is_in(CODES) & (pl.col("severity") == "error")
    return pl.concat([part.filter(stands).select(wanted) for part in parts]).unique(maintain_order=True)


def _texts(frame: pl.DataFrame, columns: Sequence[int]) -> dict[int, list[str]]:
    cells = frame.select("row", *(pl.col(f"c{index}").fill_null("").alias(f"{index}") for index in columns))
    return {row: texts for row, *texts in cells.iter_rows()}


def made_whole(frame: pl.DataFrame, spool: Spool, places: Mapping[int, int]) -> pl.DataFrame:
    """The frame with the first texts of the cells that a spreadsheet program has changed by itself."""
    then = frame.select("row").join(spool.rows(frame["row"]), on="row", how="left", maintain_order="left")
    return frame.with_columns(
        _first_texts(frame[f"c{now}"], then[f"c{before}"]).alias(f"c{now}") for before, now in places.items()
    )


def _first_texts(texts: pl.Series, first: pl.Series) -> pl.Series:
    pairs = pl.DataFrame({"now": texts, "first": first})
    differ = pairs.filter(pl.col("now") != pl.col("first")).unique()
    same = [(now, before, True) for now, before in differ.iter_rows() if is_resaved(before, now)]
    if not same:
        return texts
    again = pl.DataFrame(same, schema=["now", "first", "again"], orient="row")
    found = pairs.join(again, on=["now", "first"], how="left", maintain_order="left")
    return found.select(pl.when(pl.col("again")).then("first").otherwise("now")).to_series()
