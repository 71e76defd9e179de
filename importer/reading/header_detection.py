"""Finds the header: the first row that is not blank, unless the rows at the top are titles above it.

A title is recognised by its width alone, and with caution: taking titles for data costs an error message, but taking
data for titles would lose rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from importer.model.contact_headers import CONTACT_HEADERS

HEADER_SEARCH_ROWS = 40
"""Rows that are searched for the header, without blank ones."""
MOST_TITLES = 15
LONGEST_NAME_CHARACTERS = 100
HEADER_WIDTH_SHARE = 0.6
"""The least width of a header, as a share of the widest row's."""
MOST_ROWS_OF_A_HEAD = 3
"""The rows of a small table above the contacts, its header included: a webinar's, with its name and its time."""
LEAST_CONTACT_NAMES = 2
_CONTACT_HEADERS = frozenset(CONTACT_HEADERS)
_VALUE = re.compile(r"@|^[-+(]?\d[\d\s./:()+-]*$")
_SOME_VALUE = re.compile(r"[@\d]")

RowTexts = Sequence[str | None]


def find_header(rows: Sequence[RowTexts]) -> int:
    """Return the index of the header among the first rows that are not blank.

    A title has few cells, a header many. Rows at the top are skipped only if the header has at least twice as many
    texts as any of them, and if most rows below it are wider than they are.

    A report may begin with a small table about itself. Then the header is the one that names a contact's columns.
    """
    index = _find_by_width(rows)
    if _count_contact_names(rows[index]):
        return index
    for later in range(index + 1, min(index + MOST_ROWS_OF_A_HEAD + 2, len(rows))):
        head = rows[index:later]
        if _count_contact_names(rows[later]) >= LEAST_CONTACT_NAMES and _is_header(rows[later], rows[later + 1 :]):
            return index if any(cell and "@" in cell for row in head for cell in row) else later
    return index


def _count_contact_names(row: RowTexts) -> int:
    return sum(1 for cell in row if cell and cell.strip() in _CONTACT_HEADERS)


def _find_by_width(rows: Sequence[RowTexts]) -> int:
    filled = [sum(1 for cell in row if cell and cell.strip()) for row in rows]
    widest = max(filled)
    index = next(
        index for index, count in enumerate(filled) if count >= max(min(2, widest), HEADER_WIDTH_SHARE * widest)
    )
    if not 0 < index <= MOST_TITLES or 2 * max(filled[:index]) > filled[index]:
        return 0
    below = filled[index + 1 :]
    wider = sum(count > max(filled[:index]) for count in below)
    return index if 2 * wider >= max(len(below), 1) and _is_header(rows[index], rows[index + 1 :]) else 0


def _is_header(row: RowTexts, below: Sequence[RowTexts]) -> bool:
    """Return True if the row's texts could be names of columns, and the rows below have values."""
    return could_be_names(row) and any(_SOME_VALUE.search(cell) for other in below for cell in other if cell)


def could_be_names(row: RowTexts) -> bool:
    """Return True if none of the row's texts looks like a value."""
    texts = [cell.strip() for cell in row if cell and cell.strip()]
    return not any(_VALUE.search(text) or len(text) > LONGEST_NAME_CHARACTERS for text in texts)
