"""The columns of the input as reports show them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceColumns:
    """Headers, the unique names by which problems refer to the columns, and the names of their cells in a batch."""

    headers: tuple[str, ...]
    names: tuple[str, ...]
    cells: tuple[str, ...]

    def without(self, added: Collection[str]) -> SourceColumns:
        """Return the columns without those whose headers a report uses for columns of its own."""
        kept = [index for index, header in enumerate(self.headers) if header.strip().lower() not in added]
        return SourceColumns(*(tuple(part[index] for index in kept) for part in (self.headers, self.names, self.cells)))


def columns_of(headers: tuple[str, ...], names: tuple[str, ...]) -> SourceColumns:
    """Return all columns of a file, whose cells are ``c0``, ``c1`` and so on."""
    return SourceColumns(headers, names, tuple(f"c{index}" for index in range(len(headers))))
