"""The base of the command line's observers: asks for confirmation before anything is sent."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from importer.cli.error_handler import Declined
from importer.cli.output import echo, one_line
from importer.cli.prompt import ask_yes_or_no
from importer.model.send_plan import SendPlan
from importer.observer import Observer

MOST_REASONS = 8

if TYPE_CHECKING:
    from importer.questions import GivenAnswer, OpenQuestion


class CliObserver(Observer):
    """A silent observer that is a context manager.

    With ``ask`` it asks before sending. With ``shows_mapping`` the one for terminals shows which column is which field.
    """

    ask = False
    shows_mapping = False
    asks_questions = False
    _plan = SendPlan(0, "the vendor", "")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def on_send_planned(self, plan: SendPlan) -> None:
        """Keep the plan for the question."""
        self._plan = plan

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
        """Ask for confirmation, if a person sits at the terminal. Raises Declined on no."""
        if self.ask and rows and sys.stdin.isatty() and sys.stderr.isatty():
            self.pause()
            if self._plan.held:
                echo(_describe_held(self._plan), err=True)
            contacts = f"{rows:,} contact{'' if rows == 1 else 's'}"
            question = f"Send {contacts} to {self._plan.vendor} at {target}?"
            if self._plan.deletes:
                question = f"Delete {contacts} from {self._plan.vendor} at {target}? This cannot be taken back."
            if not ask_yes_or_no(question):
                raise Declined
            self.unpause()

    def pause(self) -> None:
        """Hide the progress display, to make room for a question."""

    def unpause(self) -> None:
        """Show the progress display again."""


def _describe_held(plan: SendPlan) -> str:
    """Return a line for each of the most frequent reasons for which rows stay behind."""
    count, total = plan.held_rows, plan.held_rows + plan.rows
    lines = [f"{count:,} of {total:,} rows {'stays' if count == 1 else 'stay'} behind:"]
    lines += [one_line(f"  {entry.count:>7,} × {entry.reason}") for entry in plan.held[:MOST_REASONS]]
    more = plan.held[MOST_REASONS:]
    if more:
        lines.append(f"  {sum(entry.count for entry in more):>7,} × {len(more)} other reasons")
    return "\n".join(lines)
