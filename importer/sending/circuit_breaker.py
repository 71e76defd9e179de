"""When to stop a run: answers that say that no other row would fare better, or that too much is in doubt."""

from __future__ import annotations

from importer.model.delivery import Outcome, Verdict

CONSECUTIVE_UNCERTAIN = 5
CONSECUTIVE_NOT_SENT = 5
SAME_REFUSALS = 20


class CircuitBreaker:
    """Watches outcomes. ``reason`` is empty until the run must stop, and then says why, for a person.

    With ``keep_going``, refusals never stop it.
    """

    def __init__(self, *, keep_going: bool = False) -> None:
        self.reason = ""
        self._answered = False
        self._last = ""
        self._uncertain = 0
        self._not_sent = 0
        self._first_answers: list[tuple[int | None, str, str]] | None = None if keep_going else []

    def see(self, outcome: Outcome) -> None:
        """Take note of how a delivery's last attempt ended."""
        if self.reason:
            return
        self._answered = self._answered or outcome.verdict is not Verdict.NOT_SENT
        self._last = outcome.message
        self._uncertain = self._uncertain + 1 if outcome.verdict is Verdict.UNCERTAIN else 0
        self._not_sent = self._not_sent + 1 if outcome.verdict is Verdict.NOT_SENT else 0
        if outcome.verdict is Verdict.STOP:
            self.reason = f"the vendor answered {outcome.http_status}: {outcome.message}"
        elif self._uncertain >= CONSECUTIVE_UNCERTAIN:
            self.reason = (
                f"{self._uncertain} requests in a row may or may not have been applied "
                f"(the last: {outcome.message}); each further one could make another row nobody can account for"
            )
        elif self._not_sent >= CONSECUTIVE_NOT_SENT:
            self.reason = f"{self._not_sent} rows in a row could not be sent; {outcome.message}"
        else:
            self._see_first(outcome)

    def end(self) -> None:
        """Sending is over: when nothing at all could be sent, that is why, however few rows there were."""
        if not self.reason and self._last and not self._answered:
            self.reason = f"nothing could be sent; {self._last}"

    def _see_first(self, outcome: Outcome) -> None:
        """The first answers: when all of them are the same refusal, the cause is in the settings, not in the rows."""
        if self._first_answers is None:
            return
        if outcome.verdict is not Verdict.REFUSED:
            self._first_answers = None
            return
        self._first_answers.append((outcome.http_status, outcome.code, outcome.message))
        if len(set(self._first_answers)) > 1:
            self._first_answers = None
        elif len(self._first_answers) >= SAME_REFUSALS:
            self.reason = (
                f"the first {SAME_REFUSALS} rows were all refused for the same cause ({outcome.message}); "
                "it is probably in the settings, not in the rows (--keep-going sends the rest all the same)"
            )
