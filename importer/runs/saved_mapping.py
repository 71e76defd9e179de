"""The mapping file that ``--save-mapping`` writes, and the index by which it is found again for the same columns."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from importer.errors import SettingsError
from importer.files import make_private_folder, write_atomic
from importer.model.normalized_name import normalize_name
from importer.runs.context import RunContext
from importer.runs.run import ImportRun

INDEX = Path("mappings") / "layouts.json"


def save_mapping(run: ImportRun) -> None:
    """Write the mapping file that the settings ask for, and remember its columns. Raises SettingsError."""
    path = run.settings.save_mapping
    if path is None:
        return
    path = path.absolute()
    try:
        write_atomic(path, run.prepared.mapping_file)
        known = _read_index(run.context.state_dir) | {layout_of(run.context, run.prepared.mapping.columns): str(path)}
        make_private_folder(run.context.state_dir / INDEX.parent)
        write_atomic(run.context.state_dir / INDEX, json.dumps(known, indent=1))
    except OSError as error:
        raise SettingsError(f"--save-mapping {path}: cannot be written ({error.strerror})") from error
    run.observer.on_note(f"columns and answers are saved: use --mapping {path} for the next file of this layout")


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
