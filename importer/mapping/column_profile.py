"""The first rows of a file, column by column: which are blank, which hold e-mail addresses, phones or full names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import polars as pl

from importer.mapping.name_parts import HONORIFICS
from importer.model.normalized_name import normalize_name
from schemas.contract import Field
from schemas.kind import Kind

CELLS_EXAMINED = 2_000
EXAMPLES_SHOWN = 3
KIND_PATTERNS = {
    Kind.EMAIL: r"^\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*$",
    Kind.PHONE: r"^\s*(?:\+|00)[1-9][0-9 ().\-]{6,18}\s*$",
}
# As loose as a column whose header already says the kind deserves: national numbers, several addresses in one cell.
LOOSE_PATTERNS = {
    Kind.EMAIL: r"^[^@]*[^@\s]@[^@\s]+\.",
    Kind.PHONE: r"^[^\p{L}\d@]*(?:\p{L}{1,4}\s?:)?[\s+(\['‘’=\"]*\d(?:[\s()./\-‐-―]*\d){6,16}",
}
_DATE = r"^\s*(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))(?:\D|$)"
_FULL_NAME = r"^\s*\p{Lu}[\p{L}\p{M}'’.\-]*,?(?:\s+[\p{L}\p{M}'’.\-()\"]+){1,5}\s*$"
CALLING_CODE = r"^\s*(?:\+|00)?[1-9][0-9]{0,3}(?:[ -][0-9]{3})?\s*$"
LEAST_SHARE_OF_KIND = 0.9
LEAST_SHARE_OF_FULL_NAMES = 0.6
LEAST_VALUES_TO_CONTRADICT = 2


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A table's first batch: text columns ``c0``, ``c1`` …; None when only the headers are known."""

    sample: pl.DataFrame | None = None
    _texts: dict[int, pl.Series] = field(default_factory=dict, repr=False, compare=False)

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

    def looks_like(self, column: int, kind: Kind) -> bool:
        """Return whether at least nine of ten values could be of that kind. A date is no phone."""
        texts = self._first_texts(column)
        if kind not in LOOSE_PATTERNS or not len(texts):
            return False
        if kind is Kind.PHONE and texts.str.contains(_DATE).sum() > len(texts) - LEAST_SHARE_OF_KIND * len(texts):
            return False
        return int(texts.str.contains(LOOSE_PATTERNS[kind]).sum()) >= LEAST_SHARE_OF_KIND * len(texts)

    def may_hold(self, column: int, kind: Kind) -> bool:
        """Return whether the column is blank, or any value could be of that kind."""
        texts = self._first_texts(column)
        return not len(texts) or bool(texts.str.contains(LOOSE_PATTERNS[kind]).any())

    def is_mixed(self, column: int) -> bool:
        """Return whether some values are of one kind and some of another, and hardly any of none."""
        texts = self._first_texts(column)
        found = [texts.str.contains(LOOSE_PATTERNS[kind]) for kind in LOOSE_PATTERNS]
        least = LEAST_SHARE_OF_KIND * len(texts)
        counts = [int(of_kind.sum()) for of_kind in found]
        return len(texts) > 0 and 0 < min(counts) <= max(counts) < least <= int((found[0] | found[1]).sum())

    def has_full_names(self, column: int) -> bool:
        """Return whether most values are several words that could be a person's name."""
        texts = self._first_texts(column)
        return len(texts) > 0 and int(texts.str.contains(_FULL_NAME).sum()) >= LEAST_SHARE_OF_FULL_NAMES * len(texts)

    def contradicts(self, column: int, field: Field, *, certain: bool = True) -> bool:
        """Return whether none of the column's values could be the field's.

        Where the header is ``certain``, that takes several different values.
        """
        values = _filled(self.sample, column).unique().to_list()
        if len(values) < (LEAST_VALUES_TO_CONTRADICT if certain else 1):
            return False
        if field.kind is Kind.EMAIL and field.type == "array":  # "CC" is a country code as often as a list of addresses
            return not any("@" in value for value in values)
        if field.role == "job_title" and sum(_is_honorific(value) for value in values) * 2 > len(values):
            return True  # "Ms.", "Dr.": how to address somebody, and no job
        allowed = {normalize_name(option) for option in field.limits.enum or ()}
        return bool(allowed) and not any(normalize_name(value) in allowed for value in values)

    def has_calling_codes(self, column: int) -> bool:
        """Return whether all values could be calling codes, such as ``+44``: they are no countries, but say one."""
        texts = self._first_texts(column)
        return len(texts) > 0 and bool(texts.str.contains(CALLING_CODE).all())

    def examples(self, column: int) -> list[str]:
        """Return the first few different values."""
        return self._first_texts(column).unique(maintain_order=True).head(EXAMPLES_SHOWN).to_list()

    def _first_texts(self, column: int) -> pl.Series:
        """Return the first filled cells. Most columns fill enough of the first rows, and the rest is not scanned."""
        if self.sample is None:
            return pl.Series(dtype=pl.String)
        if column not in self._texts:
            cells = self.sample[f"c{column}"]  # head() of the whole frame would take time for every other column, too
            top = _filled_texts(cells.head(CELLS_EXAMINED))
            is_enough = len(top) == CELLS_EXAMINED
            self._texts[column] = top if is_enough else _filled_texts(cells).head(CELLS_EXAMINED)
        return self._texts[column]


def _is_honorific(text: str) -> bool:
    return text.strip().rstrip(".").casefold() in HONORIFICS


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
