"""The steps between a cell and its field that a mapping file asks for: ``split``, ``replace``, ``case``.

They come in this order, after ``part`` and before ``values``. A step that leaves nothing of a text leaves null.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import polars as pl

Note = Callable[[str, str, pl.Series, pl.Series], None]
"""Is told the kind of a step, the path of the field, and the column's texts before and after the step."""


class Case(StrEnum):
    """A case of letters, as a mapping file names it."""

    UPPER = "upper"
    LOWER = "lower"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Split:
    """One of the pieces between separators: ``take`` counts from 1, and from -1 backwards."""

    by: str
    take: int = 1


@dataclass(frozen=True, slots=True)
class ValueSteps:
    """The steps of one field. Pairs are a text, or a regular expression of polars, and its replacement."""

    split: Split | None = None
    replace: tuple[tuple[str, str], ...] = ()
    replace_regex: tuple[tuple[str, str], ...] = ()
    case: Case | None = None

    def to_data(self) -> dict[str, Any]:
        """Return the steps as JSON data that ``from_data`` reads."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> ValueSteps:
        """Return the steps that ``to_data`` stored."""
        return cls(
            Split(**data["split"]) if data["split"] else None,
            tuple((text, new) for text, new in data["replace"]),
            tuple((text, new) for text, new in data["replace_regex"]),
            Case(data["case"]) if data["case"] else None,
        )


NO_STEPS = ValueSteps()


def apply_steps(texts: pl.Series, steps: ValueSteps, path: str, note: Note) -> pl.Series:
    """Return the texts of a field after its steps, and note what each one changes."""
    for kind, function in _list_steps(steps):
        after = function(texts)
        changed = texts.ne_missing(after)
        tidied = after.str.strip_chars()
        after = tidied.set(tidied == "", None).zip_with(changed, texts)
        note(kind, path, texts, after)
        texts = after
    return texts


def _list_steps(steps: ValueSteps) -> list[tuple[str, Callable[[pl.Series], pl.Series]]]:
    found: list[tuple[str, Callable[[pl.Series], pl.Series]]] = []
    split = steps.split
    if split is not None:
        found.append(("split", lambda texts: _take_piece(texts, split)))
    if steps.replace or steps.replace_regex:
        found.append(("replace", lambda texts: _replace(texts, steps)))
    if steps.case is not None:
        change = {
            Case.UPPER: lambda texts: texts.str.to_uppercase(),
            Case.LOWER: lambda texts: texts.str.to_lowercase(),
            Case.TITLE: lambda texts: texts.str.to_titlecase(),
        }[steps.case]
        found.append(("case", change))
    return found


def _take_piece(texts: pl.Series, split: Split) -> pl.Series:
    """Return the piece, null where there is none. The word for clearing a field, an empty text, stays."""
    place = split.take - 1 if split.take > 0 else split.take
    piece = texts.str.split(split.by).list.get(place, null_on_oob=True)
    return texts.zip_with((texts == "").fill_null(value=False), piece)


def _replace(texts: pl.Series, steps: ValueSteps) -> pl.Series:
    for text, new in steps.replace:
        texts = texts.str.replace_all(text, new, literal=True)
    for pattern, new in steps.replace_regex:
        texts = texts.str.replace_all(pattern, new)
    return texts
