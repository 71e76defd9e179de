"""The sheet of a workbook that has several with data."""

from __future__ import annotations

from collections.abc import Sequence

from importer.questions.question import Choice, OpenQuestion, Unanswered

KIND = "sheet"


def ask(chosen: str, sheets: Sequence[tuple[str, int]]) -> OpenQuestion:
    """Return the question of the sheets with data and their rows; ``chosen`` is the one that was read."""
    listed = ", ".join(f"{name!r} ({rows:,} rows)" for name, rows in sheets)
    return OpenQuestion(
        KIND,
        "",
        f"several sheets have data: {listed}; {chosen!r} was read. Say which one with --sheet NAME",
        "Several sheets of the workbook have data. Which one has the contacts?",
        Unanswered.SEND,
        rows=dict(sheets).get(chosen, 0),
        choices=tuple(Choice(name, f"{name} ({rows:,} rows)", settings=(("sheet", name),)) for name, rows in sheets),
        proposal=chosen,
        evidence="it is the first one that is visible",
    )
