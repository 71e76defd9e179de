"""The checks of a file on its way: begun when they are needed, kept until something else is chosen."""

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
from importer.web.background_tasks import Work
from importer.web.services import WebServices

BODIES = "bodies.json"


def rehearsal_of(desk: WebServices, draft: Draft) -> CheckReview:
    """The rows of the file as it was uploaded, with the corrections put over them.

    Raises SettingsError when they are not there.
    """
    return CheckReview(draft.check, draft.settings(desk.state_dir, draft.check_reports))


def found_in(desk: WebServices, draft: Draft) -> CheckReview:
    """What is wrong by now, as well as it is known: of a file that was checked with its corrections, all of it."""
    if draft.corrections and draft.is_reported:
        settings = draft.settings(desk.state_dir, draft.check_reports)
        return CheckReview(draft.corrected_check, replace(settings, corrections=()))
    return rehearsal_of(desk, draft)


def settings_of(desk: WebServices, draft: Draft, output: Path) -> Settings:
    """What was chosen. Dates are read in the order that the file has proven, whatever was corrected in it since."""
    settings = draft.settings(desk.state_dir, output)
    return replace(settings, date_orders=rehearsal_of(desk, draft).orders) if draft.corrections else settings


def start_check(desk: WebServices, draft: Draft) -> Work:
    """Check a file as it is chosen and corrected by now, unless that is being done."""
    work = Work("check", draft.id)
    work.revision = draft.revision
    return desk.works.start(key_of(draft), work, lambda told: _check(desk, draft, told))


def work_of(desk: WebServices, draft: Draft) -> Work | None:
    """The check that is at work, or was last."""
    return desk.works.get(key_of(draft))


def key_of(draft: Draft) -> str:
    """What the check of a file is known by."""
    return f"check:{draft.id}"


def summary_of(folder: Path) -> dict[str, Any] | None:
    """What summary.json in a folder of reports says; None where there is none."""
    try:
        found = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def bodies_of(draft: Draft) -> list[tuple[int, str, str]]:
    """The first requests that would be sent: row, method and path, JSON body."""
    try:
        return [tuple(entry) for entry in json.loads((draft.check_reports / BODIES).read_text(encoding="utf-8"))]
    except (OSError, ValueError):
        return []


def _check(desk: WebServices, draft: Draft, work: Work) -> Summary:
    """The kept rows are those of the file itself; the reports, and rows kept beside them, have the corrections."""
    settings, state = draft.settings(desk.state_dir, draft.check_reports), draft.state
    summary: Summary | None = None
    if not draft.is_checked:
        summary = review_check(draft.file, replace(settings, corrections=()), draft.check, work)
        desk.drafts.change(draft.id, checked=draft.revision, reported="")
    if summary is None or draft.corrections:
        settings = settings_of(desk, draft, draft.check_reports)
        summary = review_check(draft.file, settings, draft.corrected_check if draft.corrections else draft.check, work)
    write_atomic(draft.check_reports / BODIES, json.dumps(summary.bodies))
    desk.drafts.change(draft.id, reported=state)
    return summary
