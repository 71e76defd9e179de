"""Checks of drafts: started when their result is needed, kept until something else is chosen for the draft.

The file is checked without its corrections, and the rows are kept (``runs.review``): a corrected cell is judged by
putting all corrections over the kept rows, so that undoing one needs no new check. Reports and the import read the file
again, with the corrections, because duplicates and shared addresses need all rows.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from importer.drafts.draft import Draft
from importer.files import write_atomic
from importer.model.summary import Summary
from importer.pipeline import review_check
from importer.runs.review import CheckReview
from importer.settings import Settings
from importer.web.background_tasks import Task, TaskKind, check_key
from importer.web.services import WebServices

SAMPLE_REQUESTS_FILE = "bodies.json"


def load_review(services: WebServices, draft: Draft) -> CheckReview:
    """Return the rows of the file as uploaded, with the corrections put over them.

    Raises SettingsError when they are not kept any more.
    """
    return CheckReview(draft.check, draft.settings(services.state_dir, draft.check_reports))


def load_latest_review(services: WebServices, draft: Draft) -> CheckReview:
    """Return the check of the whole corrected file where there is one, else what ``load_review`` returns."""
    if draft.has_edits and draft.is_reported:
        settings = draft.settings(services.state_dir, draft.check_reports)
        return CheckReview(draft.corrected_check, replace(settings, corrections=(), removed=()))
    return load_review(services, draft)


def build_settings(services: WebServices, draft: Draft, output: Path) -> Settings:
    """Return the settings of a draft's check or run.

    Dates keep the order that the file as uploaded has proven: a corrected cell must not turn days into months in all
    others.
    """
    settings = draft.settings(services.state_dir, output)
    return replace(settings, date_orders=load_review(services, draft).orders) if draft.has_edits else settings


def start_check(services: WebServices, draft: Draft) -> Task:
    """Start the check of a draft with its corrections, unless it is running; return its task."""
    task = Task(TaskKind.CHECK, draft.id)
    task.revision = draft.revision
    return services.tasks.start(check_key(draft.id), task, lambda started: _check(services, draft, started))


def find_check(services: WebServices, draft: Draft) -> Task | None:
    """Return the check of a draft that is running, or was last."""
    return services.tasks.get(check_key(draft.id))


def read_summary(folder: Path) -> dict[str, Any] | None:
    """Return the content of summary.json in a folder of reports; None where there is none."""
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return summary if isinstance(summary, dict) else None


def read_sample_requests(draft: Draft) -> list[tuple[int, str, str]]:
    """Return the first requests that would be sent: row, method and path, JSON body."""
    try:
        text = (draft.check_reports / SAMPLE_REQUESTS_FILE).read_text(encoding="utf-8")
        return [tuple(entry) for entry in json.loads(text)]
    except (OSError, ValueError):
        return []


def _check(services: WebServices, draft: Draft, task: Task) -> Summary:
    settings, state = draft.settings(services.state_dir, draft.check_reports), draft.state
    summary: Summary | None = None
    if not draft.is_checked:
        summary = review_check(draft.file, replace(settings, corrections=(), removed=()), draft.check, task)
        services.drafts.change(draft.id, checked=draft.revision, reported="")
    if summary is None or draft.has_edits:
        settings = build_settings(services, draft, draft.check_reports)
        folder = draft.corrected_check if draft.has_edits else draft.check
        summary = review_check(draft.file, settings, folder, task)
    write_atomic(draft.check_reports / SAMPLE_REQUESTS_FILE, json.dumps(summary.bodies))
    services.drafts.change(draft.id, reported=state)
    return summary
