"""``--notify``: send the summary of a run, or the error that stopped it, to a webhook and to the observer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from importer.errors import ImporterError
from importer.model.summary import Summary
from importer.observer import Observer
from importer.reporting import summary_json
from importer.reporting.advice import verdict
from importer.settings import Settings


@contextlib.contextmanager
def notify_failure(settings: Settings, title: str, observer: Observer) -> Iterator[None]:
    """Report an ImporterError of the block to the observer and the webhook, then let it pass.

    ``title`` names the run in the message. Raises SettingsError at once when the webhook's address is wrong.
    """
    if settings.notify is not None:
        from importer.sending.webhook import check_webhook

        check_webhook(settings.notify)
    try:
        yield
    except ImporterError as error:
        observer.on_run_failed(error)
        _post(settings, failure_payload(title, error), observer)
        raise


def notify_summary(summary: Summary, settings: Settings, observer: Observer) -> Summary:
    """Send the summary to the observer and the webhook, and return it."""
    observer.on_run_finished(summary)
    _post(settings, summary_json(summary) | {"text": summary_text(summary)}, observer)
    return summary


def summary_text(summary: Summary) -> str:
    """Return two lines for a chat: file, vendor and verdict; then the counts."""
    name = Path(summary.input["path"]).name
    counts = ", ".join(f"{count:,} {status}" for status, count in summary.counts.items() if count)
    headline = f"{name} → {summary.title}, {summary.operation}: {verdict(summary)}"
    return _escape_for_slack(f"{headline}\n{counts or 'no rows'} (run {summary.run})")


def failure_payload(title: str, error: ImporterError) -> dict[str, Any]:
    """Return the message about a run that has no summary."""
    text = _escape_for_slack(f"{title}: {error}")
    return {"text": text, "run": None, "exit_code": int(error.exit_code), "error": str(error)}


def _post(settings: Settings, message: dict[str, Any], observer: Observer) -> None:
    if settings.notify is None:
        return
    from importer.sending.webhook import post_summary

    failure = post_summary(settings.notify, message)
    if failure:
        observer.on_note(f"--notify: {failure}; the run is not affected")


def _escape_for_slack(text: str) -> str:
    # A file's name may contain "<!channel>", which Slack would take for a mention of everybody.
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
