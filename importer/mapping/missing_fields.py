"""What stops a run before any row: required fields that nothing feeds, ties, objects that are fed in part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from importer.errors import MappingError
from importer.mapping.auto_match import AutoMatch
from importer.mapping.column_lookup import listed, name_of
from importer.mapping.model import FieldMapping, Mapping, MissingField
from schemas.contract import Operation
from schemas.dataframe_schema import required_fields


def find_missing_fields(feeds: Sequence[FieldMapping], operation: Operation, rest: AutoMatch) -> Iterator[MissingField]:
    """The required fields that nothing feeds, and the parts without which an object that is fed cannot be sent."""
    fed = {feed.field.path for feed in feeds}
    tied = {gap.field.path for gap in rest.ties}
    for field in required_fields(operation):
        if field.path not in fed and field.path not in tied:
            yield MissingField(field, tuple(rest.suggestions.get(field.path, ())))
    for field in operation.fields:
        part_of = field.required_within
        if part_of is None or field.open or field.path in fed:
            continue
        if any(path.startswith(part_of + ".") for path in fed):
            yield MissingField(field, tuple(rest.suggestions.get(field.path, ())), part_of)


def reject_missing_fields(mapping: Mapping, operation: Operation) -> None:
    """Raises MappingError that names what is missing, the columns there are, and a ``--map`` to paste."""
    ties = [gap for gap in mapping.gaps if gap.tied]
    if ties:
        raise MappingError(_tie(ties[0], mapping))
    columns = f"Columns found: {listed(mapping.columns)}."
    missing = [gap for gap in mapping.gaps if gap.within is None]
    if missing:
        raise MappingError(_missing(missing, mapping, columns))
    for gap in mapping.gaps:
        cause = next(feed for feed in mapping.feeds if feed.field.path.startswith(f"{gap.within}."))
        raise MappingError(
            f"no column feeds {gap.field.path}, and {gap.within} cannot be sent without it; {cause.field.path} is fed "
            f'by {mapping.column_of(cause) or "what you set"!r}. {columns} Use --map "Column={gap.field.path}", '
            f"or leave {gap.within} out with a mapping file: ignore = [...]"
        )
    if not any(not field.in_path for field in mapping.fields):
        first = next(field.path for field in operation.fields if not field.in_path)
        raise MappingError(f'no column feeds any field of {operation.name}. {columns} Use --map "Column={first}"')


def _tie(gap: MissingField, mapping: Mapping) -> str:
    names = [name_of(index, mapping.columns) for index in gap.choices]
    pastes = " or ".join(f'--map "{name}={gap.field.path}"' for name in names)
    return (
        f"the columns {' and '.join(map(repr, names))} name {gap.field.path} equally well, and hold different values. "
        f"Say which one feeds it: {pastes}"
    )


def _missing(missing: Sequence[MissingField], mapping: Mapping, columns: str) -> str:
    first = missing[0]
    paths = [gap.field.path for gap in missing]
    what = "the required field" if len(missing) == 1 else "the required fields"
    lines = [f"no column feeds {what} {', '.join(paths)}. {columns}"]
    for gap in missing:
        if gap.choices:
            pastes = " or ".join(f'--map "{name_of(index, mapping.columns)}={gap.field.path}"' for index in gap.choices)
            lines.append(f"{gap.field.path} may be meant by a column that was not taken without your word: {pastes}.")
    example = name_of(first.choices[0], mapping.columns) if first.choices else (mapping.unused or ("Column",))[0]
    lines.append(
        f'Say which column does, for example --map "{example}={first.field.path}", '
        f"or give every row the same value: --set {first.field.path}=VALUE"
    )
    return " ".join(lines)
