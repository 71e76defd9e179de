"""The only module that calls calamine (through fastexcel). It turns every error and panic into a FileError."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import fastexcel

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.reading.transcode import copy_of_unprintable
from importer.reading.xlsx_extent import prepare_xlsx

if TYPE_CHECKING:
    from importer.reading.sheet_cells import SheetCells

for _name in ("fastexcel", "calamine"):
    logging.getLogger(_name).setLevel(logging.ERROR)  # their warnings say nothing that a user could act on
DATA_SEARCH_ROWS = 20


class Workbook:
    """An open workbook. ``content`` is the path of the file that is read: the workbook itself or a copy of it."""

    def __init__(self, path: Path) -> None:
        """Open a workbook. Raises FileError if it is none."""
        self._path = path
        self._prepared = prepare_xlsx(path) if path.suffix.lower() in (".xlsx", ".xlsm") else None
        self._copy = self._prepared.copy if self._prepared else copy_of_unprintable(path)
        self.content = self._copy.path if self._copy else path
        with self._translate_errors(N_("cannot be read as a workbook")):
            self._reader = fastexcel.read_excel(self.content)
        self.names: list[str] = self._reader.sheet_names

    def sheets_with_data(self) -> Iterator[tuple[str, bool, int, list[tuple[str | None, ...]]]]:
        """Yield the names of the sheets that have data, True for a visible one, the numbers of rows, the first rows.

        A sheet that cannot be read, such as a chart, counts as one without data.
        """
        import polars as pl  # not at the top: the workbook is opened before polars is imported

        for name in self.names:
            with contextlib.suppress(FileError), self._translate_errors(N_("cannot be read")):
                sheet = self._reader.load_sheet(name, header_row=None, n_rows=DATA_SEARCH_ROWS, dtypes="string")
                if sheet.height:
                    yield name, sheet.visible == "visible", sheet.total_height, pl.DataFrame(sheet).rows()

    def notes(self, name: str) -> tuple[str, ...]:
        """Return notes for the user about what of a sheet is not read."""
        far = self._prepared.far_cells.get(name) if self._prepared else None
        return (far.note(),) if far and far.count else ()

    def read_cells(self, name: str) -> SheetCells:
        """Return the cells of a sheet. Raises FileError."""
        import polars as pl  # not at the top: the workbook is opened before polars is imported

        from importer.reading.sheet_cells import SheetCells

        with self._translate_errors(N_("cannot be read"), f": {name!r}"):
            loaded = self._reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            if not loaded.height:
                raise FileError.said(N_("%(file)s: the sheet %(sheet)s is empty"), file=self._path, sheet=repr(name))
            first = loaded.available_columns()[0].absolute_index
            frame = pl.DataFrame(loaded)
        frame.columns = [f"c{index}" for index in range(frame.width)]
        return SheetCells(frame, first)

    @contextlib.contextmanager
    def _translate_errors(self, trouble: str, sheet: str = "") -> Iterator[None]:
        try:
            yield
        except fastexcel.FastExcelError as error:
            message = str(error).splitlines()[0]
            if "password" in message.lower() or "encrypt" in message.lower():
                raise FileError.said(
                    N_("%(file)s: is protected by a password; save it without one"), file=f"{self._path}{sheet}"
                ) from error
            if "cell limit" in str(error).lower():
                raise FileError.said(
                    N_("%(file)s: %(trouble_text)s: its cells lie too far apart; copy the table to a sheet of its own"),
                    file=f"{self._path}{sheet}",
                    trouble_text=trouble,
                ) from error
            raise FileError.said(
                N_("%(file)s: %(trouble_text)s (%(message)s); open it in a spreadsheet program and save it again"),
                file=f"{self._path}{sheet}",
                trouble_text=trouble,
                message=message,
            ) from error
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # Rust's panics are no Exception
                raise
            raise FileError.said(
                N_("%(file)s: %(trouble_text)s (it is damaged); open it in a spreadsheet program and save it again"),
                file=f"{self._path}{sheet}",
                trouble_text=trouble,
            ) from None
