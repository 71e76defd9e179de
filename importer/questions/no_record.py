"""Rows that look like a heading, a total or a footer, and might be contacts."""

from __future__ import annotations

import polars as pl

from importer.model.problem import SKIPPED
from importer.questions.question import Choice, OpenQuestion, Unanswered, leave_rows, remember
from importer.settings import Settings

KIND = "no_record"
CODE = "may_be_no_record"
SKIP, SEND = "skip", "send"


def ask(rows: int, examples: tuple[tuple[str, int], ...]) -> OpenQuestion:
    """Return the question of the rows that may be no records."""
    listed = ", ".join(str(row) for _, row in examples)
    more = f" and {rows - len(examples):,} more" if rows > len(examples) else ""
    return OpenQuestion(
        KIND,
        "",
        f"{rows:,} rows may be no contacts (row {listed}{more}): leave them out for good with --answer {KIND}={SKIP}, "
        f"or take them as contacts with --answer {KIND}={SEND}",
        "Some rows look like a heading, a total or a line below the table, and not like a contact.",
        Unanswered.HOLD,
        rows=rows,
        examples=examples,
        choices=(
            Choice(SKIP, "Skip them: they are no contacts", settings=remember(KIND, SKIP)),
            Choice(SEND, "They are contacts", settings=remember(KIND, SEND)),
            leave_rows(KIND, "", "Leave them out, and list them as rows to fix"),
        ),
        proposal=SKIP,
        evidence="nothing in them identifies a person",
    )


def apply(found: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the rows that are no records, as the answer says: ``found`` has the columns of ``PROBLEM_SCHEMA``."""
    answer = dict(settings.answers).get(KIND)
    in_question = pl.col("code") == CODE
    if answer == SEND:
        return found.filter(~in_question)
    if answer == SKIP:
        return found.with_columns(severity=pl.when(in_question).then(pl.lit(SKIPPED)).otherwise("severity"))
    return found
