"""Words in the middle of full names that may be given names or family names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from importer.mapping import (
    FieldMapping,
    Mapping,
    MiddlePart,
    NamePart,
    find_middle,
    format_entry,
    label_columns,
)
from importer.questions.question import Choice, OpenQuestion, Unanswered, leave_rows

KIND = "middle_names"
CODE = "middle_name_unclear"


def ask(feed: FieldMapping, names: Sequence[tuple[str, int, int]], mapping: Mapping) -> OpenQuestion:
    """Return the question of the names with a word in the middle, with their counts and first rows."""
    labels = label_columns(mapping.columns)
    header = labels[feed.columns[0]]
    split = [
        known
        for known in mapping.field_mappings
        if known.columns == feed.columns and known.part in (NamePart.FIRST, NamePart.LAST)
    ]
    example = names[0][0]
    middle, rows = find_middle(example), sum(count for _, count, _ in names)
    lines = {each: tuple(format_entry(replace(known, middle=each), labels) for known in split) for each in MiddlePart}
    proposal = _find_evidence([name for name, _, _ in names])
    return OpenQuestion(
        KIND,
        header,
        f"column {header!r} has {rows:,} names with a word in the middle that may be a given name or part of the "
        f'family name, such as "{example}". If {middle} is a given name, use --answer "{KIND}:{header}=first"; if it '
        f'is a family name, --answer "{KIND}:{header}=last" (in a mapping file: middle = "last" beside part)',
        f'{rows:,} names of the column {header!r} have a word in the middle, such as "{example}". What is {middle}?',
        Unanswered.HOLD,
        rows=rows,
        examples=tuple((name, row) for name, _, row in names[:3]),
        choices=(
            Choice(MiddlePart.FIRST, "a given name", lines[MiddlePart.FIRST]),
            Choice(MiddlePart.LAST, "part of the family name", lines[MiddlePart.LAST]),
            leave_rows(KIND, header),
        ),
        proposal=proposal,
        evidence="the same words are elsewhere in the column" if proposal else "",
    )


def _find_evidence(names: Sequence[str]) -> str:
    """Return the part that the middle words are in other names of the column; blank where nothing tells."""
    firsts, lasts = Counter(name.split()[0] for name in names), Counter(name.split()[-1] for name in names)
    middles = [word for name in names for word in find_middle(name).split()]
    given, family = sum(word in firsts for word in middles), sum(word in lasts for word in middles)
    return "" if given == family else MiddlePart.FIRST if given > family else MiddlePart.LAST
