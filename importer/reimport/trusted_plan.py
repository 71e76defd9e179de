"""Decides which plans in workbooks count: those of reports that this state folder wrote."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from importer.errors import ImporterError
from importer.journal import journal_exists, open_journal
from importer.run_store.report_key import SIGNATURE, has_own_signature, signs_since

FOREIGN_PLAN = (
    "this workbook is a report that was not written with this state folder, or its hidden sheet was changed since: "
    "its headers decide, and no constant or option of its run is taken from it"
)


def is_trusted(plan: Mapping[str, Any], state_dir: Path) -> bool:
    """Return True if the state folder signed the plan, or if it is an unsigned one of a run from before it signed."""
    if SIGNATURE in plan:
        return has_own_signature(state_dir, plan)
    return _is_run_before_signing(plan["run"], state_dir)


def _is_run_before_signing(run: str, state_dir: Path) -> bool:
    """Return True if the journal knows the run, and reports were not signed yet when it ended.

    Else the signature of a report could be taken away together with what it protects.
    """
    with contextlib.suppress(ImporterError):  # a journal that cannot be opened knows no run
        if journal_exists(state_dir):
            with contextlib.closing(open_journal(state_dir)) as journal:
                since = signs_since(state_dir)
                return any(
                    record.id == run and (record.ended or record.heartbeat) < since for record in journal.list_runs()
                )
    return False
