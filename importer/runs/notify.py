"""``--notify``: when a run ends, however it ends, its summary goes to a webhook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from importer.errors import ImporterError
from importer.model.summary import Summary
from importer.observer import Observer
from importer.reporting import summary_json
from importer.reporting.advice import verdict
from importer.settings import Settings


def with_notification(settings: Settings, what: str, observer: Observer, work: Callable[[], Summary]) -> Summary:
    """Do the work, and tell the observer, and the webhook of these settings if there is one, what came of it."""
    url = settings.notify
    if url is not None:
        from importer.sending.webhook import check_webhook

        check_webhook(url)
    try:
        summary = work()
    except ImporterError as error:
        observer.on_run_failed(error)
        if url is not None:
            _tell(url, failure(what, error), observer)
        raise
    observer.on_run_finished(summary)
    if url is not None:
        _tell(url, summary_json(summary) | {"text": in_words(summary)}, observer)
    return summary


def in_words(summary: Summary) -> str:
    """A line or two for a chat: what was imported where, what came of it."""
    name = Path(summary.input["path"]).name
    counts = ", ".join(f"{count:,} {status}" for status, count in summary.counts.items() if count)
    ended = f"{name} → {summary.title}, {summary.operation}: {verdict(summary)}"
    return _quiet(f"{ended}\n{counts or 'no rows'} (run {summary.run})")


def failure(what: str, error: ImporterError) -> dict[str, Any]:
    """What is told of a run that has no summary."""
    return {"text": _quiet(f"{what}: {error}"), "run": None, "exit_code": int(error.exit_code), "error": str(error)}


def _tell(url: str, message: dict[str, Any], observer: Observer) -> None:
    from importer.sending.webhook import post_summary

    complaint = post_summary(url, message)
    if complaint:
        observer.on_note(f"--notify: {complaint}; the run is not affected")


def _quiet(text: str) -> str:
    """The text as Slack shows it as it is: a file's name may look like a link, or call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
