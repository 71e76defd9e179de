"""Log progress as lines on standard error, as text or as one JSON object each. Personal data only on request."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from importer.cli.observer import CliObserver
from importer.cli.output import echo, echo_json, one_line
from importer.model.delivery import RowResult
from importer.model.summary import Summary

PROGRESS_INTERVAL_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class LogOptions:
    """The form of the log: JSON or text, with a line per row, with the vendor's messages (they may quote values)."""

    as_json: bool
    rows: bool
    values: bool


class LogLines(CliObserver):
    """Logs each stage, the counts so far every ten seconds, and the end."""

    def __init__(self, options: LogOptions) -> None:
        self._options = options
        self._run = ""
        self._counts: Counter[str] = Counter()
        self._total = 0
        self._last_progress = 0.0

    def on_run_started(self, run: str, file: str) -> None:
        self._run = run
        self._log(f"run {run}: {file}", {"event": "begun", "file": file})

    def on_stage(self, name: str) -> None:
        self._log(name, {"event": "stage", "stage": name})

    def on_note(self, text: str) -> None:
        self._log(f"note: {text}", {"event": "note", "text": text})

    def on_rows_checked(self, rows: int, invalid: int) -> None:
        if self._is_progress_due():
            self._log(
                f"{rows:,} rows checked, {invalid:,} invalid", {"event": "checked", "rows": rows, "invalid": invalid}
            )

    def on_send_starting(self, rows: int, target: str) -> None:
        super().on_send_starting(rows, target)
        self._total = rows
        self._log(f"{rows:,} rows to send to {target}", {"event": "sending", "rows": rows, "target": target})

    def on_row_done(self, result: RowResult) -> None:
        self._counts[result.status] += 1
        if self._options.rows:
            self._log_row(result)
        if self._is_progress_due():
            done = sum(self._counts.values())
            shown = ", ".join(f"{count:,} {status}" for status, count in self._counts.items())
            total = f" of {self._total:,}" if self._total else ""
            self._log(f"{done:,}{total} rows: {shown}", {"event": "progress", "rows": done, **self._counts})

    def on_run_finished(self, summary: Summary) -> None:
        counts = {str(status): count for status, count in summary.counts.items() if count}
        shown = ", ".join(f"{count:,} {status}" for status, count in counts.items()) or "no rows"
        code = int(summary.exit_code)
        self._log(f"ended with {code}: {shown}", {"event": "ended", "exit_code": code, **counts})

    def _log_row(self, result: RowResult) -> None:
        """Log the result of a row; the vendor's message only with ``--log-values``, because it may quote values."""
        known = result.evidence
        event = {"event": "row", "row": result.row, "status": str(result.status), "http_status": known.http_status}
        event |= {"attempts": known.attempts, "code": known.code}
        message = f": {known.message}" if self._options.values and known.message else ""
        event |= {"message": known.message, "id": known.vendor_id} if self._options.values else {}
        self._log(f"row {result.row} {result.status} ({known.http_status or 'no status'}){message}", event)

    def _is_progress_due(self) -> bool:
        now = time.monotonic()
        if now - self._last_progress < PROGRESS_INTERVAL_SECONDS:
            return False
        self._last_progress = now
        return True

    def _log(self, text: str, event: dict[str, Any]) -> None:
        if not self._options.as_json:
            echo(one_line(text), err=True)
            return
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        echo_json({"time": stamp, "run": self._run or None, **event}, err=True)
