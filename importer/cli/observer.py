"""The base of the command line's observers: asks for confirmation before anything is sent."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import click

from importer.cli.output import one_line
from importer.observer import Observer

if TYPE_CHECKING:
    from importer.questions import GivenAnswer, OpenQuestion


class CliObserver(Observer):
    """A silent observer that is a context manager. With ``ask`` it asks before sending."""

    ask = False
    asks_questions = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    @property
    def can_answer(self) -> bool:
        return self.asks_questions and sys.stdin.isatty() and sys.stderr.isatty()

    def on_questions(self, questions: Sequence[OpenQuestion]) -> Sequence[GivenAnswer]:
        from importer.cli.questions import ask_questions

        self.pause()
        answers = ask_questions(questions)
        self.unpause()
        return answers

    def on_send_starting(self, rows: int, target: str) -> None:
        """Ask for confirmation, if a person sits at the terminal. Raises KeyboardInterrupt on no."""
        if self.ask and rows and sys.stdin.isatty() and sys.stderr.isatty():
            self.pause()
            if not click.confirm(one_line(f"Send {rows:,} contacts to {target}?"), err=True):
                raise KeyboardInterrupt
            self.unpause()

    def pause(self) -> None:
        """Hide the progress display, to make room for a question."""

    def unpause(self) -> None:
        """Show the progress display again."""
