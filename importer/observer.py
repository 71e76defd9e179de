"""How a caller follows a run: the pipeline prints nothing, it tells an observer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from importer.errors import ImporterError
from importer.model.delivery import RowResult
from importer.model.summary import Summary


class Steering(Protocol):
    """How to hold and stop what is being sent, from any thread."""

    def pause(self) -> None:
        """Send nothing more for now; what has left is answered."""

    def resume(self) -> None:
        """Send again."""

    def stop(self) -> None:
        """Stop as Ctrl-C does: what has left is answered, and the run can be gone on with later."""


class Observer:
    """Does nothing; override what you want to know. Called from the thread that runs the pipeline."""

    def begun(self, run: str, file: str) -> None:
        """A run has its id; ``file`` is the name of what it imports."""

    def stage(self, name: str) -> None:
        """A stage begins: ``reading and checking``, ``sending`` or ``writing the reports``."""

    def checked(self, rows: int, invalid: int) -> None:
        """So many rows have been checked so far, and so many of them are invalid."""

    def sending(self, rows: int, target: str) -> None:
        """So many rows are about to be offered for sending. Raise to stop before anything leaves."""

    def steering(self, steering: Steering | None) -> None:
        """Sending can be held and stopped from now on; with None, no longer."""

    def answered(self, http_status: int | None, seconds: float) -> None:
        """A request was answered after so many seconds; with None, it was not."""

    def sent(self, result: RowResult) -> None:
        """One row has ended."""

    def note(self, text: str) -> None:
        """Something a person should know."""

    def ended(self, summary: Summary) -> None:
        """The run has ended, and its reports are written."""

    def failed(self, error: ImporterError) -> None:
        """The run could not begin, or could not be reported on."""

    def close(self) -> None:
        """Nothing more will be told."""


class ObserverGroup(Observer):
    """Tells each of several observers, in turn."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def begun(self, run: str, file: str) -> None:
        for observer in self._observers:
            observer.begun(run, file)

    def stage(self, name: str) -> None:
        for observer in self._observers:
            observer.stage(name)

    def checked(self, rows: int, invalid: int) -> None:
        for observer in self._observers:
            observer.checked(rows, invalid)

    def sending(self, rows: int, target: str) -> None:
        for observer in self._observers:
            observer.sending(rows, target)

    def steering(self, steering: Steering | None) -> None:
        for observer in self._observers:
            observer.steering(steering)

    def answered(self, http_status: int | None, seconds: float) -> None:
        for observer in self._observers:
            observer.answered(http_status, seconds)

    def sent(self, result: RowResult) -> None:
        for observer in self._observers:
            observer.sent(result)

    def note(self, text: str) -> None:
        for observer in self._observers:
            observer.note(text)

    def ended(self, summary: Summary) -> None:
        for observer in self._observers:
            observer.ended(summary)

    def failed(self, error: ImporterError) -> None:
        for observer in self._observers:
            observer.failed(error)
