"""The notes that tell the user what automatic matching decided, each with the option that changes it.

They appear on the command line, in the web app and in the reports.
"""

from __future__ import annotations

from collections.abc import Sequence

from importer.model.table import column_letters
from schemas.contract import Field

MOST_COLUMNS_NAMED = 5


def note_several_columns(path: str, labels: Sequence[str]) -> str:
    """Return the note for columns that fill in for each other."""
    return f"{path} takes the first of the columns {', '.join(map(repr, labels))} that is not blank"


def note_parts(path: str, labels: Sequence[str]) -> str:
    """Return the note for a field that is put together from columns."""
    return f"{path} is put together from the columns {' and '.join(map(repr, labels))}"


def note_values(path: str, label: str) -> str:
    """Return the note for a column whose values, not its header, name the field."""
    return f'{path} is mapped from column {label!r}, because of its values (to change it: --map "Column={path}")'


def note_contradiction(field: Field, label: str) -> str:
    """Return the note for a column whose header names the field and whose values cannot be the field's."""
    if field.role == "job_title":
        why = "it says how to address people"
        return f'column {label!r} was not taken for {field.path}: {why} (--map "{label}={field.path}")'
    if not field.limits.enum:
        return f'column {label!r} was not taken for {field.path}, because of its values (--map "{label}={field.path}")'
    return (
        f"column {label!r} was not taken for {field.path}, because none of its values is one of "
        f"{', '.join(field.limits.enum)}; a mapping file can translate them: "
        f'{field.path} = {{ column = "{label}", values = {{ … }} }}'
    )


def note_not_taken(path: str, label: str, winner: str) -> str:
    """Return the note for a column that names a field, which another column or the user's own choice has."""
    return f'column {label!r} could map to {path}, too; {winner} does (to change it: --map "{label}={path}")'


def note_better_but_blank(path: str, label: str, taken: str) -> str:
    """Return the note for a column that has the better name and no values."""
    return (
        f"column {label!r} names {path} better and is blank in the rows that were looked at; column {taken!r} is used "
        f'(to change it: --map "{label}={path}")'
    )


def note_without_header(indexes: Sequence[int]) -> str:
    """Return the note for columns that have values and no header."""
    letters = [column_letters(index) for index in indexes]
    shown = ", ".join(letters[:MOST_COLUMNS_NAMED]) + (", …" if len(letters) > MOST_COLUMNS_NAMED else "")
    if len(letters) == 1:
        return f"column {shown} has no header and is not imported"
    return f"columns {shown} have no header and are not imported"
