"""Headers → fields: what a person said first, then what the headers and the values say."""

from __future__ import annotations

from collections.abc import Sequence

from importer.errors import MappingError
from importer.mapping.auto_match import match_remaining
from importer.mapping.column_lookup import find_column
from importer.mapping.column_profile import NO_EVIDENCE, Evidence, is_value
from importer.mapping.header_match import is_report_column, rank_among
from importer.mapping.header_names import nearest, parse_name
from importer.mapping.mapping_file import read_mapping, to_field_mapping
from importer.mapping.missing_fields import find_missing_fields, reject_missing_fields
from importer.mapping.model import FieldMapping, Mapping
from importer.settings import Settings
from schemas.contract import Field, Operation

COUNTRY_NAMES = (
    "country", "country code", "country/region", "address country", "mailing country", "home country/region",
    "business country/region", "billing country", "pays", "país", "land", "paese", "nazione",
)  # fmt: skip


def match_columns(
    columns: Sequence[str], operation: Operation, settings: Settings, evidence: Evidence = NO_EVIDENCE
) -> Mapping:
    """Decide what feeds what. Raises MappingError: unknown names, ties, or a required field that nothing feeds."""
    reject_value_matches(columns, operation)
    mapping = draft_mapping(columns, operation, settings, evidence)
    reject_missing_fields(mapping, operation)
    return mapping


def reject_value_matches(columns: Sequence[str], operation: Operation) -> None:
    """Raises MappingError when the header is a contact: it would be lost."""
    value = next((header for header in columns if is_value(header)), None)
    if value is not None:
        raise MappingError(
            f"the row that should name the columns has an address in it, {value!r}: put a row of names above it, such "
            f"as {operation.fields[0].path}, or say which row it is with --header-row N"
        )


def draft_mapping(
    columns: Sequence[str], operation: Operation, settings: Settings, evidence: Evidence = NO_EVIDENCE
) -> Mapping:
    """The same, with what is missing as ``gaps``. Raises MappingError for names that do not exist."""
    found, ignored = describe_mapping(columns, operation, settings)
    rest = match_remaining(columns, operation, found, ignored, evidence)
    feeds = in_order(rest.feeds, operation)
    used = ignored | {index for feed in feeds for index in feed.columns}
    unused = tuple(
        name for index, name in enumerate(columns) if index not in used and name.strip() and not is_report_column(name)
    )
    gaps = (*rest.ties, *find_missing_fields(feeds, operation, rest))
    return Mapping(feeds, tuple(columns), unused, rest.notes, _country(columns), gaps)


def describe_mapping(
    columns: Sequence[str], operation: Operation, settings: Settings
) -> tuple[dict[str, FieldMapping], set[int]]:
    """What the settings and the mapping file say, by field, and the columns to be passed over. Raises MappingError."""
    found: dict[str, FieldMapping] = {}
    for path, text in settings.constants:
        found[path] = FieldMapping(field_of(path, operation, f"--set {path}={text}"), constant=text)
    for header, path in settings.columns:
        said = f'--map "{header}={path}"'
        field = field_of(path, operation, said)
        if path in found:
            raise MappingError(f"{said}: {path} is already fed; name it once")
        found[path] = FieldMapping(field, (find_column(header, said, columns),))
    return found, _from_file(settings, columns, operation, found)


def _from_file(
    settings: Settings, columns: Sequence[str], operation: Operation, found: dict[str, FieldMapping]
) -> set[int]:
    """Add what a mapping file asks for, where the command line does not say otherwise; the columns it ignores."""
    if settings.mapping is None:
        return set()
    file = read_mapping(settings.mapping)
    said = f"--mapping {settings.mapping}"
    for path, wish in file.wishes.items():
        field = field_of(path, operation, said)
        if path not in found:
            found[path] = to_field_mapping(field, wish, f"{said}: {path}", columns)
    return {find_column(header, f"{said}: ignore", columns) for header in file.ignore}


def field_of(path: str, operation: Operation, said: str) -> Field:
    """The field of that path. Raises MappingError with the nearest names."""
    field = operation.field(path)
    if field is None:
        paths = [known.path + (".<name>" if known.open else "") for known in operation.fields]
        near = nearest(path, paths)
        hint = f"did you mean {' or '.join(near)}?" if near else f"the fields are {', '.join(paths)}"
        raise MappingError(f"{said}: {operation.name} has no field {path!r}; {hint}")
    return field


def in_order(found: dict[str, FieldMapping], operation: Operation) -> tuple[FieldMapping, ...]:
    """The feeds in the order of the contract's fields."""

    def place(feed: FieldMapping) -> tuple[int, int]:
        for index, field in enumerate(operation.fields):
            if feed.field.path == field.path or (field.open and feed.field.path.startswith(field.path + ".")):
                return index, feed.column if feed.column is not None else -1
        return len(operation.fields), 0

    return tuple(sorted(found.values(), key=place))


def _country(columns: Sequence[str]) -> int | None:
    ranks = [
        (rank, index) for index, header in enumerate(columns) if (rank := rank_among(parse_name(header), COUNTRY_NAMES))
    ]
    sure = [entry for entry in ranks if -entry[0][0] >= 3]
    return min(sure)[1] if sure else None
