"""Values of a field with a fixed list that are not on the list: one question with all of them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping as ReadOnlyDict
from collections.abc import Sequence
from dataclasses import replace

from importer.mapping import FieldMapping, Mapping, format_entry, label_columns
from importer.model.normalized_name import normalize_name
from importer.questions.column_choices import column_choices
from importer.questions.question import IGNORE, LEAVE, Choice, OpenQuestion, Part, Unanswered, key_of, remember

KIND = "choice_values"
NEAR_SPELLING = 0.75  # the least similarity, from 0 to 1, of a text to the choice that is proposed for it
MOST_VALUES = 50  # asked for: of more, the values are no spellings of a list


def ask(
    feed: FieldMapping, counts: Sequence[tuple[str, int, int]], mapping: Mapping, *, filled: int
) -> OpenQuestion | None:
    """Return the question of the values with their counts and first rows; None where nobody could answer it.

    ``filled`` is how many rows have a value. Where none of them is on the list, or near, the column is about something
    else: the proposal is not to import it.
    """
    if feed.template or not feed.columns or len(counts) > MOST_VALUES:
        return None
    labels, allowed = label_columns(mapping.columns), feed.field.limits.enum or ()
    parts = tuple(Part(value, count, find_near(value, allowed)) for value, count, _ in counts)
    example = {part.value: part.proposal or allowed[0] for part in parts[:3]}
    line = format_entry(_with_values(feed, example), labels)
    listed = ", ".join(f'"{part.value}" ({part.count:,})' for part in parts)
    header, ignored = labels[feed.columns[0]], None
    if not feed.field.required and feed.field.required_within is None:
        ignored = column_choices(KIND, feed, mapping)[1]
    is_near = any(part.proposal for part in parts)
    other = f". To not import the column, use --answer {key_of(KIND, feed.field.path)}={IGNORE}" if ignored else ""
    return OpenQuestion(
        KIND,
        feed.field.path,
        f"column {header!r} has values that {feed.field.path} does not take: {listed}. It takes {', '.join(allowed)}. "
        f"Say what they mean in a mapping file and use it with --mapping FILE, such as {line}{other}",
        f"The column {header!r} has values that {feed.field.path} does not take. What does each mean?",
        Unanswered.HOLD,
        rows=sum(part.count for part in parts),
        examples=tuple((value, row) for value, _, row in counts[:3]),
        choices=tuple(Choice(option, option) for option in allowed),
        proposal=IGNORE if ignored and not is_near and sum(part.count for part in parts) == filled else "",
        evidence="its spelling is near" if is_near else "no value is on the list",
        parts=parts,
        ignored=ignored,
        context=(feed, labels),
    )


def read_parts(question: OpenQuestion, meant: ReadOnlyDict[str, str]) -> Choice:
    """Return the choice that gives each value its replacement; a value that is not in ``meant`` stays as it is."""
    feed, labels = question.context
    lines = (format_entry(_with_values(feed, meant), labels),) if meant else ()
    left = () if len(meant) == len(question.parts) else remember(key_of(KIND, question.subject), LEAVE)
    said = ", ".join(f"{value} = {replacement}" for value, replacement in meant.items())
    return Choice(said or LEAVE, said, lines, left)


def _with_values(feed: FieldMapping, meant: ReadOnlyDict[str, str]) -> FieldMapping:
    return replace(feed, values=tuple({**dict(feed.values), **meant}.items()))


def find_near(value: str, allowed: Sequence[str]) -> str:
    """Return the allowed value whose spelling is near; blank where none is."""
    names = {normalize_name(choice): choice for choice in allowed}
    near = difflib.get_close_matches(normalize_name(value), names, n=1, cutoff=NEAR_SPELLING)
    return names[near[0]] if near else ""
