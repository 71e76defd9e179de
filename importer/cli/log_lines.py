"""Progress as lines on standard error: text, or one JSON object each; without personal data unless it is asked for."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import click

from importer.cli.observer import CliObserver
from importer.model.delivery import RowResult
from importer.model.summary import Summary

LINE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Detail:
    """What is written: JSON or text, a line for each row too, and whether with what was said of its values."""

    as_json: bool
    rows: bool
    values: bool


class Lines(CliObserver):
    """Writes each stage, what has come together every ten seconds, and the end."""

    def __init__(self, detail: Detail) -> None:
        self._detail = detail
        self._run = ""
        self._counts: Counter[str] = Counter()
        self._total = 0
        self._said = 0.0

    def on_run_started(self, run: str, file: str) -> None:
        self._run = run
        self._say(f"run {run}: {file}", {"event": "begun", "file": file})

    def on_stage(self, name: str) -> None:
        self._say(name, {"event": "stage", "stage": name})

    def on_note(self, text: str) -> None:
        self._say(f"note: {text}", {"event": "note", "text": text})

    def on_rows_checked(self, rows: int, invalid: int) -> None:
        if self._due():
            self._say(
                f"{rows:,} rows checked, {invalid:,} invalid", {"event": "checked", "rows": rows, "invalid": invalid}
            )

    def on_send_starting(self, rows: int, target: str) -> None:
        super().on_send_starting(rows, target)
        self._total = rows
        self._say(f"{rows:,} rows to send to {target}", {"event": "sending", "rows": rows, "target": target})

    def on_row_done(self, result: RowResult) -> None:
        self._counts[result.status] += 1
        if self._detail.rows:
            self._row(result)
        if self._due():
            done = sum(self._counts.values())
            shown = ", ".join(f"{count:,} {status}" for status, count in self._counts.items())
            self._say(f"{done:,} of {self._total:,} rows: {shown}", {"event": "progress", "rows": done, **self._counts})

    def on_run_finished(self, summary: Summary) -> None:
        counts = {str(status): count for status, count in summary.counts.items() if count}
        shown = ", ".join(f"{count:,} {status}" for status, count in counts.items()) or "no rows"
        code = int(summary.exit_code)
        self._say(f"ended with {code}: {shown}", {"event": "ended", "exit_code": code, **counts})

    def _row(self, result: RowResult) -> None:
        """One row's end; the vendor's words only if values may be written, because they may quote them."""
        known = result.evidence
        event = {"event": "row", "row": result.row, "status": str(result.status), "http_status": known.http_status}
        event |= {"attempts": known.attempts, "code": known.code}
        words = f": {known.message}" if self._detail.values and known.message else ""
        event |= {"message": known.message, "id": known.vendor_id} if self._detail.values else {}
        self._say(f"row {result.row} {result.status} ({known.http_status or 'no status'}){words}", event)

    def _due(self) -> bool:
        now = time.monotonic()
        if now - self._said < LINE_SECONDS:
            return False
        self._said = now
        return True

    def _say(self, text: str, event: dict[str, Any]) -> None:
        if not self._detail.as_json:
            click.echo(text, err=True)
            return
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        click.echo(json.dumps({"time": stamp, "run": self._run or None, **event}, ensure_ascii=False), err=True)
