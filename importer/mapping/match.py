"""Map a file's columns to the fields of an operation: first as the user says, then by headers and values."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from importer.errors import MappingError
from importer.mapping.auto_match import match_remaining
from importer.mapping.column_lookup import find_column
from importer.mapping.column_profile import HEADERS_ONLY, ColumnProfile, is_email_address
from importer.mapping.country_columns import find_country_columns
from importer.mapping.file_keys import FILE_KEYS
from importer.mapping.header_match import is_report_column
from importer.mapping.header_names import nearest_names
from importer.mapping.mapping_file import NO_FILE, MappingFile, parse_line, read_mapping, to_field_mapping
from importer.mapping.missing_fields import find_missing_fields, reject_missing_fields
from importer.mapping.model import FieldMapping, Mapping, sort_field_mappings
from importer.settings import Settings
from schemas.contract import Field, Operation


def match_columns(
    columns: Sequence[str], operation: Operation, settings: Settings, profile: ColumnProfile = HEADERS_ONLY
) -> Mapping:
    """Return a mapping that a run can use.

    Raises MappingError for names that do not exist, for ties, and for required fields that nothing maps to.
    """
    reject_missing_header(columns, operation)
    mapping = draft_mapping(columns, operation, settings, profile)
    reject_missing_fields(mapping, operation)
    return mapping


def reject_missing_header(columns: Sequence[str], operation: Operation) -> None:
    """Raise MappingError when the row of headers has an e-mail address: it is a contact, who would be lost."""
    address = next((header for header in columns if is_email_address(header)), None)
    if address is not None:
        raise MappingError(
            f"the row that should name the columns has an address in it, {address!r}: put a row of names above it, "
            f"such as {operation.fields[0].path}, or name its row with --header-row N"
        )


def draft_mapping(
    columns: Sequence[str], operation: Operation, settings: Settings, profile: ColumnProfile = HEADERS_ONLY
) -> Mapping:
    """Return a mapping that says what is ``missing``. Raises MappingError for names that do not exist."""
    explicit, ignored, file = explicit_mappings(columns, operation, settings)
    auto_match = match_remaining(columns, operation, explicit, ignored, profile)
    field_mappings = sort_field_mappings(auto_match.field_mappings, operation)
    unused = list_unused_columns(field_mappings, columns, ignored)
    missing = (*auto_match.questions, *auto_match.ties, *find_missing_fields(field_mappings, operation, auto_match))
    countries = find_country_columns(columns, operation, field_mappings, profile)
    return Mapping(
        field_mappings,
        tuple(columns),
        unused,
        tuple(auto_match.notes),
        countries,
        missing,
        blank=file.blank,
        keys=file.keys,
    )


def explicit_mappings(
    columns: Sequence[str], operation: Operation, settings: Settings
) -> tuple[dict[str, FieldMapping], set[int], MappingFile]:
    """Return what the settings and the mapping file ask for: mappings by path, columns to ignore, and the file.

    Raises MappingError for names that do not exist.
    """
    found: dict[str, FieldMapping] = {}
    for path, text in settings.constants:
        found[path] = FieldMapping(find_field(path, operation, f"--set {path}={text}"), constant=text)
    for header, path in settings.columns:
        option = f'--map "{header}={path}"'
        field = find_field(path, operation, option)
        if path in found:
            raise MappingError(f"{option}: {path} has a column already; name it once")
        found[path] = FieldMapping(field, (find_column(header, option, columns),))
    file = NO_FILE if settings.mapping is None else read_mapping(settings.mapping)
    ignored = _add_from_file(file, settings, columns, operation, found)
    for answer in map(parse_line, settings.lines):
        for path, spec in answer.specs.items():
            found[path] = to_field_mapping(find_field(path, operation, path), spec, path, columns)
        ignored |= {find_column(header, "ignore", columns) for header in answer.ignore}
    return found, ignored, file


def _add_from_file(
    file: MappingFile,
    settings: Settings,
    columns: Sequence[str],
    operation: Operation,
    found: dict[str, FieldMapping],
) -> set[int]:
    """Add the mapping file's field mappings, unless the command line has one; return the columns to ignore."""
    option = f"--mapping {settings.mapping}"
    for path, spec in file.specs.items():
        field = find_field(path, operation, option, also=("ignore", "blank", *FILE_KEYS))
        if path not in found:
            found[path] = to_field_mapping(field, spec, f"{option}: {path}", columns)
    return {find_column(header, f"{option}: ignore", columns) for header in file.ignore}


def find_field(path: str, operation: Operation, option: str, also: Sequence[str] = ()) -> Field:
    """Return the field of that path.

    Raises MappingError that begins with ``option`` and has the nearest names, among them those of ``also``.
    """
    field = operation.field(path)
    if field is None:
        paths = [known.path + (".<name>" if known.open else "") for known in operation.fields]
        near = nearest_names(path, (*paths, *also))
        hint = f"did you mean {' or '.join(near)}?" if near else f"the fields are {', '.join(paths)}"
        raise MappingError(f"{option}: {operation.name} has no field {path!r}; {hint}")
    return field


def list_unused_columns(
    field_mappings: Sequence[FieldMapping], columns: Sequence[str], ignored: Collection[int] = ()
) -> tuple[str, ...]:
    """Return the headers of the columns that are neither mapped nor ignored; columns of our reports are not listed."""
    used = {*ignored, *(index for field_mapping in field_mappings for index in field_mapping.columns)}
    return tuple(
        header
        for index, header in enumerate(columns)
        if index not in used and header.strip() and not is_report_column(header)
    )
