"""Headers → fields: by the field's own name, then by the other names its contract lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from importer.errors import MappingError
from importer.mapping.file import read_mapping
from importer.mapping.names import nearest, plain
from importer.settings import Settings
from schemas.contract import Field, Operation
from schemas.frame import required_fields

OURS = "import_"


@dataclass(frozen=True, slots=True)
class Feed:
    """What feeds a field: a column by position (and more, where it is blank), or the same text in every row."""

    field: Field
    column: int | None
    constant: str | None = None
    default: str | None = None
    more: tuple[int, ...] = ()

    @property
    def cell(self) -> str | None:
        """The name of the cells that a person would correct; None for a constant."""
        return None if self.column is None else f"c{self.column}"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Every fed field in the contract's order, the columns that feed nothing, and what was decided on the way."""

    feeds: tuple[Feed, ...]
    columns: tuple[str, ...]
    unused: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that are fed."""
        return tuple(feed.field for feed in self.feeds)

    def column_of(self, feed: Feed) -> str:
        """The header of the column that feeds this, or an empty text for a constant."""
        return "" if feed.column is None else self.columns[feed.column]


def match_columns(columns: Sequence[str], operation: Operation, settings: Settings) -> Mapping:
    """Decide what feeds what. Raises MappingError: unknown names, or a required field that nothing feeds."""
    found: dict[str, Feed] = {}
    ignored: set[int] = set()
    for path, text in settings.constants:
        found[path] = Feed(_field(path, operation, f"--set {path}={text}"), None, text)
    for header, path in settings.columns:
        said = f'--map "{header}={path}"'
        field = _field(path, operation, said)
        if path in found:
            raise MappingError(f"{said}: {path} is already fed; name it once")
        found[path] = Feed(field, _column(header, said, columns))
    if settings.mapping is not None:
        ignored = _from_file(settings.mapping, columns, operation, found)
    taken = ignored | {index for feed in found.values() for index in (feed.column, *feed.more) if index is not None}
    chosen, notes = _match_the_rest(columns, operation, found, taken)
    found.update(chosen)
    feeds = _in_order(found, operation)
    used = ignored | {index for feed in feeds for index in (feed.column, *feed.more)}
    unused = tuple(name for index, name in enumerate(columns) if index not in used and name.strip() and not _ours(name))
    mapping = Mapping(feeds, tuple(columns), unused, tuple(notes))
    _refuse_gaps(mapping, operation)
    return mapping


def _from_file(path: Path, columns: Sequence[str], operation: Operation, found: dict[str, Feed]) -> set[int]:
    """Feeds that a mapping file asks for, where the command line does not say otherwise; the columns it ignores."""
    file = read_mapping(path)
    for name, wish in file.wishes.items():
        field = _field(name, operation, f"--mapping {path}")
        if name in found:
            continue
        indexes = tuple(_column(header, f"--mapping {path}: {name}", columns) for header in wish.columns)
        first = indexes[0] if indexes else None
        found[name] = Feed(field, first, wish.value, wish.default, indexes[1:])
    return {_column(header, f"--mapping {path}: ignore", columns) for header in file.ignore}


def _match_the_rest(
    columns: Sequence[str], operation: Operation, found: dict[str, Feed], taken: set[int]
) -> tuple[dict[str, Feed], list[str]]:
    """The better named column for each field still free; the others are named in the notes."""
    candidates: dict[str, list[tuple[int, int, Field]]] = {}
    for index, header in enumerate(columns):
        if index in taken:
            continue
        match = _best_field(header, operation)
        if match:
            score, field = match
            candidates.setdefault(field.path, []).append((score, index, field))
    chosen, notes = {}, []
    for path, options in candidates.items():
        options.sort(key=lambda option: option[:2])
        losers = options if path in found else options[1:]
        winner = "what you set" if path in found else f"column {columns[options[0][1]]!r}"
        if path not in found:
            chosen[path] = Feed(options[0][2], options[0][1])
        notes += [
            f"column {columns[index]!r} could feed {path} too; {winner} does "
            f'(to change it: --map "{columns[index]}={path}")'
            for _, index, _ in losers
        ]
    return chosen, notes


def _best_field(header: str, operation: Operation) -> tuple[int, Field] | None:
    """The field this header names, with 0 for its own name and 1 for another name the contract lists."""
    name = plain(header)
    if not name:
        return None
    if _ours(header):
        ids = [field for field in operation.fields if field.in_path and header.strip().lower() in field.aliases]
        return (1, ids[0]) if ids else None
    for field in operation.fields:
        if not field.open and plain(field.path) == name:
            return 0, field
    for field in operation.fields:
        if name in {plain(alias) for alias in field.aliases}:
            return 1, field
    return _open_member(header, operation)


def _open_member(header: str, operation: Operation) -> tuple[int, Field] | None:
    """``customField.plan``, ``Custom Field: plan``: what stands before the dot or colon names the open object."""
    for sign in re.finditer(r"[.:]", header):
        before, after = header[: sign.start()].strip(), header[sign.end() :].strip()
        for field in operation.fields:
            if field.open and before and after and plain(field.path) == plain(before):
                return 0, field.member(after)
    return None


def _ours(header: str) -> bool:
    return header.strip().lower().startswith(OURS)


def _field(path: str, operation: Operation, said: str) -> Field:
    field = operation.field(path)
    if field is None:
        paths = [known.path + (".<name>" if known.open else "") for known in operation.fields]
        near = nearest(path, paths)
        hint = f"did you mean {' or '.join(near)}?" if near else f"the fields are {', '.join(paths)}"
        raise MappingError(f"{said}: {operation.name} has no field {path!r}; {hint}")
    return field


def _column(header: str, said: str, columns: Sequence[str]) -> int:
    same = [index for index, name in enumerate(columns) if name == header]
    same = same or [index for index, name in enumerate(columns) if name.strip() and plain(name) == plain(header)]
    if len(same) > 1:
        raise MappingError(f"{said}: the file has {len(same)} columns named {header!r}; rename the one you mean")
    if not same:
        near = nearest(header, columns)
        hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
        raise MappingError(f"{said}: the file has no column {header!r}; {hint}its columns are {_listed(columns)}")
    return same[0]


def _in_order(found: dict[str, Feed], operation: Operation) -> tuple[Feed, ...]:
    def place(feed: Feed) -> tuple[int, int]:
        for index, field in enumerate(operation.fields):
            if feed.field.path == field.path or (field.open and feed.field.path.startswith(field.path + ".")):
                return index, feed.column if feed.column is not None else -1
        return len(operation.fields), 0

    return tuple(sorted(found.values(), key=place))


def _refuse_gaps(mapping: Mapping, operation: Operation) -> None:
    fed = {field.path for field in mapping.fields}
    missing = [field.path for field in required_fields(operation) if field.path not in fed]
    columns = f"Columns found: {_listed(mapping.columns)}."
    if missing:
        example = mapping.unused[0] if mapping.unused else "Column"
        paste = " ".join(f'--map "{example}={path}"' for path in missing[:1])
        raise MappingError(
            f"no column feeds {'the required field' if len(missing) == 1 else 'the required fields'} "
            f"{', '.join(missing)}. {columns} Say which column does, for example {paste}, "
            f"or give every row the same value: --set {missing[0]}=VALUE"
        )
    _refuse_half_objects(mapping, operation, columns)
    if not any(not field.in_path for field in mapping.fields):
        first = next(field.path for field in operation.fields if not field.in_path)
        raise MappingError(f'no column feeds any field of {operation.name}. {columns} Use --map "Column={first}"')


def _refuse_half_objects(mapping: Mapping, operation: Operation, columns: str) -> None:
    """An optional object that is fed in part, and not in a part that it must have."""
    fed = {field.path for field in mapping.fields}
    for field in operation.fields:
        part_of = field.required_within
        if part_of is None or field.open or field.path in fed:
            continue
        cause = next((feed for feed in mapping.feeds if feed.field.path.startswith(part_of + ".")), None)
        if cause is not None:
            raise MappingError(
                f"no column feeds {field.path}, and {part_of} cannot be sent without it; {cause.field.path} is fed by "
                f'{mapping.column_of(cause) or "what you set"!r}. {columns} Use --map "Column={field.path}", '
                f"or leave {part_of} out with a mapping file: ignore = [...]"
            )


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in columns[:30] if name.strip())
    return shown + (f" and {len(columns) - 30} more" if len(columns) > 30 else "")
