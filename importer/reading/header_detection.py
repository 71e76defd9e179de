"""Where the header is: the first row that is not blank, unless the rows at the top are titles above it."""

from __future__ import annotations

import re
from collections.abc import Sequence

LOOKED_AT = 40
"""Rows at the top of a file that are not blank."""
MOST_TITLES = 15
LONGEST_NAME = 100
SHARE = 0.6
_VALUE = re.compile(r"@|^[-+(]?\d[\d\s./:()+-]*$")
_SOME_VALUE = re.compile(r"[@\d]")

Cells = Sequence[str | None]


def find_header(rows: Sequence[Cells]) -> int:
    """The index of the header among the first rows that are not blank.

    A title has few cells where the header has many. Rows at the top are passed over only for a row of names that has
    at least twice as many texts as any of them, above rows most of which are wider than they are, too.
    """
    filled = [sum(1 for cell in row if cell and cell.strip()) for row in rows]
    widest = max(filled)
    index = next(index for index, count in enumerate(filled) if count >= max(min(2, widest), SHARE * widest))
    if not 0 < index <= MOST_TITLES or 2 * max(filled[:index]) > filled[index]:
        return 0
    below = filled[index + 1 :]
    wider = sum(count > max(filled[:index]) for count in below)
    return index if 2 * wider >= max(len(below), 1) and _names(rows[index], rows[index + 1 :]) else 0


def _names(row: Cells, below: Sequence[Cells]) -> bool:
    """Whether the row's texts could be names of columns, and those below it are of another kind."""
    return could_be_names(row) and any(_SOME_VALUE.search(cell) for other in below for cell in other if cell)


def could_be_names(row: Cells) -> bool:
    """Whether none of the row's texts looks like a value."""
    texts = [cell.strip() for cell in row if cell and cell.strip()]
    return not any(_VALUE.search(text) or len(text) > LONGEST_NAME for text in texts)
