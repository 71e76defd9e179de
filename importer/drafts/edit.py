"""What was done to many cells or rows at once, with what was there before: one undo takes all of it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from importer.settings import AnsweredQuestion, Correction, Settings

EditKind = Literal["values", "replace", "remove", "restore", "upload", "cells", "answer"]
Cell = tuple[int, int]  # row and column
Texts = Mapping[Cell, str | None]  # what cells are corrected to; None for the file's own text


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell and its correction before and after; None stands for the file's own text."""

    row: int
    column: int
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer to a question: the lines of a mapping file and the pairs of setting and value that it is."""

    kind: str
    subject: str
    rows: int
    said: str
    lines: tuple[str, ...] = ()
    settings: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """One action. ``params`` are what its description shows; ``rows`` were removed, or restored."""

    number: int
    kind: EditKind
    params: Mapping[str, Any] = field(default_factory=dict)
    cells: tuple[CellChange, ...] = ()
    rows: tuple[int, ...] = ()
    answers: tuple[KeptAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class Edits:
    """What a person has changed in a file: corrected cells, removed rows, answers, and the actions behind them."""

    corrections: tuple[Correction, ...] = ()
    removed: tuple[int, ...] = ()
    answers: tuple[KeptAnswer, ...] = ()
    edits: tuple[Edit, ...] = ()

    def change_cells(self, kind: EditKind, texts: Texts, params: Mapping[str, Any]) -> Edits:
        """Return the edits with these cells corrected; a cell that stays as it is does not count."""
        known = {(entry.row, entry.column): entry.text for entry in self.corrections}
        changes = tuple(
            CellChange(*cell, known.get(cell), text) for cell, text in texts.items() if known.get(cell) != text
        )
        edit = Edit(self._next, kind, {**params, "cells": len(changes)}, changes)
        return replace(self, corrections=_correct(self.corrections, texts), edits=(*self.edits, edit))

    def remove_rows(self, rows: Iterable[int], params: Mapping[str, Any]) -> Edits:
        """Return the edits with these rows removed."""
        new = tuple(sorted(set(rows).difference(self.removed)))
        edit = Edit(self._next, "remove", {**params, "rows": len(new)}, rows=new)
        return replace(self, removed=tuple(sorted((*self.removed, *new))), edits=(*self.edits, edit))

    def restore_rows(self, rows: Iterable[int]) -> Edits:
        """Return the edits with these rows in the file again."""
        again = tuple(sorted(set(rows).intersection(self.removed)))
        edit = Edit(self._next, "restore", {"rows": len(again)}, rows=again)
        return replace(self, removed=tuple(sorted(set(self.removed).difference(again))), edits=(*self.edits, edit))

    def answer(self, answers: Iterable[KeptAnswer]) -> Edits:
        """Return the edits with these answers. A later answer counts before an earlier one."""
        new = tuple(answers)
        params = {"said": [[answer.kind, answer.subject, answer.said, answer.rows] for answer in new]}
        edit = Edit(self._next, "answer", params, answers=new)
        return replace(self, answers=(*self.answers, *new), edits=(*self.edits, edit))

    def undo(self, number: int) -> Edits:
        """Return the edits without one of them.

        A cell that was changed again since stays as it is. An answer goes together with the later ones about the same
        question: they were built upon it.
        """
        edit = next((known for known in self.edits if known.number == number), None)
        if edit is None:
            return self
        if edit.answers:
            return self._take_back(edit)
        known = {(entry.row, entry.column): entry.text for entry in self.corrections}
        before = {
            (change.row, change.column): change.before
            for change in edit.cells
            if known.get((change.row, change.column)) == change.after
        }
        removed = set(self.removed).symmetric_difference(edit.rows) if edit.rows else set(self.removed)
        return Edits(_correct(self.corrections, before), tuple(sorted(removed)), self.answers, self._without({number}))

    def _take_back(self, edit: Edit) -> Edits:
        asked = {(answer.kind, answer.subject) for answer in edit.answers}
        gone = {
            later.number
            for later in self.edits
            if later.number >= edit.number and any((answer.kind, answer.subject) in asked for answer in later.answers)
        }
        kept = self._without(gone)
        return replace(self, answers=tuple(answer for known in kept for answer in known.answers), edits=kept)

    def _without(self, numbers: set[int]) -> tuple[Edit, ...]:
        return tuple(edit for edit in self.edits if edit.number not in numbers)

    @property
    def _next(self) -> int:
        return max((edit.number for edit in self.edits), default=0) + 1


def with_answers(settings: Settings, answers: Iterable[KeptAnswer]) -> Settings:
    """Return the settings with the options and lines that the answers are."""
    for answer in answers:
        told = AnsweredQuestion(answer.kind, answer.subject, answer.rows, answer.said, "person")
        settings = settings.with_changes(answer.settings)
        settings = replace(settings, lines=(*settings.lines, *answer.lines), asked=(*settings.asked, told))
    return settings


def edits_from_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of ``Edits`` that a stored draft has; an earlier version stored corrections only."""
    return {
        "corrections": tuple(Correction(**entry) for entry in data.get("corrections", ())),
        "removed": tuple(data.get("removed", ())),
        "answers": tuple(map(_read_answer, data.get("answers", ()))),
        "edits": tuple(map(_read_edit, data.get("edits", ()))),
    }


def _read_edit(data: Mapping[str, Any]) -> Edit:
    cells = tuple(CellChange(**entry) for entry in data["cells"])
    answers = tuple(map(_read_answer, data["answers"]))
    return Edit(data["number"], data["kind"], data["params"], cells, tuple(data["rows"]), answers)


def _read_answer(data: Mapping[str, Any]) -> KeptAnswer:
    settings = tuple((name, _as_tuple(value)) for name, value in data["settings"])
    return KeptAnswer(data["kind"], data["subject"], data["rows"], data["said"], tuple(data["lines"]), settings)


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


def _correct(corrections: Iterable[Correction], texts: Texts) -> tuple[Correction, ...]:
    kept = [entry for entry in corrections if (entry.row, entry.column) not in texts]
    return (*kept, *(Correction(*cell, text) for cell, text in texts.items() if text is not None))
