"""The sheet of a workbook that has several with data."""

from __future__ import annotations

from collections.abc import Sequence

from importer.mapping import count_matches
from importer.model.table import SheetFacts
from importer.questions.question import Choice, OpenQuestion, Unanswered
from schemas.contract import Operation

KIND = "sheet"


def ask(chosen: str, sheets: Sequence[SheetFacts], operation: Operation) -> OpenQuestion:
    """Return the question of the sheets with data; ``chosen`` is the one to read unless another fits better."""
    matches = {sheet.name: count_matches(sheet.header, operation) for sheet in sheets}
    best = max(matches, key=lambda name: (matches[name], name == chosen))
    is_best = matches[best] == matches.get(chosen, 0)
    proposal = chosen if is_best else best
    listed = ", ".join(f"{sheet.name!r} ({sheet.size})" for sheet in sheets)
    fits = f"{proposal!r} has the most columns that fit ({matches[proposal]})"
    taken = f"{chosen!r} was read" if is_best else fits
    return OpenQuestion(
        KIND,
        "",
        f'several sheets have data: {listed}; {taken}. Say which one with --sheet NAME, such as --sheet "{proposal}"',
        "Several sheets of the workbook have data. Which one has the contacts?",
        Unanswered.SEND if is_best else Unanswered.STOP,
        rows=next((sheet.rows for sheet in sheets if sheet.name == proposal), 0),
        choices=tuple(
            Choice(
                sheet.name,
                f"{sheet.name} ({sheet.size}, {matches[sheet.name]} columns fit)",
                settings=(("sheet", sheet.name),),
            )
            for sheet in sheets
        ),
        proposal=proposal,
        evidence="most of its columns fit" if matches[proposal] else "it is the first one that is visible",
    )
