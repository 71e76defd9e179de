"""Problems that a cell's text does not show, such as cells beyond the header: they stand until the text is another one.

What reading saw of a file is gone when its rows come back in a report of ours. So the report remembers it: which
problem, of which column, and a digest of the text that it was about.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence

import polars as pl

CODES = ("too_many_cells", "merged_cells", "formula_without_value", "digits_lost")


def remembered(problems: pl.DataFrame, rows: pl.DataFrame, headers: Sequence[str]) -> dict[int, str]:
    """For rows that have such problems a text that ``still_standing`` reads. ``rows`` has ``row`` and the cells."""
    seen = problems.filter(pl.col("code").is_in(CODES) & (pl.col("severity") == "error"))
    if not seen.height:
        return {}
    cells = {row: texts for row, *texts in rows.filter(pl.col("row").is_in(seen["row"].implode())).iter_rows()}
    places = {header: place for place, header in reversed(list(enumerate(headers)))}
    found: dict[int, str] = {}
    for row, header, code in seen.select("row", "column", "code").unique(maintain_order=True).iter_rows():
        place = places.get(header) if header else None
        about = cells[row] if place is None else [cells[row][place]]
        where = "" if place is None else f"@{place}"
        found[row] = f"{found.get(row, '')} {code}{where}#{_digest(about)}"
    return found


def still_standing(text: str, cells: Sequence[str | None]) -> Iterator[tuple[str, int | None]]:
    """Of what was remembered of a row the problems whose text is as it was: code, and place of the cell (or None)."""
    for entry in text.split():
        named, _, digest = entry.partition("#")
        code, _, place = named.partition("@")
        if code not in CODES or not (place or "0").isdigit():
            continue
        about = [cells[int(place)]] if place and int(place) < len(cells) else cells
        if _digest(about) == digest:
            yield code, int(place) if place else None


def _digest(cells: Sequence[str | None]) -> str:
    """Of texts as they survive a workbook: white space and what no workbook can hold do not count."""
    plain = ["".join(char for char in cell or "" if char.isprintable() and not char.isspace()) for cell in cells]
    return hashlib.blake2b(json.dumps(plain).encode(), digest_size=6).hexdigest()
