"""Where the header is: the first row that is not blank, unless the rows at the top are titles above it."""

from __future__ import annotations

import re
from collections.abc import Sequence

LOOKED_AT = 40
"""Rows at the top of a file that are not blank."""
LONGEST_NAME = 100
SHARE = 0.6
_VALUE = re.compile(r"@|^[-+(]?\d[\d\s./:()+-]*$")
_SOME_VALUE = re.compile(r"[@\d]")

Cells = Sequence[str | None]


def find_header(rows: Sequence[Cells]) -> int:
    """The index of the header among the first rows that are not blank.

    A title has few cells where the header has many: it is passed over only for a row that has at least twice as many
    texts and nearly as many as the widest, none of which looks like a value, above rows in which something does.
    """
    filled = [sum(1 for cell in row if cell and cell.strip()) for row in rows]
    widest = max(filled)
    for index, count in enumerate(filled):
        if count >= max(2, SHARE * widest):
            if index and all(2 * above <= count for above in filled[:index]) and _names(rows[index], rows[index + 1 :]):
                return index
            break
    return 0


def _names(row: Cells, below: Sequence[Cells]) -> bool:
    texts = [cell.strip() for cell in row if cell and cell.strip()]
    if any(_VALUE.search(text) or len(text) > LONGEST_NAME for text in texts):
        return False
    values = [cell for other in below for cell in other if cell and cell.strip()]
    return not values or any(_SOME_VALUE.search(value) for value in values)
