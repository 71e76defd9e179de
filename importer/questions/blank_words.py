"""Words in text fields that often stand for nothing, and sometimes for themselves."""

from __future__ import annotations

import polars as pl

from importer.mapping import FieldMapping, Mapping
from importer.questions.question import Choice, OpenQuestion, Unanswered, key_of, remember
from schemas.column_stats import is_constant

KIND = "blank_words"
WORDS = (
    "unknown", "not available", "not provided", "not applicable", "not set", "no name", "tbd", "tba", "xxx", "n.n.",
    "inconnu", "non renseigné", "unbekannt", "desconocido", "sconosciuto", "onbekend",
)  # fmt: skip
FEWEST_ROWS = 2
# To look for all forms takes a tenth of the time of writing every text in small letters.
_FORMS = sorted({form(word) for word in WORDS for form in (str.lower, str.upper, str.title, str.capitalize)})


def find_words(texts: pl.Series) -> pl.Series:
    """Return where the texts are such words: in small letters, in capitals, or with one."""
    if is_constant(texts) and not texts.head(1).is_in(_FORMS).any():
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, texts.len())
    return texts.is_in(_FORMS).fill_null(value=False)


def ask(feed: FieldMapping, words: dict[str, tuple[int, int]], mapping: Mapping) -> OpenQuestion | None:
    """Return the question of the words with their count and first row; None where there is hardly one."""
    rows = sum(count for count, _ in words.values())
    if rows < FEWEST_ROWS:
        return None
    path, key = feed.field.path, key_of(KIND, feed.field.path)
    header = mapping.header_of(feed) or path
    listed = ", ".join(f'"{word}" ({count:,})' for word, (count, _) in words.items())
    options = " ".join(f'--blank "{word}"' for word in words)
    return OpenQuestion(
        KIND,
        path,
        f"column {header!r} has words that may stand for nothing, and are sent as they are: {listed}. If they mean "
        f"nothing, use {options}; if not, --answer {key}=keep",
        f"The column {header!r} has words that may stand for nothing: {listed}. Do they?",
        Unanswered.SEND,
        rows=rows,
        examples=tuple((word, row) for word, (_, row) in words.items())[:3],
        choices=(
            Choice("blank", "yes: leave the field out", settings=(("blank", tuple(words)),)),
            Choice("keep", "no: send them", settings=remember(key, "keep")),
        ),
        proposal="blank",
        evidence="such words hardly ever name a person",
    )
