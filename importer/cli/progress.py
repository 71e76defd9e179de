"""Progress on standard error: a bar on a terminal, plain lines (text or JSON) elsewhere."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from typing import Any, Self

import click

from importer.observer import Observer
from importer.records import RowResult

LINE_SECONDS = 10.0


class CliObserver(Observer):
    """An observer that is a context manager, too; this one is silent."""

    ask = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def sending(self, rows: int, target: str) -> None:
        """Ask a person at a terminal; never anyone else."""
        if self.ask and rows and sys.stdin.isatty() and sys.stderr.isatty():
            self.pause()
            if not click.confirm(f"Send {rows:,} contacts to {target}?", err=True):
                raise KeyboardInterrupt
            self.go_on()

    def pause(self) -> None:
        """Make room for a question."""

    def go_on(self) -> None:
        """The question is answered."""


def make_observer(chosen: dict[str, Any], *, ask: bool) -> CliObserver:
    """The observer that fits the options and the terminal."""
    observer: CliObserver
    if chosen["quiet"]:
        observer = CliObserver()
    elif chosen["log_format"] == "text" and sys.stderr.isatty():
        observer = _Bar()
    else:
        observer = _Lines(as_json=chosen["log_format"] == "json")
    observer.ask = ask
    return observer


class _Lines(CliObserver):
    def __init__(self, *, as_json: bool) -> None:
        self._json = as_json
        self._counts: Counter[str] = Counter()
        self._total = 0
        self._said = 0.0

    def stage(self, name: str) -> None:
        self._say(name, {"event": "stage", "stage": name})

    def note(self, text: str) -> None:
        self._say(f"note: {text}", {"event": "note", "text": text})

    def checked(self, rows: int, invalid: int) -> None:
        if self._due():
            self._say(
                f"{rows:,} rows checked, {invalid:,} invalid", {"event": "checked", "rows": rows, "invalid": invalid}
            )

    def sending(self, rows: int, target: str) -> None:
        super().sending(rows, target)
        self._total = rows
        self._say(f"{rows:,} rows to send to {target}", {"event": "sending", "rows": rows, "target": target})

    def sent(self, result: RowResult) -> None:
        self._counts[result.status] += 1
        if self._due():
            done = sum(self._counts.values())
            shown = ", ".join(f"{count:,} {status}" for status, count in self._counts.items())
            self._say(f"{done:,} of {self._total:,} rows: {shown}", {"event": "progress", "rows": done, **self._counts})

    def _due(self) -> bool:
        now = time.monotonic()
        if now - self._said < LINE_SECONDS:
            return False
        self._said = now
        return True

    def _say(self, text: str, event: dict[str, Any]) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        click.echo(json.dumps({"time": stamp, **event}, ensure_ascii=False) if self._json else text, err=True)


class _Bar(CliObserver):
    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[detail]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=None, detail="")
        self._counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def stage(self, name: str) -> None:
        self._progress.update(self._task, description=name, completed=0, total=None, detail="")

    def note(self, text: str) -> None:
        from rich.text import Text

        self._progress.console.print(Text(f"note: {text}"))

    def checked(self, rows: int, invalid: int) -> None:
        self._progress.update(self._task, completed=rows, detail=f"{invalid:,} invalid" if invalid else "")

    def sending(self, rows: int, target: str) -> None:
        super().sending(rows, target)
        self._total = rows

    def sent(self, result: RowResult) -> None:
        self._counts[result.status] += 1
        shown = ", ".join(f"{count:,} {status}" for status, count in self._counts.items())
        self._progress.update(self._task, advance=1, total=self._total, detail=shown)

    def pause(self) -> None:
        self._progress.stop()

    def go_on(self) -> None:
        self._progress.start()
