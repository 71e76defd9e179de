"""How a caller follows a run: the pipeline prints nothing, it tells an observer."""

from __future__ import annotations

from importer.records import RowResult


class Observer:
    """Does nothing; override what you want to know. Called from the thread that runs the pipeline."""

    def stage(self, name: str) -> None:
        """A stage begins: ``reading and checking``, ``sending`` or ``writing the reports``."""

    def checked(self, rows: int, invalid: int) -> None:
        """So many rows have been checked so far, and so many of them are invalid."""

    def sending(self, rows: int, target: str) -> None:
        """So many rows are about to be offered for sending. Raise to stop before anything leaves."""

    def sent(self, result: RowResult) -> None:
        """One row has ended."""

    def note(self, text: str) -> None:
        """Something a person should know."""
