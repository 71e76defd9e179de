"""The mapping file: TOML with a field as each key and its column, constant or template as the value."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importer.errors import MappingError
from importer.files import read_toml
from importer.mapping.column_lookup import find_column
from importer.mapping.condition import parse_condition
from importer.mapping.file_keys import NO_KEYS, FileKeys, take_file_keys
from importer.mapping.header_names import nearest_names
from importer.mapping.model import DEFAULT_FORMAT, FieldMapping, ValueFormat, fold_value, with_type
from importer.mapping.name_parts import MiddlePart, NamePart
from importer.mapping.step_entries import STEP_KEYS, read_steps
from importer.mapping.value_steps import NO_STEPS, ValueSteps
from schemas.contract import Field, FieldType

SOURCES = ("column", "value", "template", "join")
TEXT_KEYS = (
    "value", "template", "separator", "when", "default", "otherwise", "part", "middle", "type", "region", "timezone",
    "format",
)  # fmt: skip
KEYS = (*SOURCES, *(name for name in TEXT_KEYS if name not in SOURCES), "values", *STEP_KEYS)
TYPES: dict[str, FieldType] = {
    "text": "string", "integer": "integer", "number": "number", "boolean": "boolean", "list": "array", "json": "json",
}  # fmt: skip
MAX_PLACEHOLDERS = 200
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One entry of a mapping file; it has exactly one of columns, value and template.

    ``separator`` joins the columns; None takes the first that is not blank.
    """

    columns: tuple[str, ...] = ()
    value: str | None = None
    template: str | None = None
    default: str | None = None
    values: tuple[tuple[str, str], ...] = ()  # pairs: text of the file, text to send
    otherwise: str | None = None
    type: str | None = None
    value_format: ValueFormat = DEFAULT_FORMAT
    part: NamePart | None = None
    separator: str | None = None
    when: str | None = None
    steps: ValueSteps = NO_STEPS
    middle: MiddlePart | None = None


@dataclass(frozen=True, slots=True)
class MappingFile:
    """The entries by field path, the headers of the columns to ignore, and the keys that concern the whole file.

    ``blank`` are further words that stand for nothing, ``answers`` pairs of a question and its answer.
    """

    specs: dict[str, FieldSpec]
    ignore: tuple[str, ...]
    blank: tuple[str, ...] = ()
    keys: FileKeys = NO_KEYS
    answers: tuple[tuple[str, str], ...] = ()


NO_FILE = MappingFile({}, ())


def read_mapping(path: Path) -> MappingFile:
    """Read a mapping file. Raises MappingError that names the key and the values it may have."""
    option = f"--mapping {path}"
    try:
        content = read_toml(path)
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"{option}: cannot be read ({error})") from error
    except ValueError as error:
        raise MappingError(f"{option}: is not TOML: {error}") from error
    return parse_mapping(content, option, path.parent)


def parse_line(line: str) -> MappingFile:
    """Return a line of a mapping file that an answer became."""
    return parse_mapping(tomllib.loads(line), "the answer", Path())


def parse_mapping(content: dict[str, Any], option: str, folder: Path) -> MappingFile:
    """Return the content of a mapping file in a folder as data. ``option`` begins the message of a MappingError."""
    answers = content.pop("answers", {})
    if not isinstance(answers, dict) or not all(isinstance(answer, str) for answer in answers.values()):
        raise MappingError(f'{option}: answers must be a table of texts, such as "too_long:notes" = "cut"')
    ignore = content.pop("ignore", [])
    if not isinstance(ignore, list) or not all(isinstance(name, str) for name in ignore):
        raise MappingError(f'{option}: ignore must be a list of columns, such as ignore = ["Internal"]')
    blank = content.pop("blank", [])
    if not isinstance(blank, list) or not all(isinstance(word, str) and word.strip() for word in blank):
        raise MappingError(
            f'{option}: blank must be a list of words that stand for nothing, such as blank = ["unknown"]'
        )
    keys = take_file_keys(content, option, folder)
    specs = {key: _parse_entry(f"{option}: {key}", key, value) for key, value in content.items()}
    return MappingFile(specs, tuple(ignore), tuple(word.strip() for word in blank), keys, tuple(answers.items()))


def _parse_entry(place: str, key: str, entry: Any) -> FieldSpec:
    """Return the entry as data. ``place`` is the file and the key, for the message of a MappingError."""
    if isinstance(entry, str):
        return FieldSpec((entry,))
    if not isinstance(entry, dict):
        raise MappingError(f'{place} must be a column, such as {key} = "Column"')
    _reject_unknown_keys(place, entry)
    columns = entry.get("column", entry.get("join", []))
    columns = tuple(columns) if isinstance(columns, list) else (columns,)
    values = entry.get("values", {})
    texts = [*columns, *(entry[name] for name in TEXT_KEYS if name in entry)]
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in (*texts, *values.values())):
        raise MappingError(f"{place}: what stands in it must be text, in quotes")
    _reject_contradictions(place, entry)
    return FieldSpec(
        columns,
        entry.get("value"),
        entry.get("template"),
        entry.get("default"),
        tuple(values.items()),
        entry.get("otherwise"),
        entry.get("type"),
        ValueFormat(entry.get("region"), entry.get("timezone"), entry.get("format")),
        NamePart(entry["part"]) if "part" in entry else None,
        entry.get("separator", " ") if "join" in entry else None,
        entry.get("when"),
        read_steps(entry, place),
        MiddlePart(entry["middle"]) if "middle" in entry else None,
    )


