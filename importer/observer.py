"""Follow a run: the pipeline prints nothing; it reports events to an Observer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from importer.errors import ImporterError
from importer.model.delivery import RowResult
from importer.model.mapping_view import MappingView
from importer.model.send_plan import SendPlan
from importer.model.summary import Summary

if TYPE_CHECKING:
    from importer.questions import GivenAnswer, OpenQuestion


class Steering(Protocol):
    """The controls of a running send, usable from any thread."""

    def pause(self) -> None:
        """Send nothing more for now; what has left is answered."""

    def resume(self) -> None:
        """Send again."""

    def stop(self) -> None:
        """Stop as Ctrl-C does: wait for the answers under way. The run can be resumed later."""


class Observer:
    """A listener that ignores every event; override the ones you need.

    Events arrive on the thread that runs the pipeline.
    """

    def on_run_started(self, run: str, file: str) -> None:
        """Handle a run that has received its id; ``file`` is the name of the imported file."""

    def on_stage(self, name: str) -> None:
        """Handle the start of a stage: ``reading and checking``, ``sending`` or ``writing the reports``."""

    def on_rows_checked(self, rows: int, invalid: int) -> None:
        """Handle progress of checking: the rows checked so far, and how many of them are invalid."""

    def on_mapping(self, view: MappingView) -> None:
        """Handle the mapping of a file's columns, before the first row is checked."""

    def on_send_planned(self, plan: SendPlan) -> None:
        """Handle the counts of what will be sent and what stays behind; ``on_send_starting`` follows."""

    def on_send_starting(self, rows: int, target: str) -> None:
        """Handle the moment before the first row is sent. Raise here to stop the run before anything leaves."""

    @property
    def can_answer(self) -> bool:
        """True if somebody can be asked questions."""
        return False

    def on_questions(self, questions: Sequence[OpenQuestion]) -> Sequence[GivenAnswer]:
        """Answer questions about the file. Raise here to stop the run. Called only with ``can_answer``."""
        del questions
        return ()

    def on_open_questions(self, questions: Sequence[OpenQuestion]) -> None:
        """Receive the questions that a check leaves open, because nobody answers them."""

    def on_control(self, steering: Steering | None) -> None:
        """Receive the controls when sending begins, and None when it has ended."""

    def on_response(self, http_status: int | None, seconds: float) -> None:
        """Handle the end of one request; the status is None when no answer came."""

    def on_row_done(self, result: RowResult) -> None:
        """Handle the result of one row."""

    def on_note(self, text: str) -> None:
        """Handle a message for the person who started the run."""

    def on_run_finished(self, summary: Summary) -> None:
        """Handle the end of a run whose reports are written."""

    def on_run_failed(self, error: ImporterError) -> None:
        """Handle a run that could not start, or whose reports could not be written."""

    def close(self) -> None:
        """Release resources; no event follows."""


class ObserverGroup(Observer):
    """Several observers in one: forwards each event to all of them, in order."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def on_run_started(self, run: str, file: str) -> None:
        for observer in self._observers:
            observer.on_run_started(run, file)

    def on_stage(self, name: str) -> None:
        for observer in self._observers:
            observer.on_stage(name)

    def on_rows_checked(self, rows: int, invalid: int) -> None:
        for observer in self._observers:
            observer.on_rows_checked(rows, invalid)

    def on_mapping(self, view: MappingView) -> None:
        for observer in self._observers:
            observer.on_mapping(view)

    def on_send_planned(self, plan: SendPlan) -> None:
        for observer in self._observers:
            observer.on_send_planned(plan)

    def on_send_starting(self, rows: int, target: str) -> None:
        for observer in self._observers:
            observer.on_send_starting(rows, target)

    @property
    def can_answer(self) -> bool:
        return any(observer.can_answer for observer in self._observers)

    def on_questions(self, questions: Sequence[OpenQuestion]) -> Sequence[GivenAnswer]:
        return next(observer for observer in self._observers if observer.can_answer).on_questions(questions)

    def on_open_questions(self, questions: Sequence[OpenQuestion]) -> None:
        for observer in self._observers:
            observer.on_open_questions(questions)

    def on_control(self, steering: Steering | None) -> None:
        for observer in self._observers:
            observer.on_control(steering)

    def on_response(self, http_status: int | None, seconds: float) -> None:
        for observer in self._observers:
            observer.on_response(http_status, seconds)

    def on_row_done(self, result: RowResult) -> None:
        for observer in self._observers:
            observer.on_row_done(result)

    def on_note(self, text: str) -> None:
        for observer in self._observers:
            observer.on_note(text)

    def on_run_finished(self, summary: Summary) -> None:
        for observer in self._observers:
            observer.on_run_finished(summary)

    def on_run_failed(self, error: ImporterError) -> None:
        for observer in self._observers:
            observer.on_run_failed(error)

    def close(self) -> None:
        for observer in self._observers:
            observer.close()
