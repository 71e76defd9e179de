"""The run that a report is of: how its file was read, and its rows, where they are still there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from importer.errors import FileError
from importer.model.table import Table
from importer.reading import read_table
from importer.run_store.run_folder import RunFolder, state_folder
from importer.run_store.spool import Spool
from importer.settings import Settings

NUMBER, STATUS, MESSAGE = "import_row", "import_status", "import_message"
WORDS, RUN = "import_problems", "import_run"
KEPT = {"run", "operation", "document", "hints", "orders", "columns", "feeds", "country"}


@dataclass(frozen=True, slots=True)
class OriginalRun:
    """The run that a report is of. ``plan`` says how its file was read; ``spool`` is None where its rows are gone."""

    run: str
    plan: Mapping[str, Any]
    spool: Spool | None
    carried: bool
    """Whether the plan came with the report, which then is a workbook that no other program had to open as text."""


def find_original_run(table: Table, settings: Settings) -> OriginalRun | None:
    """The run that a table is a report of, as the table itself, its rows or the summary beside it say."""
    state_dir = state_folder(settings.state_dir)
    carried = carried_plan(Path(table.facts.path), settings) if table.facts.sheet is not None else None
    if carried is not None:
        return OriginalRun(carried["run"], carried, _spool(state_dir, carried["run"])[0], carried=True)
    run = _named(table) or _beside(Path(table.facts.path))
    if run is None:
        return None
    spool, plan = _spool(state_dir, run)
    if spool is None or plan is None or KEPT - {"run", *plan}:
        return None
    return OriginalRun(run, plan, spool, carried=False)


def carried_plan(path: Path, settings: Settings) -> dict[str, Any] | None:
    """What the hidden sheet of a workbook says of the run that it is a report of."""
    try:
        hidden = read_table(path, replace(settings, sheet=RUN, header_row=1))
        pieces = [text for batch in hidden.batches() for text in batch.frame[batch.frame.columns[-1]]]
        found = json.loads("".join(pieces))
    except (FileError, ValueError, TypeError):
        return None
    return found if isinstance(found, dict) and not KEPT - found.keys() else None


def _named(table: Table) -> str | None:
    """The run that the rows of errors.xlsx name, in whatever kind of file they are by now."""
    names = [name.strip().lower() for name in table.columns]
    batch = next(table.batches(), None) if RUN in names else None
    if batch is None:
        return None
    texts = batch.frame[f"c{names.index(RUN)}"].drop_nulls()
    return texts[0].split(" ")[0] if texts.len() and texts[0].strip() else None


def _beside(path: Path) -> str | None:
    """The run that the summary in the same folder is of."""
    try:
        run = json.loads((path.parent / "summary.json").read_text(encoding="utf-8"))["run"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return run if isinstance(run, str) else None


def _spool(state_dir: Path, run: str) -> tuple[Spool | None, dict[str, Any] | None]:
    if not run or not all(char.isalnum() or char == "-" for char in run):
        return None, None
    spool = Spool(RunFolder(state_dir, run).path)
    plan = spool.plan()
    return (None, None) if plan is None else (spool, plan)
