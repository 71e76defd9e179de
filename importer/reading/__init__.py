"""A file → Table: text cells, nothing inferred, and the row numbers that a spreadsheet program shows."""

from __future__ import annotations

from importer.reading.file_types import TEXT_SUFFIXES, WORKBOOK_SUFFIXES, refuse_strangers
from importer.reading.open_table import read_table, reading_ahead

__all__ = ["TEXT_SUFFIXES", "WORKBOOK_SUFFIXES", "read_table", "reading_ahead", "refuse_strangers"]
