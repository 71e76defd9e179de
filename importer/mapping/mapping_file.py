"""The mapping file: TOML whose keys are fields and whose values say what feeds them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from importer.errors import MappingError
from importer.mapping.column_lookup import find_column
from importer.mapping.header_names import nearest
from importer.mapping.model import FieldMapping, Form
from schemas.contract import Field, FieldType, Limits

SOURCES = ("column", "value", "template")
KEYS = (*SOURCES, "default", "values", "otherwise", "type", "region", "timezone", "format")
TYPES: dict[str, FieldType] = {
    "text": "string", "integer": "integer", "number": "number", "boolean": "boolean", "list": "array", "json": "json",
}  # fmt: skip
_HOLE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a mapping file asks for a field; at most one of columns, value and template is there."""

    columns: tuple[str, ...] = ()
    value: str | None = None
    template: str | None = None
    default: str | None = None
    values: tuple[tuple[str, str], ...] = ()
    otherwise: str | None = None
    type: str | None = None
    form: Form = field(default=Form())


@dataclass(frozen=True, slots=True)
class MappingFile:
    """Wishes by field, and the columns that are to be passed over."""

    wishes: dict[str, FieldSpec]
    ignore: tuple[str, ...]


def read_mapping(path: Path) -> MappingFile:
    """Read a mapping file. Raises MappingError naming the key and what it may be."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"--mapping {path}: cannot be read ({error})") from error
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"--mapping {path}: is not TOML: {error}") from error
    ignore = content.pop("ignore", [])
    if not isinstance(ignore, list) or not all(isinstance(name, str) for name in ignore):
        raise MappingError(f'--mapping {path}: ignore must be a list of columns, such as ignore = ["Internal"]')
    wishes = {key: _wish(f"--mapping {path}: {key}", key, value) for key, value in content.items()}
    return MappingFile(wishes, tuple(ignore))


def _wish(said: str, key: str, value: Any) -> FieldSpec:
    if isinstance(value, str):
        return FieldSpec((value,))
    if not isinstance(value, dict):
        raise MappingError(f'{said} must be a column, such as {key} = "Column"')
    for name in value:
        if name not in KEYS:
            near = nearest(name, KEYS)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYS)}"
            raise MappingError(f"{said} has the unknown key {name!r}; {hint} (a field with a dot in it is quoted)")
    columns = value.get("column", [])
    columns = tuple(columns) if isinstance(columns, list) else (columns,)
    values = value.get("values", {})
    texts = [*columns, *(value[name] for name in KEYS if name in value and name not in ("column", "values"))]
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in (*texts, *values.values())):
        raise MappingError(f"{said}: what stands in it must be text, in quotes")
    if sum(name in value for name in SOURCES) != 1 or ("column" in value and not columns):
        raise MappingError(f'{said} needs one of column = "…", value = "…" and template = "…"')
    if "otherwise" in value and not values:
        raise MappingError(f"{said}: otherwise is for what values does not list; there is no values")
    kind = value.get("type")
    if kind is not None and kind not in TYPES:
        raise MappingError(f"{said}: there is no type {kind!r}; it may be {', '.join(TYPES)}")
    return FieldSpec(
        columns,
        value.get("value"),
        value.get("template"),
        value.get("default"),
        tuple(values.items()),
        value.get("otherwise"),
        kind,
        Form(value.get("region"), value.get("timezone"), value.get("format")),
    )


def to_field_mapping(known: Field, wish: FieldSpec, said: str, columns: Sequence[str]) -> FieldMapping:
    """The feed that a wish makes of a file with these columns. Raises MappingError."""
    if wish.type is not None:
        known = _typed(known, wish.type, said)
    template = _template(wish.template, said, columns) if wish.template is not None else ()
    indexes = tuple(find_column(header, said, columns) for header in wish.columns)
    indexes = indexes or tuple(part for part in template if isinstance(part, int))
    return FieldMapping(known, indexes, wish.value, wish.default, template, wish.values, wish.otherwise, wish.form)


def _typed(known: Field, kind: str, said: str) -> Field:
    if not known.of_open:
        raise MappingError(f"{said}: type is for members of open objects; {known.path} is documented as {known.type}")
    wanted = TYPES[kind]
    return replace(known, type=wanted, items=known.limits if wanted == "array" else None, limits=Limits())


def _template(text: str, said: str, columns: Sequence[str]) -> tuple[str | int, ...]:
    """``{First} {Last}`` → 0, " ", 1. Doubled braces stand for themselves."""
    parts: list[str | int] = []
    done = 0
    for hole in _HOLE.finditer(text):
        parts.append(text[done : hole.start()])
        parts.append(hole[0][0] if hole[1] is None else find_column(hole[1], f"{said}: template", columns))
        done = hole.end()
    parts.append(text[done:])
    if not any(isinstance(part, int) for part in parts):
        raise MappingError(f'{said}: a template names columns in braces, such as "{{First}} {{Last}}"')
    return tuple(part for part in parts if part != "")
