"""The first rows of a file, column by column: which are blank, which hold e-mail addresses, phones or web addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from importer.model.normalized_name import normalize_name
from schemas.contract import Field, Kind

CELLS_EXAMINED = 2_000
EXAMPLES_SHOWN = 3
KIND_PATTERNS = {
    Kind.EMAIL: r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$",
    Kind.PHONE: r"^\s*(?:\+|00)[1-9][0-9 ().\-]{6,18}\s*$",
    Kind.URI: r"^\s*https?://\S+\s*$",
}
LEAST_SHARE_OF_KIND = 0.9
LEAST_VALUES_TO_CONTRADICT = 2


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A table's first batch: text columns ``c0``, ``c1`` …; None when only the headers are known."""

    sample: pl.DataFrame | None = None

    def is_blank(self, column: int) -> bool:
        """Return whether the column has no text in the sample."""
        return self.sample is not None and self.sample.height > 0 and not len(self._first_texts(column))

    def are_equal(self, one: int, other: int) -> bool:
        """Return whether two columns hold the same texts."""
        if self.sample is None or not self.sample.height:
            return False
        return bool(self.sample[f"c{one}"].eq_missing(self.sample[f"c{other}"]).all())

    def detect_kind(self, column: int) -> Kind | None:
        """Return the kind that at least nine of ten values show, or None."""
        texts = self._first_texts(column)
        for kind, pattern in KIND_PATTERNS.items():
            if len(texts) and int(texts.str.contains(pattern).sum()) >= LEAST_SHARE_OF_KIND * len(texts):
                return kind
        return None

    def contradicts(self, column: int, field: Field) -> bool:
        """Return whether the column has several different values and none of them could be the field's."""
        values = _filled(self.sample, column).unique().to_list()
        if len(values) < LEAST_VALUES_TO_CONTRADICT:
            return False
        if field.kind is Kind.EMAIL and field.type == "array":  # "CC" is a country code as often as a list of addresses
            return not any("@" in value for value in values)
        allowed = {normalize_name(option) for option in field.limits.enum or ()}
        return bool(allowed) and not any(normalize_name(value) in allowed for value in values)

    def examples(self, column: int) -> list[str]:
        """Return the first few different values."""
        return self._first_texts(column).unique(maintain_order=True).head(EXAMPLES_SHOWN).to_list()

    def _first_texts(self, column: int) -> pl.Series:
        """Return the first filled cells. Most columns fill enough of the first rows, and the rest is not scanned."""
        if self.sample is None:
            return pl.Series(dtype=pl.String)
        cells = self.sample[f"c{column}"]  # head() of the whole frame would take time for every other column, too
        top = _filled_texts(cells.head(CELLS_EXAMINED))
        return top if len(top) == CELLS_EXAMINED else _filled_texts(cells).head(CELLS_EXAMINED)


def _filled(sample: pl.DataFrame | None, column: int) -> pl.Series:
    if sample is None:
        return pl.Series(dtype=pl.String)
    return _filled_texts(sample[f"c{column}"])


def _filled_texts(texts: pl.Series) -> pl.Series:
    return texts.filter((texts.str.strip_chars() != "").fill_null(value=False))


HEADERS_ONLY = ColumnProfile()


def is_email_address(header: str) -> bool:
    """Return whether a header is an e-mail address: the file then has no header row, but a contact in its place."""
    return re.match(KIND_PATTERNS[Kind.EMAIL], header) is not None
