"""changes.xlsx: what importing a file would change at the vendor, field by field, and what it has of each row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from importer.model.comparison import Comparison
from importer.reporting.xlsx import SheetWriter, XlsxWriter

ROWS_A_SHEET = 1_000_000
_CHANGES = {"Row": pl.UInt32, **dict.fromkeys(("Contact", "Field", "The vendor has", "The file has"), pl.String)}
_ROWS = {"Row": pl.UInt32, **dict.fromkeys(("The vendor has it", "Contact", "Message"), pl.String)}


def write_changes(comparison: Comparison, path: Path) -> None:
    """Write the workbook: a sheet of the fields that differ, and one of all rows that were compared."""
    book = XlsxWriter()
    changes = [
        (change.row, change.vendor_id, change.field, change.old_text, change.new) for change in comparison.changes
    ]
    rows = [
        (contact.row, str(contact.difference), contact.vendor_id, contact.message) for contact in comparison.contacts
    ]
    try:
        _add(book, "Changes", pl.DataFrame(changes, schema=_CHANGES, orient="row"))
        _add(book, "Rows", pl.DataFrame(rows, schema=_ROWS, orient="row"))
        book.save(path)
    except BaseException:
        book.discard()
        raise


def _add(book: XlsxWriter, title: str, rows: pl.DataFrame) -> None:
    parts: Sequence[pl.DataFrame] = list(rows.iter_slices(ROWS_A_SHEET)) or [rows]
    for number, part in enumerate(parts, 1):
        name = f"{title} {number}" if number > 1 else title
        key = f"{title.lower()}{number}"
        sheet = SheetWriter(book.open_part(f"{key}.xml"), rows.columns)
        sheet.add(part)
        sheet.close()
        book.add_sheet(name, key)
