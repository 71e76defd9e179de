"""Remembers in a report the problems that no text shows, such as cells beyond the header, until the text changes.

What reading found in a file is lost when its rows come back in one of our reports. So the report remembers it: the
problem, its cell, and a digest of the text. For a problem of a whole row, cells with problems of their own do not
count: to correct those says nothing about the others. A digest is enough, and necessary: a check keeps no rows to
compare with.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence

import polars as pl

from importer.model.problem import codes_of

REMEMBERED = codes_of("survives_reimport")
_ENTRY = re.compile(r"([a-z_]+)(?:@(\d+))?(?:-([\d,]+))?#([0-9a-f]+)")


def encode_unresolved(problems: pl.DataFrame, rows: pl.DataFrame, headers: Sequence[str]) -> dict[int, str]:
    """Return, by row, the problems to remember, for ``decode_unresolved``. ``rows`` has ``row`` and the cells."""
    bad = problems.filter(pl.col("severity") == "error").select("row", "column", "code").unique(maintain_order=True)
    seen = bad.filter(pl.col("code").is_in(REMEMBERED))
    if not seen.height:
        return {}
    cells = {row: texts for row, *texts in rows.filter(pl.col("row").is_in(seen["row"].implode())).iter_rows()}
    places = {header: place for place, header in reversed(list(enumerate(headers)))}
    own: dict[int, set[int]] = {row: set() for row in cells}
    for row, header, _ in bad.filter(pl.col("row").is_in(seen["row"].implode())).iter_rows():
        own[row] |= {places[header]} if header in places else set()
    found: dict[int, str] = {}
    for row, header, code in seen.iter_rows():
        place = places.get(header) if header else None
        left_out = sorted(own[row]) if place is None else []
        where = "" if place is None else f"@{place}"
        where += f"-{','.join(map(str, left_out))}" if left_out else ""
        found[row] = f"{found.get(row, '')} {code}{where}#{_digest(_about(cells[row], place, left_out))}"
    return found


def decode_unresolved(text: str, cells: Sequence[str | None]) -> Iterator[tuple[str, int | None]]:
    """Yield the remembered problems of a row whose text is unchanged: code, and place of the cell (or None)."""
    for entry in text.split():
        parts = _ENTRY.fullmatch(entry)
        if not parts or parts[1] not in REMEMBERED:
            continue
        place = int(parts[2]) if parts[2] else None
        left_out = [int(other) for other in parts[3].split(",") if other] if parts[3] else []
        if (place is None or place < len(cells)) and _digest(_about(cells, place, left_out)) == parts[4]:
            yield parts[1], place


def _about(cells: Sequence[str | None], place: int | None, left_out: Sequence[int]) -> list[str | None]:
    if place is not None:
        return [cells[place]]
    return [cell for index, cell in enumerate(cells) if index not in left_out]


def _digest(cells: Sequence[str | None]) -> str:
    """Return a digest of texts as they survive a workbook: without white space and what no workbook can hold."""
    plain = ["".join(char for char in cell or "" if char.isprintable() and not char.isspace()) for cell in cells]
    return hashlib.blake2b(json.dumps(plain).encode(), digest_size=6).hexdigest()
