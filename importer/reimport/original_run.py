"""Finds the run that a report is of: how its file was read, and its rows if they are still stored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importer.journal import fetch_run_files
from importer.model.report_columns import RUN
from importer.model.table import Table
from importer.run_store.run_folder import RunFolder, state_folder
from importer.run_store.spool import Spool
from importer.settings import Settings

PLAN_KEYS = {"run", "operation", "document", "hints", "orders", "columns", "feeds", "country"}
"""What a plan must have to say how a file was read."""


@dataclass(frozen=True, slots=True)
class OriginalRun:
    """The run that a report is of.

    ``plan`` says how its file was read, ``spool`` has its rows and is None if they are gone. ``embedded`` is True if
    the plan came inside the report, which then is a workbook that no program had to open as text.
    """

    run: str
    plan: Mapping[str, Any]
    spool: Spool | None
    embedded: bool


def find_original_run(table: Table, plan: Mapping[str, Any] | None, settings: Settings) -> OriginalRun | None:
    """Return the run that a table is a report of, as its embedded plan, its rows or the summary beside it name it."""
    state_dir = state_folder(settings.state_dir)
    if plan is not None:
        return OriginalRun(plan["run"], plan, _open_spool(state_dir, plan["run"])[0], embedded=True)
    run = _run_in_rows(table) or _run_in_summary(Path(table.facts.path))
    if run is None:
        return None
    spool, stored = _open_spool(state_dir, run)
    if spool is None or stored is None or PLAN_KEYS - {"run", *stored}:
        return None
    return OriginalRun(run, stored, spool, embedded=False)


def _run_in_rows(table: Table) -> str | None:
    """Return the run that the rows of errors.xlsx name, whatever kind of file they were saved as."""
    names = [name.strip().lower() for name in table.columns]
    batch = next(table.batches(), None) if RUN in names else None
    if batch is None:
        return None
    texts = batch.frame[f"c{names.index(RUN)}"].drop_nulls()
    return texts[0].split(" ")[0] if texts.len() and texts[0].strip() else None


def _run_in_summary(path: Path) -> str | None:
    """Return the run of the summary.json in the same folder."""
    try:
        run = json.loads((path.parent / "summary.json").read_text(encoding="utf-8"))["run"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return run if isinstance(run, str) else None


def _open_spool(state_dir: Path, run: str) -> tuple[Spool | None, dict[str, Any] | None]:
    if not run or not all(char.isalnum() or char == "-" for char in run):
        return None, None
    fetch_run_files(state_dir, run)
    spool = Spool(RunFolder(state_dir, run).path)
    plan = spool.plan()
    return (None, None) if plan is None else (spool, plan)
