"""Values of many rows that are longer than the vendor takes. They are cut off only if the answer says so."""

from __future__ import annotations

from importer.mapping import FieldMapping, Mapping
from importer.questions.question import Choice, OpenQuestion, Unanswered, key_of, leave_rows, remember
from importer.settings import Settings

KIND = "too_long"
CUT = "cut"
FEWEST_ROWS = 2  # one long value is a cell to correct


def ask(feed: FieldMapping, rows: int, examples: tuple[tuple[str, int], ...], mapping: Mapping) -> OpenQuestion | None:
    """Return the question of a field with long values; None where it is about one cell."""
    if rows < FEWEST_ROWS:
        return None
    path, key = feed.field.path, key_of(KIND, feed.field.path)
    header, limit = mapping.header_of(feed) or path, feed.field.limits.max_length
    return OpenQuestion(
        KIND,
        path,
        f"column {header!r} has {rows:,} values with more than the {limit} characters that {path} takes. Correct them, "
        f"or cut them off with --answer {key}={CUT}",
        f"{rows:,} values of the column {header!r} have more than the {limit} characters that {path} takes.",
        Unanswered.HOLD,
        rows=rows,
        examples=examples,
        choices=(
            leave_rows(KIND, path),
            Choice(CUT, f"Cut them off after {limit} characters", settings=remember(key, CUT)),
        ),
    )


def is_cut(path: str, settings: Settings) -> bool:
    """Return whether an answer says that the long values of a field are cut off."""
    return (key_of(KIND, path), CUT) in settings.answers
