"""result.csv and errors.csv: written batch by batch, in UTF-8 with the mark by which Excel knows it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from importer.records import PROBLEM_COLUMNS

RESULT_COLUMNS = (
    "import_row",
    "import_status",
    "import_id",
    "import_http_status",
    "import_attempts",
    "import_code",
    "import_message",
    "import_sent_at",
)


class CsvFile:
    """A CSV file that grows by frames of the same width."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self._file = path.open("wb")
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(header)
        self._file.write(codecs.BOM_UTF8 + text.getvalue().encode())

    def add(self, frame: pl.DataFrame) -> None:
        """Append the rows of a frame."""
        frame.write_csv(self._file, include_header=False)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def result_frame(decided: pl.DataFrame, cells: pl.DataFrame, own: Sequence[str]) -> pl.DataFrame:
    """The rows of result.csv: the ``import_`` columns, then the file's own cells as they were read."""
    sent = pl.from_epoch((pl.col("sent_at") * 1000).cast(pl.Int64), time_unit="ms")
    ours = decided.select(
        "row", "status", "id", "http_status", "attempts", "code", "message", sent.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    )
    ours = ours.with_columns(pl.col("attempts").fill_null(0), pl.col("code", "message").replace("", None))
    return pl.concat([ours, cells.select(own)], how="horizontal") if own else ours


def errors_frame(problems: pl.DataFrame) -> pl.DataFrame:
    """The lines of errors.csv."""
    return problems.select("row", pl.exclude("row").replace("", None)).select(PROBLEM_COLUMNS)
