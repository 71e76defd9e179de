"""Words for nothing are blank; people called Null keep their name."""

from __future__ import annotations

import polars as pl
import pytest

from importer.cleaning.blank_words import is_blank_word
from schemas.kind import Kind

NOTHING = [
    "NULL",
    "null",
    r"\N",
    "N/A",
    "n/a",
    "#N/A",
    "(blank)",
    "(Blank)",
    "(Null)",
    "<Null>",
    "nan",
    "NaN",
    "NAN",
    "undefined",
    "none",
    "NONE",
    "-",
    " - ",
]
NAMES = ["Null", "Nan", "None", "Na", "NA", "Nano", "Nonee", "null@example.com", "A - B"]


def _blank(texts: list[str], kind: Kind, also: tuple[str, ...] = ()) -> list[str]:
    series = pl.Series([*texts, None])
    return series.filter(is_blank_word(series, kind, also)).to_list()


@pytest.mark.parametrize("kind", list(Kind))
def test_words_for_nothing_are_nothing_in_every_field(kind: Kind) -> None:
    assert _blank(NOTHING, kind) == NOTHING


@pytest.mark.parametrize("kind", [Kind.NAME, Kind.TEXT, Kind.COUNTRY])
def test_names_that_only_look_like_nothing_stay(kind: Kind) -> None:
    assert _blank(NAMES, kind) == []


@pytest.mark.parametrize("kind", [Kind.PHONE, Kind.EMAIL, Kind.DATE])
def test_where_no_text_is_meant_their_capitals_do_not_count(kind: Kind) -> None:
    assert _blank(["Null", "None", "Nan", "NA", "Na"], kind) == ["Null", "None", "Nan", "NA", "Na"]


def test_further_words_are_compared_exactly() -> None:
    assert _blank(["unknown", "Unknown"], Kind.NAME, ("unknown",)) == ["unknown"]
