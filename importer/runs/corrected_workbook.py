"""An errors.xlsx that comes back while its file is still being corrected: the cells that somebody changed in it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.reading import Source
from importer.reimport import detect, restore_rows
from importer.reimport.original_cells import restore_original_text
from importer.run_store.spool import Spool
from importer.settings import Settings
from schemas.contract import Operation, Vendor


def corrected_cells(
    source: Source, spool: Spool, columns: Sequence[str], vendor: Vendor, operation: Operation, settings: Settings
) -> dict[tuple[int, int], str]:
    """Return the text of each cell that differs from the checked file's own, by row and column.

    What only a spreadsheet program has rewritten (``1.20E+10`` for a phone number) is no difference. Rows that the file
    does not have count for nothing. Raises FileError for anything but an errors.xlsx of a file with these columns.
    """
    found = detect(source, vendor, settings.state_dir)
    if found is None or found.plan is None or list(found.plan["columns"]) != list(columns):
        raise FileError.said(
            N_("%(file)s: is not the errors.xlsx of this file; download it here, correct it, and upload it again"),
            file=source.ref.name,
        )
    restored = restore_rows(source.open(found.read_options(settings)), found, operation, settings)
    batches = list(restored.table.batches()) if restored is not None else []
    if not batches:
        return {}
    cells = [f"c{index}" for index in range(len(columns))]
    frame = pl.concat([batch.frame.select("row", *cells) for batch in batches])
    own = spool.rows(frame["row"]).select("row", *cells)
    frame = frame.filter(pl.col("row").is_in(own["row"].implode()))
    now = restore_original_text(frame, spool, len(columns))
    changed: dict[tuple[int, int], str] = {}
    for index, cell in enumerate(cells):
        pairs = now.select("row", new=pl.col(cell).fill_null("")).join(own.select("row", cell), on="row")
        differ = pairs.filter(pl.col("new") != pl.col(cell).fill_null(""))
        changed |= {(row, index): text for row, text in differ.select("row", "new").iter_rows()}
    return changed
