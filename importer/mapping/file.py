"""The mapping file: TOML whose keys are fields and whose values say what feeds them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importer.errors import MappingError
from importer.mapping.names import nearest

KEYS = ("column", "value", "default")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a mapping file asks for a field: columns (the first that is not blank), a constant, a default."""

    columns: tuple[str, ...] = ()
    value: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class MappingFile:
    """Wishes by field, and the columns that are to be passed over."""

    wishes: dict[str, Wish]
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
    return MappingFile({key: _wish(path, key, value) for key, value in content.items()}, tuple(ignore))


def _wish(path: Path, key: str, value: Any) -> Wish:
    if isinstance(value, str):
        return Wish((value,))
    if not isinstance(value, dict):
        raise MappingError(f'--mapping {path}: {key} must be a column, such as {key} = "Column"')
    for name in value:
        if name not in KEYS:
            near = nearest(name, KEYS)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYS)}"
            raise MappingError(f"--mapping {path}: {key} has the unknown key {name!r}; {hint}")
    columns = value.get("column", ())
    columns = (columns,) if isinstance(columns, str) else tuple(columns)
    texts = [*columns, *(value[name] for name in ("value", "default") if name in value)]
    if not all(isinstance(text, str) for text in texts):
        raise MappingError(f"--mapping {path}: what stands in {key} must be text, in quotes")
    if bool(columns) == ("value" in value):
        raise MappingError(f'--mapping {path}: {key} needs either column = "…" or value = "…"')
    return Wish(columns, value.get("value"), value.get("default"))
