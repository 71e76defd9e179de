"""What the first rows of a file say of its columns: which are blank, which hold e-mail addresses or phones."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from importer.normalize import normalize_name
from schemas.contract import Field, Kind

ROWS = 2_000
SHOWN = 3
LOOKS = {
    Kind.EMAIL: r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$",
    Kind.PHONE: r"^\s*(?:\+|00)[1-9][0-9 ().\-]{6,18}\s*$",
    Kind.URI: r"^\s*https?://\S+\s*$",
}
MOST = 0.9
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """A table's first batch: ``c0 …``, text. None for a mapping that is made from headers alone."""

    sample: pl.DataFrame | None = None

    @classmethod
    def of(cls, frame: pl.DataFrame) -> Evidence:
        """The evidence in a first batch."""
        return cls(frame)

    def is_blank(self, column: int) -> bool:
        """Whether the column has nothing in the rows that were looked at."""
        return self.sample is not None and self.sample.height > 0 and not len(self._first(column))

    def same(self, one: int, other: int) -> bool:
        """Whether two columns hold the same texts."""
        if self.sample is None or not self.sample.height:
            return False
        return bool(self.sample[f"c{one}"].eq_missing(self.sample[f"c{other}"]).all())

    def looks_like(self, column: int) -> Kind | None:
        """The kind that nearly all values are of, if they show it."""
        filled = self._first(column)
        for kind, look in LOOKS.items():
            if len(filled) and int(filled.str.contains(look).sum()) >= MOST * len(filled):
                return kind
        return None

    def contradicts(self, column: int, field: Field) -> bool:
        """Whether none of the column's values, of which there are several, could be one of the field's."""
        values = self._filled(column).unique().to_list()
        if len(values) < FEWEST:
            return False
        if field.kind is Kind.EMAIL and field.type == "array":  # "CC" is a country code as often as a list of addresses
            return not any("@" in value for value in values)
        allowed = {normalize_name(option) for option in field.limits.enum or ()}
        return bool(allowed) and not any(normalize_name(value) in allowed for value in values)

    def examples(self, column: int) -> list[str]:
        """A few different values."""
        return self._first(column).unique(maintain_order=True).head(SHOWN).to_list()

    def _first(self, column: int) -> pl.Series:
        """The first of the column's filled cells."""
        top = Evidence(None if self.sample is None else self.sample.head(ROWS))._filled(column)  # noqa: SLF001 - its own
        return top if len(top) == ROWS else self._filled(column).head(ROWS)

    def _filled(self, column: int) -> pl.Series:
        if self.sample is None:
            return pl.Series(dtype=pl.String)
        texts = self.sample[f"c{column}"]
        return texts.filter((texts.str.strip_chars() != "").fill_null(value=False))


NO_EVIDENCE = Evidence()


def is_value(header: str) -> bool:
    """Whether a header is an e-mail address: then the file has no header, and its first contact would be lost."""
    return re.match(LOOKS[Kind.EMAIL], header) is not None
