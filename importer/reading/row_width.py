"""Checks by counting that every record of a CSV file has as many cells as its header."""

from __future__ import annotations

import codecs
from pathlib import Path

import polars as pl

from importer.reading.table_layout import cell_names

PIECE_BYTES = 1 << 20
LINE_END, BLANK_LINE, BLANK_CRLF = b"\n", b"\n\n", b"\n\r\n"


def is_rectangular(path: Path, delimiter: str, width: int) -> bool:
    """Return True if all records have ``width`` cells. May be False for a file with blank lines, which costs only time.

    polars fills short rows with nulls without saying so. Therefore the delimiters are counted: all in the file, less
    those within cells, must be one less than the width for each record.
    """
    sign, quoted = delimiter.encode(), False
    delimiters = lines = blank = 0
    last = b"\n"
    with path.open("rb") as file:
        file.seek(len(codecs.BOM_UTF8) if file.read(3) == codecs.BOM_UTF8 else 0)
        while piece := file.read(PIECE_BYTES):
            delimiters += piece.count(sign)
            lines += piece.count(LINE_END)
            blank += piece.count(BLANK_LINE) + ((last[-1:] + piece[:1]) == b"\n\n")
            if b"\r" in piece:
                blank += piece.count(BLANK_CRLF) + (last[-2:] + piece[:2]).count(BLANK_CRLF)
            quoted = quoted or b'"' in piece
            last = piece[-3:]
    if not quoted:
        records = lines + (not last.endswith(b"\n")) - blank
        return delimiters == records * (width - 1)
    records, blank, within = _count_with_polars(path, delimiter, width)
    return not blank and delimiters == records * (width - 1) + within


def _count_with_polars(path: Path, delimiter: str, width: int) -> tuple[int, int, int]:
    """Count the records, the records without any text, and the delimiters within cells, as polars parses them.

    A record without text may be a blank line or a line of delimiters, so that counting proves nothing.
    """
    names = cell_names(width)
    scan = pl.scan_csv(path, has_header=False, schema=dict.fromkeys(names, pl.String), separator=delimiter)
    counted = scan.select(
        pl.len().cast(pl.Int64).alias("records"),
        pl.all_horizontal(pl.all().is_null()).sum().cast(pl.Int64).alias("blank"),
        pl.sum_horizontal(
            pl.col(name).str.count_matches(delimiter, literal=True).cast(pl.Int64).sum() for name in names
        ).alias("within"),
    )
    try:
        return counted.collect(engine="streaming").row(0)
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError, pl.exceptions.NoDataError):
        return 0, 1, 0
