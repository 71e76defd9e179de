"""A file → Table: text cells, nothing inferred, and the row numbers that a spreadsheet program shows."""

from __future__ import annotations

from importer.reading.file_types import TEXT_SUFFIXES, WORKBOOK_SUFFIXES, reject_unsupported
from importer.reading.open_table import prefetching, read_table

__all__ = ["TEXT_SUFFIXES", "WORKBOOK_SUFFIXES", "prefetching", "read_table", "reject_unsupported"]
