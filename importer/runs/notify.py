"""``--notify`` and ``--mail``: send how a run ended, or the error that stopped it, to a webhook and by mail."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from importer.errors import ImporterError
from importer.model.summary import Summary
from importer.observer import Observer
from importer.reporting import summary_json
from importer.reporting.advice import next_steps, verdict
from importer.settings import Settings


@contextlib.contextmanager
def notify_failure(settings: Settings, title: str, observer: Observer) -> Iterator[None]:
    """Report an ImporterError of the block to the observer, the webhook and by mail, then let it pass.

    ``title`` names the run in the message. Raises SettingsError at once when an address is wrong.
    """
    if settings.notify is not None:
        from importer.sending.chat_message import split_form
        from importer.sending.webhook import check_webhook

        check_webhook(split_form(settings.notify)[1])
    if settings.mail:
        from importer.sending.mail import check_mail

        check_mail(settings.mail, settings.mail_server)
    try:
        yield
    except ImporterError as error:
        observer.on_run_failed(error)
        tell_failure(settings, title, error, observer)
        raise


def notify_summary(summary: Summary, settings: Settings, observer: Observer) -> Summary:
    """Send the summary to the observer, the webhook and by mail, and return it."""
    observer.on_run_finished(summary)
    text = summary_text(summary)
    _post(settings, text, summary_json(summary), observer)
    _mail(settings, text.split("\n")[0], mail_text(summary), observer, summary.outputs.get("workbook"))
    return summary


def tell_failure(settings: Settings, title: str, error: ImporterError, observer: Observer) -> None:
    """Send an error to the webhook and by mail."""
    text = f"{title}: {error}"
    data = {"run": None, "exit_code": int(error.exit_code), "error": str(error)}
    _post(settings, text, data, observer)
    _mail(settings, f"{title}: nothing was imported", text, observer)


def tell(settings: Settings, text: str, observer: Observer) -> None:
    """Send a message that is not about one run to the observer, the webhook and by mail."""
    observer.on_note(text)
    _post(settings, text, {"run": None}, observer)
    _mail(settings, text, text, observer)


def summary_text(summary: Summary) -> str:
    """Return two lines for a chat: file, vendor and verdict; then the counts."""
    name = Path(summary.input["path"]).name
    counts = ", ".join(f"{count:,} {status}" for status, count in summary.counts.items() if count)
    headline = f"{name} → {summary.title}, {summary.operation}: {verdict(summary)}"
    return f"{headline}\n{counts or 'no rows'} (run {summary.run})"


def mail_text(summary: Summary) -> str:
    """Return the text of a mail: the verdict, a line for each status, what to do next, and where the reports are."""
    counts = [f"  {count:>9,}  {status}" for status, count in summary.counts.items() if count]
    folder = next((path.parent.absolute() for path in summary.outputs.values()), None)
    reports = [f"Reports: {folder}"] if folder else []
    parts = ([verdict(summary)], counts, list(next_steps(summary)), [*reports, f"Run: {summary.run}"])
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _post(settings: Settings, text: str, data: Mapping[str, Any], observer: Observer) -> None:
    if settings.notify is None:
        return
    from importer.sending.chat_message import chat_message, split_form
    from importer.sending.webhook import post_summary

    form, url = split_form(settings.notify)
    failure = post_summary(url, chat_message(form, text, data))
    if failure:
        observer.on_note(f"--notify: {failure}; the run is not affected")


def _mail(settings: Settings, subject: str, text: str, observer: Observer, errors: Path | None = None) -> None:
    if not settings.mail or settings.mail_server is None:
        return
    from importer.sending.mail import Mail, send_mail

    attached = errors if settings.mail_errors and errors is not None and errors.exists() else None
    failure = send_mail(Mail(settings.mail, subject, text, attached), settings.mail_server, settings.ca_file)
    if failure:
        observer.on_note(f"--mail: {failure}; the run is not affected")
