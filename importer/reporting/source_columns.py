"""The file's columns as reports show them: header, name where the header is not enough, cell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Columns:
    """Headers, the names that problems know the columns by (one each), and the names of their cells in a batch."""

    headers: tuple[str, ...]
    names: tuple[str, ...]
    cells: tuple[str, ...]

    def without(self, added: Collection[str]) -> Columns:
        """All but those that a report adds under the same names."""
        own = [place for place, header in enumerate(self.headers) if header.strip().lower() not in added]
        return Columns(*(tuple(part[place] for place in own) for part in (self.headers, self.names, self.cells)))


def columns_of(headers: tuple[str, ...], names: tuple[str, ...]) -> Columns:
    """All columns of a file."""
    return Columns(headers, names, tuple(f"c{index}" for index in range(len(headers))))
