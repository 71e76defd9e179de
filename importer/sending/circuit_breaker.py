"""Stops a run whose answers show that no other row would fare better, or that too many rows are uncertain."""

from __future__ import annotations

from importer.model.delivery import Outcome, Verdict

CONSECUTIVE_UNCERTAIN = 5
CONSECUTIVE_NOT_SENT = 5
SAME_FIRST_REFUSALS = 20
CONSECUTIVE_FOREIGN = 3


class CircuitBreaker:
    """Watches outcomes. ``reason`` is empty until the run must stop; then it says why, as text for the user.

    ``found_no_api`` is then True if the address is wrong, so that a resume would stop in the same way.

    With ``keep_going``, refusals never stop the run.
    """

    def __init__(self, address: str = "this address", *, keep_going: bool = False) -> None:
        self._address = address
        self.reason = ""
        self._any_answer = False
        self._last_message = ""
        # The answers of the API itself, and those of something else since the last of them.
        self.api_answered = False
        self._foreign_in_a_row = 0
        self._uncertain_in_a_row = 0
        self._not_sent_in_a_row = 0
        # None once the first answers were not all the same refusal.
        self._first_refusals: list[tuple[int | None, str, str]] | None = None if keep_going else []
        self.found_no_api = False

    def record(self, outcome: Outcome) -> None:
        """Record how a delivery's last attempt ended."""
        if self.reason:
            return
        verdict = outcome.verdict
        self._any_answer = self._any_answer or verdict is not Verdict.NOT_SENT
        self._last_message = outcome.message
        if verdict is not Verdict.NOT_SENT:
            self.api_answered = self.api_answered or (outcome.http_status is not None and not outcome.is_foreign)
            self._foreign_in_a_row = self._foreign_in_a_row + 1 if outcome.is_foreign else 0
        self._uncertain_in_a_row = self._uncertain_in_a_row + 1 if verdict is Verdict.UNCERTAIN else 0
        self._not_sent_in_a_row = self._not_sent_in_a_row + 1 if verdict is Verdict.NOT_SENT else 0
        if verdict is Verdict.STOP or outcome.stops:
            self.reason = f"the vendor answered {outcome.http_status}: {outcome.message}"
        elif self._foreign_in_a_row >= CONSECUTIVE_FOREIGN:
            self.reason = self._foreign_reason()
        elif self._uncertain_in_a_row >= CONSECUTIVE_UNCERTAIN:
            self.reason = (
                f"{self._uncertain_in_a_row} requests in a row may or may not have been applied "
                f"(the last: {outcome.message}); each further one could make another row nobody can account for"
            )
        elif self._not_sent_in_a_row >= CONSECUTIVE_NOT_SENT:
            self.reason = f"{self._not_sent_in_a_row} rows in a row could not be sent; {outcome.message}"
        elif not outcome.is_foreign:
            self._record_first_refusal(outcome)

    def record_lookup(self) -> None:
        """Record that the vendor answered a look-up, which proves nothing about what was sent before it."""
        self._any_answer = self.api_answered = True
        self._not_sent_in_a_row = self._foreign_in_a_row = 0

    def end(self) -> None:
        """Set the reason if sending is over and nothing at all could be sent, however few rows there were."""
        if not self.reason and self._last_message and not self._any_answer:
            self.reason = f"nothing could be sent; {self._last_message}"
        elif not self.reason and self._foreign_in_a_row and not self.api_answered:
            self.reason = self._foreign_reason()

    def _foreign_reason(self) -> str:
        """Return why answers that are not the API's stop the run."""
        if not self.api_answered:
            self.found_no_api = True
            return (
                f"no API answered at {self._address}: {self._last_message}. Check the address, and import the file "
                "again with the right --base-url"
            )
        return (
            f"{self._foreign_in_a_row} answers in a row did not come from the API: {self._last_message}. Ask who runs "
            "the firewall or gateway in front of it, then resume"
        )

    def _record_first_refusal(self, outcome: Outcome) -> None:
        """Set the reason if the first answers are all the same refusal: the cause is in the settings, not the rows."""
        if self._first_refusals is None:
            return
        if outcome.verdict is not Verdict.REFUSED:
            self._first_refusals = None
            return
        self._first_refusals.append((outcome.http_status, outcome.code, outcome.message))
        if len(set(self._first_refusals)) > 1:
            self._first_refusals = None
        elif len(self._first_refusals) >= SAME_FIRST_REFUSALS:
            self.reason = (
                f"the first {SAME_FIRST_REFUSALS} rows were all refused for the same cause ({outcome.message}); "
                "it is probably in the settings, not in the rows (--keep-going sends the rest all the same)"
            )
