"""A file → Table: text cells, nothing inferred, and the row numbers that a spreadsheet program shows."""

from __future__ import annotations

from pathlib import Path

from importer.errors import FileError
from importer.records import Table
from importer.settings import Settings

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def read_table(path: Path, settings: Settings) -> Table:
    """Open a CSV file or a workbook. Raises FileError, naming the file and what to do about it."""
    suffix = path.suffix.lower()
    if not path.exists():
        raise FileError(f"{path}: there is no such file")
    if path.is_dir():
        raise FileError(f"{path}: is a folder; name the file in it")
    if suffix not in TEXT_SUFFIXES + WORKBOOK_SUFFIXES:
        raise FileError(
            f"{path}: a name ending in {suffix or 'nothing'} is neither CSV ({', '.join(TEXT_SUFFIXES)}) "
            f"nor a workbook ({', '.join(WORKBOOK_SUFFIXES)}); save it as one of these"
        )
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise FileError(f"{path}: cannot be opened: {error.strerror}") from error
    if not start:
        raise FileError(f"{path}: is empty")
    if suffix in WORKBOOK_SUFFIXES:
        from importer.reading.workbook import read_workbook

        return read_workbook(path, start, settings)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FileError(f"{path}: is a workbook although its name says {suffix}; rename it to .xlsx")
    from importer.reading.csv_file import read_csv

    return read_csv(path, settings)
