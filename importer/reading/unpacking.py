"""Limits for packed files: what unpacks to more than any list of contacts is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence

from importer.errors import FileError
from importer.model.catalogue import N_

LARGEST_UNPACKED_BYTES = 1 << 32
"""Limit of what a file may unpack to: several times the largest list of contacts."""
SUSPECT_BYTES, LARGEST_PACKING_RATIO = 1 << 28, 300
"""No list of contacts is larger than this and packed more tightly than this."""


def is_bomb(unpacked: int, packed: int) -> bool:
    """Return True if this many bytes must not be unpacked from so many."""
    return unpacked > LARGEST_UNPACKED_BYTES or unpacked > max(SUSPECT_BYTES, LARGEST_PACKING_RATIO * packed)


def reject_bomb(shown: str, parts: Sequence[zipfile.ZipInfo]) -> None:
    """Raise FileError if the parts of a zip file must not be unpacked. ``shown`` is the file's name."""
    size = sum(part.file_size for part in parts)
    if size > LARGEST_UNPACKED_BYTES or any(is_bomb(part.file_size, part.compress_size) for part in parts):
        raise bomb_error(shown, size)


def bomb_error(shown: str, size: int) -> FileError:
    """Return the error for a file that unpacks to this many bytes or more."""
    return FileError.said(
        N_(
            "%(file)s: would unpack to %(size)s GB, which no list of contacts does; it is damaged or made to do "
            "harm. If you trust it, save the sheet as CSV and import that"
        ),
        file=shown,
        size=f"{size / 1000000000.0:.1f}",
    )
