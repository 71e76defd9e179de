"""The index by which a saved mapping file is found again for a file with the same columns."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from importer.files import make_private_folder, write_atomic
from importer.model.normalized_name import normalize_name
from importer.runs.context import RunContext

INDEX = Path("mappings") / "layouts.json"


def remember_mapping(context: RunContext, columns: Sequence[str], path: Path) -> None:
    """Remember the mapping file of a layout. Raises OSError."""
    known = _read_index(context.state_dir) | {layout_of(context, columns): str(path)}
    make_private_folder(context.state_dir / INDEX.parent)
    write_atomic(context.state_dir / INDEX, json.dumps(known, indent=1))


def find_saved_mapping(context: RunContext, columns: Sequence[str]) -> Path | None:
    """Return the mapping file that was saved for a file with these columns, if it is still there."""
    named = _read_index(context.state_dir).get(layout_of(context, columns))
    return Path(named) if named and Path(named).is_file() else None


def layout_of(context: RunContext, columns: Sequence[str]) -> str:
    """Return the digest of a layout: the columns in their order, but for spelling, and the operation they are for."""
    names = [context.vendor.name, context.operation.name, *map(normalize_name, columns)]
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()


def _read_index(state_dir: Path) -> dict[str, str]:
    with contextlib.suppress(OSError, ValueError):
        known = json.loads((state_dir / INDEX).read_text(encoding="utf-8"))
        if isinstance(known, dict):
            return known
    return {}
