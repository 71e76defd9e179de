"""An observer at the command line: a context manager, and who asks a person before anything is sent."""

from __future__ import annotations

import sys
from typing import Self

import click

from importer.observer import Observer


class CliObserver(Observer):
    """An observer that is a context manager, too; this one is silent."""

    ask = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def on_send_starting(self, rows: int, target: str) -> None:
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
