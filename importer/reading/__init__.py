"""Reads a source into a Table: text cells, nothing inferred, and the row numbers that a spreadsheet program shows."""

from __future__ import annotations

from importer.reading.file_types import reject_unsupported
from importer.reading.read_options import ReadOptions
from importer.reading.sources import SUFFIXES, Source, as_source, prefetched_source, read_table, source_for
from importer.reading.table_totals import find_totals_rows

__all__ = [
    "SUFFIXES", "ReadOptions", "Source",
    "as_source", "find_totals_rows", "prefetched_source", "read_table", "reject_unsupported", "source_for",
]  # fmt: skip
