"""The loop: claim, send, learn, settle, for each delivery, with a bounded number of senders at once."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from importer.errors import JournalError
from importer.journal import Answer, Claim, Settlement, State
from importer.journal.writer import JournalWriter
from importer.records import Delivery, Evidence, Outcome, Requests, RowResult, Status, Verdict
from importer.sending.breaker import Breaker
from importer.sending.client import Client
from importer.sending.outcome import judge
from importer.sending.pace import Pace
from schemas.contract import Operation

FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 20.0
BUSY_POLL = 0.5
LONGEST_PATIENCE = 900.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How many senders at once, how many tries of one delivery."""

    concurrency: int
    max_tries: int


class Sender:
    """Sends deliveries until they are all settled, or something says stop."""

    def __init__(  # noqa: PLR0913 - the parts of the loop, put together in one place
        self,
        operation: Operation,
        client: Client,
        journal: JournalWriter,
        pace: Pace,
        limits: Limits,
        *,
        run: str,
        secret: str | None,
        on_result: Callable[[RowResult], None],
        give_up: Callable[[str], None],
    ) -> None:
        self._operation = operation
        self._client = client
        self._journal = journal
        self._pace = pace
        self._limits = limits
        self._run = run
        self._secret = secret
        self._on_result = on_result
        self._give_up = give_up
        self._breaker = Breaker()
        self._stop = asyncio.Event()
        self._busy: list[tuple[Delivery, Answer]] = []
        self._throttled_since: float | None = None
        self._done = Status.UPDATED if operation.repeatable else Status.CREATED
        self.requests = Requests()
        self.interrupted = False

    @property
    def reason(self) -> str:
        """Why sending stopped early; empty when it did not."""
        return self._breaker.reason

    def interrupt(self) -> None:
        """Stop sending; requests in flight are still answered."""
        self.interrupted = True
        self._breaker.reason = self._breaker.reason or "interrupted"
        self._stop.set()

    async def send(self, deliveries: Iterator[Delivery]) -> None:
        """Send them all. What is left when it stops early has no result."""
        await self._all(deliveries)
        while self._busy and not self._stop.is_set():
            waiting, self._busy = self._busy, []
            await self._rest(BUSY_POLL)
            for owner in {answer.run for _, answer in waiting}:
                self._give_up(owner)
            await self._all(delivery for delivery, _ in waiting)
        self._breaker.end()

    async def _all(self, deliveries: Iterator[Delivery]) -> None:
        senders = [asyncio.create_task(self._work(deliveries)) for _ in range(self._limits.concurrency)]
        await asyncio.gather(*senders)

    async def _work(self, deliveries: Iterator[Delivery]) -> None:
        for delivery in deliveries:
            if self._stop.is_set():
                return
            try:
                result = await self._deliver(delivery)
            except JournalError as error:
                self._halt(str(error))
                return
            if result is not None:
                self._on_result(result)

    async def _deliver(self, delivery: Delivery) -> RowResult | None:
        """See one delivery through all its tries; None when the run stopped before it was applied or refused."""
        tries, attempts = 0, 0
        while True:
            await self._pace.turn()
            if self._stop.is_set():
                return None
            answer = await self._journal.claim(delivery)
            if answer.claim is not Claim.GRANTED:
                return self._held_back(delivery, answer)
            attempts += 1
            sent_at, outcome = await self._attempt(delivery, attempts)
            tries += outcome.verdict is not Verdict.THROTTLED
            again = self._may_try_again(outcome, tries)
            evidence = _evidence(outcome, attempts, sent_at)
            self._settle(delivery, outcome, evidence, again=again)
            if outcome.verdict is Verdict.STOP:
                self._halt_for(outcome)
                return None
            if not again:
                self._see(outcome)
                return self._result(delivery, outcome, evidence)
            await self._before_next(outcome, tries)

    async def _attempt(self, delivery: Delivery, attempts: int) -> tuple[float, Outcome]:
        sent_at = time.time()
        self.requests.sent += 1
        self.requests.retried += attempts > 1
        exchange = await self._client.send(
            delivery.path, delivery.body, lambda status: self._journal.note_status(delivery, status, sent_at)
        )
        return sent_at, judge(exchange, self._operation.answers, now=time.time(), secret=self._secret)

    def _may_try_again(self, outcome: Outcome, tries: int) -> bool:
        if outcome.verdict is Verdict.THROTTLED:
            return True
        if outcome.verdict is Verdict.NOT_SENT or (outcome.verdict is Verdict.UNCERTAIN and self._operation.repeatable):
            return tries < self._limits.max_tries and not self._stop.is_set()
        return False

    async def _before_next(self, outcome: Outcome, tries: int) -> None:
        if outcome.verdict is Verdict.THROTTLED:
            self.requests.throttled += 1
            self._pace.refused(outcome.retry_after)
            self._lose_patience()
            return
        backoff = min(FIRST_BACKOFF * 2 ** (tries - 1), LONGEST_BACKOFF)
        await self._rest(backoff * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret

    def _lose_patience(self) -> None:
        now = asyncio.get_running_loop().time()
        self._throttled_since = self._throttled_since or now
        if now - self._throttled_since > LONGEST_PATIENCE:
            self._halt(
                f"the vendor has answered nothing but 'too many requests' for {LONGEST_PATIENCE / 60:.0f} minutes"
            )

    async def _rest(self, seconds: float) -> None:
        """Sleep, but wake when the run stops."""
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    def _settle(self, delivery: Delivery, outcome: Outcome, evidence: Evidence, *, again: bool) -> None:
        state = {
            Verdict.CONFIRMED: State.CONFIRMED,
            Verdict.REFUSED: State.REFUSED,
            Verdict.UNCERTAIN: State.UNCERTAIN,
        }.get(outcome.verdict, State.RELEASED)
        if again and state is State.UNCERTAIN:
            return  # stays intended: still in doubt until the next try has told
        self._journal.settle(delivery, Settlement(state, evidence))

    def _see(self, outcome: Outcome) -> None:
        self._breaker.see(outcome)
        if outcome.verdict in (Verdict.CONFIRMED, Verdict.REFUSED):
            self._throttled_since = None
            self._pace.accepted()
        if self._breaker.reason:
            self._stop.set()

    def _halt_for(self, outcome: Outcome) -> None:
        self._breaker.see(outcome)
        self._stop.set()

    def _halt(self, reason: str) -> None:
        self._breaker.reason = self._breaker.reason or reason
        self._stop.set()

    def _result(self, delivery: Delivery, outcome: Outcome, evidence: Evidence) -> RowResult:
        status = {
            Verdict.CONFIRMED: self._done,
            Verdict.REFUSED: Status.REJECTED,
            Verdict.UNCERTAIN: Status.UNCERTAIN,
        }.get(outcome.verdict, Status.FAILED)
        return RowResult(delivery.row, status, evidence, outcome.notices)

    def _held_back(self, delivery: Delivery, answer: Answer) -> RowResult | None:
        """The result of a row that is not sent because of what the journal knows."""
        if answer.claim is Claim.BUSY:
            self._busy.append((delivery, answer))
            return None
        known, mine = answer.evidence, answer.run == self._run
        where = f"row {answer.row}" if mine else f"row {answer.row} of run {answer.run}"
        status, code, message = {
            Claim.CONFIRMED: (
                (self._done, "", "") if mine else (Status.ALREADY_DONE, "already_done", f"already done as {where}")
            ),
            Claim.CHANGED: (
                Status.CHANGED,
                "changed",
                (
                    f"this contact was sent with other values as {where} and has the id {known.vendor_id}; "
                    "held back (send it all the same with --send-changed)"
                ),
            ),
            Claim.UNCERTAIN: (
                Status.UNCERTAIN,
                known.code or "uncertain",
                known.message if mine else f"{where} may already have made this contact: {known.message}",
            ),
            Claim.REFUSED: (Status.REJECTED, known.code, known.message),
        }[answer.claim]
        attempts = known.attempts if mine else 0
        return RowResult(delivery.row, status, replace(known, code=code, message=message, attempts=attempts))


def _evidence(outcome: Outcome, attempts: int, sent_at: float) -> Evidence:
    return Evidence(
        outcome.vendor_id,
        outcome.http_status,
        attempts,
        outcome.code,
        outcome.message,
        sent_at,
        outcome.field_errors,
    )
