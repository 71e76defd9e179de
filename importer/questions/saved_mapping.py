"""A mapping file that was saved for a file with the same columns."""

from __future__ import annotations

from pathlib import Path

from importer.questions.question import Choice, OpenQuestion, Unanswered, remember

KIND = "saved_mapping"


def ask(path: Path) -> OpenQuestion:
    """Return the question of a saved mapping file that fits."""
    return OpenQuestion(
        KIND,
        "",
        f"{path} fits this file: use it with --mapping {path}",
        f"The mapping {path} was saved for a file with these columns. Use it?",
        Unanswered.SEND,
        choices=(
            Choice("yes", "use it", settings=(("mapping", path),)),
            Choice("no", "do without it", settings=remember(KIND, "no")),
        ),
        proposal="yes",
        evidence="the columns are the same",
    )