def _reject_unknown_keys(place: str, entry: dict[str, Any]) -> None:
    for name in entry:
        if name not in KEYS:
            near = nearest_names(name, KEYS)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYS)}"
            raise MappingError(f"{place} has the unknown key {name!r}; {hint} (a field with a dot in it is quoted)")


def _reject_contradictions(place: str, entry: dict[str, Any]) -> None:
    if sum(name in entry for name in SOURCES) != 1 or entry.get("column") == []:
        raise MappingError(f'{place} needs one of column = "…", value = "…", template = "…" and join = ["…", "…"]')
    if "join" in entry and not (isinstance(entry["join"], list) and len(entry["join"]) > 1):
        raise MappingError(f'{place}: join must be a list of columns, such as join = ["Street", "City"]')
    if "separator" in entry and "join" not in entry:
        raise MappingError(f"{place}: separator stands between the columns of join; there is no join")
    if "otherwise" in entry and not entry.get("values") and "when" not in entry:
        raise MappingError(
            f"{place}: otherwise is for what values does not list, and for rows that when leaves out; there is no "
            "values and no when"
        )
    if "otherwise" in entry and entry.get("values") and "when" in entry:
        raise MappingError(f"{place}: otherwise could belong to values and to when; leave out one of these")
    if "value" in entry and (odd := next((name for name in STEP_KEYS if name in entry), None)):
        raise MappingError(f"{place}: {odd} changes the text of a column; value is the same in every row")
    if "part" in entry and (entry["part"] not in tuple(NamePart) or "column" not in entry):
        raise MappingError(
            f'{place}: part is {", ".join(NamePart)} of a column, such as column = "Name", part = "first"'
        )
    if "middle" in entry and (entry["middle"] not in tuple(MiddlePart) or "part" not in entry):
        raise MappingError(
            f"{place}: middle says which part the words in the middle of a full name belong to, first or last, such as "
            'column = "Name", part = "first", middle = "last"'
        )
    _reject_ambiguous_values(place, entry.get("values", {}))
    if "type" in entry and entry["type"] not in TYPES:
        raise MappingError(f"{place}: there is no type {entry['type']!r}; it may be {', '.join(TYPES)}")


def _reject_ambiguous_values(place: str, values: dict[str, str]) -> None:
    meanings: dict[str, tuple[str, str]] = {}
    for text, replacement in values.items():
        known, meaning = meanings.setdefault(fold_value(text), (text, replacement))
        if meaning != replacement:
            raise MappingError(
                f"{place}: values has {known!r} and {text!r}, which are equal but for case and outer blanks, "
                f"with different meanings, {meaning!r} and {replacement!r}. Keep one of them"
            )


def to_field_mapping(field: Field, spec: FieldSpec, place: str, columns: Sequence[str]) -> FieldMapping:
    """Return the field mapping that an entry asks for in a file with these columns. Raises MappingError."""
    if spec.type is not None:
        if not field.of_open:
            raise MappingError(
                f"{place}: type is for members of open objects; {field.path} is documented as {field.type}"
            )
        field = with_type(field, TYPES[spec.type])
    template = _parse_template(spec.template, place, columns) if spec.template is not None else ()
    indexes = tuple(find_column(header, place, columns) for header in spec.columns)
    indexes = indexes or tuple(part for part in template if isinstance(part, int))
    return FieldMapping(
        field,
        indexes,
        spec.value,
        spec.default,
        template,
        spec.values,
        spec.otherwise,
        spec.value_format,
        spec.part,
        spec.separator,
        None if spec.when is None else parse_condition(spec.when, f"{place}: when", columns),
        spec.steps,
        spec.middle,
    )


def _parse_template(text: str, place: str, columns: Sequence[str]) -> tuple[str | int, ...]:
    """Return texts and column positions: ``{First} {Last}`` → 0, " ", 1. Doubled braces stand for themselves."""
    if text.count("{") > MAX_PLACEHOLDERS:
        raise MappingError(f"{place}: a template may name {MAX_PLACEHOLDERS} columns at most")
    parts: list[str | int] = []
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        parts.append(text[end : found.start()])
        parts.append(found[0][0] if found[1] is None else find_column(found[1], f"{place}: template", columns))
        end = found.end()
    parts.append(text[end:])
    if not any(isinstance(part, int) for part in parts):
        raise MappingError(f'{place}: a template names columns in braces, such as "{{First}} {{Last}}"')
    return tuple(part for part in parts if part != "")
