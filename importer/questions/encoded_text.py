"""Texts that another program may have encoded, and that may be meant as they stand."""

from __future__ import annotations

from importer.cleaning import EncodedAnswer
from importer.questions.question import Choice, OpenQuestion, Unanswered, leave_rows, remember
from importer.settings import Settings

KIND = "encoded_text"
CODE = "may_be_encoded"


def ask(rows: int, examples: tuple[tuple[str, int], ...]) -> OpenQuestion:
    """Return the question of the texts of all columns that may be encoded."""
    listed = ", ".join(f'"{text}" (row {row})' for text, row in examples)
    more = f" and {rows - len(examples):,} more" if rows > len(examples) else ""
    return OpenQuestion(
        KIND,
        "",
        f"{rows:,} texts may have been encoded by another program: {listed}{more}. Decode them with --answer "
        f"{KIND}=decode, or send them as they are with --answer {KIND}=keep",
        "Some texts may have been encoded by another program. Are they?",
        Unanswered.HOLD,
        rows=rows,
        examples=examples,
        choices=(
            Choice("decode", "yes: decode them", settings=remember(KIND, "decode")),
            Choice("keep", "no: send them as they are", settings=remember(KIND, "keep")),
            leave_rows(KIND, ""),
        ),
        proposal="decode" if rows > 1 else "",
        evidence="there are several" if rows > 1 else "",
    )


def given(settings: Settings) -> EncodedAnswer:
    """Return what an answer says of such texts, None where there is none."""
    answer = dict(settings.answers).get(KIND)
    return "decode" if answer == "decode" else "keep" if answer == "keep" else None
