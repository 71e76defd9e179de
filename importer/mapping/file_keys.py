"""The keys of a mapping file that concern the whole file: which rows are sent, and how the file is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

from importer.errors import MappingError
from importer.mapping.toml_text import quote
from importer.settings import DateOrder

MOST_LAST_ROWS = 100
_RANGE = re.compile(r"^\s*(\d{1,9})?\s*-\s*(\d{1,9})?\s*$|^\s*(\d{1,9})\s*$")


@dataclass(frozen=True, slots=True)
class FileKeys:
    """The keys of a mapping file that concern the whole file, under their own names; None where one is left out.

    ``suppress`` are paths, absolute once they are read.
    """

    where: str | None = None
    suppress: tuple[str, ...] = ()
    rows: str | None = None
    skip_last: int | None = None
    region: str | None = None
    timezone: str | None = None
    date_order: DateOrder | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header_row: int | None = None

    def lines(self) -> Iterator[str]:
        """Yield the keys as lines of a mapping file."""
        for entry in fields(self):
            value = getattr(self, entry.name)
            if isinstance(value, int):
                yield f"{entry.name} = {value}"
            elif isinstance(value, tuple) and value:
                yield f"{entry.name} = [{', '.join(map(quote, value))}]"
            elif isinstance(value, str):
                yield f"{entry.name} = {quote(value)}"


FILE_KEYS = tuple(entry.name for entry in fields(FileKeys))
NO_KEYS = FileKeys()
_TEXTS = ("where", "rows", "region", "timezone", "date_order", "encoding", "delimiter")


def take_file_keys(content: dict[str, Any], option: str, folder: Path) -> FileKeys:
    """Take these keys out of a mapping file's content, and return them. Raises MappingError.

    A table is a field: ``timezone = { column = "Zone" }`` is for a vendor whose field has that name.
    """
    found = {name: content.pop(name) for name in FILE_KEYS if name in content and not isinstance(content[name], dict)}
    for name in _TEXTS:
        if name in found and not (isinstance(found[name], str) and found[name].strip(" ")):
            raise MappingError(f"{option}: {name} must be text, such as {name} = {quote(_EXAMPLES[name])}")
    for name, most in (("skip_last", MOST_LAST_ROWS), ("header_row", 1_000_000)):
        if name in found and not (type(found[name]) is int and 1 <= found[name] <= most):
            raise MappingError(f"{option}: {name} must be a number from 1 to {most:,}, such as {name} = 2")
    if "rows" in found:
        parse_row_ranges(found["rows"], f"{option}: rows")
    if found.get("date_order", "dmy") not in get_args(DateOrder):
        raise MappingError(f"{option}: date_order must be one of {', '.join(get_args(DateOrder))}")
    if "sheet" in found:
        if type(found["sheet"]) not in (int, str):
            raise MappingError(f'{option}: sheet must be a name or a number, such as sheet = "Leads"')
        found["sheet"] = str(found["sheet"])
    if "suppress" in found:
        found["suppress"] = _read_paths(found["suppress"], option, folder)
    return FileKeys(**found)


_EXAMPLES = {
    "where": "Status = 'Active'", "rows": "8-200", "region": "MA", "timezone": "Africa/Casablanca",
    "date_order": "dmy", "encoding": "cp1252", "delimiter": ";",
}  # fmt: skip


def _read_paths(value: Any, option: str, folder: Path) -> tuple[str, ...]:
    """Return the paths, which are relative to the mapping file's folder."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise MappingError(f'{option}: suppress must be a list of files, such as suppress = ["optouts.csv"]')
    return tuple(str(folder.absolute() / Path(name).expanduser()) for name in names)


def parse_row_ranges(text: str, place: str) -> tuple[tuple[int, int | None], ...]:
    """Return the first and the last row of each range: ``8-200, 300-`` → (8, 200), (300, None). Raises MappingError."""
    ranges = []
    for part in text.split(","):
        found = _RANGE.match(part)
        first, last, one = found.groups("") if found else ("", "", "")
        begin, end = int(first or one or 1), int(last or one) if last or one else None
        if not (first or last or one) or begin < 1 or (end is not None and end < begin):
            raise MappingError(
                f"{place} {text!r} is no range of rows; write 8-200, 8- (from row 8 on) or 2-90, 95-200, "
                "with the numbers that a spreadsheet program shows"
            )
        ranges.append((begin, end))
    return tuple(ranges)
