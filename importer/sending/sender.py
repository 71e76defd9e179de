"""The loop: claim, send, learn, settle, for each delivery, with a bounded number of senders at once."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from importer.errors import JournalError
from importer.journal import Answer, Claim, Settlement, State
from importer.journal.async_writer import JournalWriter
from importer.model.delivery import Delivery, Evidence, Outcome, RowResult, Verdict
from importer.model.status import Status
from importer.model.summary import Requests
from importer.sending.circuit_breaker import CircuitBreaker
from importer.sending.concurrency import Concurrency
from importer.sending.http_client import Client
from importer.sending.idempotency_key import request_headers
from importer.sending.outcome import judge
from importer.sending.rate_controller import Pace
from importer.sending.row_results import STATES, evidence_of, held_back, result_of
from importer.sending.traffic_meter import TrafficMeter
from schemas.contract import Operation

FIRST_BACKOFF = 0.5
LONGEST_BACKOFF = 20.0
BUSY_POLL = 0.5
SHORT_REST = 0.1
HOLD_POLL = 0.2
STRUGGLING = (408, 503, 504)


@dataclass(frozen=True, slots=True)
class Limits:
    """Tries of one delivery; seconds of nothing but "not now" before the run stops."""

    max_tries: int
    patience: float


class Sender:
    """Sends deliveries until they are all settled, or something says stop."""

    def __init__(  # noqa: PLR0913 - the parts of the loop, put together in one place
        self,
        operation: Operation,
        client: Client,
        journal: JournalWriter,
        pace: Pace,
        slots: Concurrency,
        breaker: CircuitBreaker,
        *,
        limits: Limits,
        run: str,
        secret: str | None,
        on_result: Callable[[RowResult], None],
        give_up: Callable[[str], None],
        on_answer: Callable[[int | None, float], None],
    ) -> None:
        self._operation = operation
        self._client = client
        self._journal = journal
        self._pace = pace
        self._slots = slots
        self._breaker = breaker
        self._limits = limits
        self._run = run
        self._secret = secret
        self._on_result = on_result
        self._give_up = give_up
        self._on_answer = on_answer
        self._stop = asyncio.Event()
        self._busy: list[tuple[Delivery, Answer]] = []
        # By row: what may have been applied and is not settled, because its answer or its next try is still to come.
        self._in_doubt: dict[int, tuple[Delivery, Evidence]] = {}
        self._throttled_since: float | None = None
        self._done = Status.UPDATED if operation.repeatable else Status.CREATED
        # Uncertain once more is no worse than uncertain once: the vendor knows the same request again.
        self._may_repeat = operation.repeatable or operation.idempotency is not None
        self.requests = Requests()
        self.meter = TrafficMeter()
        self.interrupted = False
        self._held = False

    @property
    def reason(self) -> str:
        """Why sending stopped early; empty when it did not."""
        return self._breaker.reason

    def interrupt(self) -> None:
        """Stop sending; requests in flight are still answered."""
        self.interrupted = True
        self._halt("interrupted")

    def hold(self) -> None:
        """Send nothing more until ``go_on``; requests in flight are still answered."""
        self._held = True

    def go_on(self) -> None:
        """Send again; what was waited meanwhile is not the vendor's doing."""
        self._held = False
        self._throttled_since = None

    async def send(self, deliveries: Iterator[Delivery]) -> None:
        """Send them all. What is left when it stops early has no result, unless it may have been applied."""
        self._now = asyncio.get_running_loop().time
        try:
            await self._send_all(deliveries)
        finally:
            self._report_doubts()

    async def _send_all(self, deliveries: Iterator[Delivery]) -> None:
        await self._all(deliveries)
        while self._busy and not self._stop.is_set():
            waiting, self._busy = self._busy, []
            await self._rest(BUSY_POLL)
            for owner in {answer.run for _, answer in waiting}:
                self._give_up(owner)
            await self._all(delivery for delivery, _ in waiting)
        self._breaker.end()

    async def _all(self, deliveries: Iterator[Delivery]) -> None:
        await asyncio.gather(*(self._work(deliveries) for _ in range(self._slots.most)))

    async def _work(self, deliveries: Iterator[Delivery]) -> None:
        while not self._stop.is_set():
            await self._slots.enter()
            try:
                delivery = None if self._stop.is_set() else next(deliveries, None)
                if delivery is None:
                    return
                result = await self._deliver(delivery)
            except JournalError as error:
                self._halt(str(error))
                return
            finally:
                self._slots.leave()
            if result is not None:
                self._on_result(result)

    async def _deliver(self, delivery: Delivery) -> RowResult | None:
        """See one delivery through all its tries; None when the run stopped before it was applied or refused."""
        tries, attempts = 0, 0
        while True:
            await self._turn()
            if self._stop.is_set():
                return None
            answer = await self._journal.claim(delivery)
            if answer.claim is Claim.BUSY:
                self._busy.append((delivery, answer))
                return None
            if answer.claim is not Claim.GRANTED:
                self._in_doubt.pop(delivery.row, None)
                return held_back(delivery, answer, self._run, self._done)
            attempts += 1
            sent_at, outcome = await self._attempt(delivery, answer, attempts)
            tries += outcome.verdict is not Verdict.THROTTLED
            again = self._may_try_again(outcome, tries)
            evidence = evidence_of(outcome, attempts, sent_at)
            state = STATES[outcome.verdict]
            self._in_doubt[delivery.row] = (delivery, evidence)
            if not (again and state is State.UNCERTAIN):  # then it stays intended, until the next try has told
                del self._in_doubt[delivery.row]
                self._journal.settle(delivery, Settlement(state, evidence))
            if outcome.verdict is Verdict.STOP:
                self._breaker.see(outcome)
                self._stop.set()
                return None
            if not again:
                self._see(outcome)
                return result_of(delivery, outcome, evidence, self._done)
            if outcome.verdict is not Verdict.THROTTLED:
                backoff = min(FIRST_BACKOFF * 2 ** (tries - 1), LONGEST_BACKOFF)
                await self._rest(backoff * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret

    async def _attempt(self, delivery: Delivery, answer: Answer, attempts: int) -> tuple[float, Outcome]:
        if (seconds := self._pace.spacing(self._now())) > 0:
            await asyncio.sleep(seconds)
        sent_at, begun = time.time(), self._now()
        self.requests.sent += 1
        self.meter.sent(sent_at, self._pace.rate)
        self.requests.retried += attempts > 1
        self._slots.sent()
        headers = request_headers(self._operation, delivery, answer.run or self._run)
        words = "interrupted before the answer came; it may or may not have been applied"
        evidence = Evidence(attempts=attempts, code="interrupted", message=words, sent_at=sent_at)
        self._in_doubt[delivery.row] = (delivery, evidence)
        exchange = await self._client.send(
            delivery.path,
            delivery.body,
            lambda status: self._journal.record_status_line(delivery, status, sent_at),
            headers,
        )
        outcome = judge(exchange, self._operation.answers, now=time.time(), secret=self._secret)
        self._learn(outcome, begun, exchange.seconds)
        self._on_answer(exchange.status, exchange.seconds)
        return sent_at, outcome

    def _report_doubts(self) -> None:
        """Sending is over: what an answer, or another try, would have told will not be known."""
        for delivery, evidence in self._in_doubt.values():
            self._journal.settle(delivery, Settlement(State.UNCERTAIN, evidence))
            self._on_result(RowResult(delivery.row, Status.UNCERTAIN, evidence))
        self._in_doubt.clear()

    def _learn(self, outcome: Outcome, begun: float, seconds: float) -> None:
        """What an answer says about how fast to send, and how many at once."""
        throttled, lost = outcome.verdict is Verdict.THROTTLED, outcome.http_status is None
        if outcome.http_status in STRUGGLING or (lost and outcome.verdict is not Verdict.STOP):
            self._slots.struggled(self._now(), begun)
        else:
            self._slots.answered(None if throttled else seconds)
        if throttled:
            self.requests.throttled += 1
            self.meter.throttled(time.time(), self._pace.rate)
            self._lose_patience(self._pace.refused(self._now(), begun, outcome.retry_after))
        elif not lost:
            self._throttled_since = None
            self._pace.accepted(self._now(), begun)

    def _may_try_again(self, outcome: Outcome, tries: int) -> bool:
        if outcome.verdict is Verdict.THROTTLED:
            return True
        if outcome.verdict is Verdict.NOT_SENT or (outcome.verdict is Verdict.UNCERTAIN and self._may_repeat):
            return tries < self._limits.max_tries and not self._stop.is_set()
        return False

    def _lose_patience(self, pause: float) -> None:
        if self._throttled_since is None:
            self._throttled_since = self._now()
        lasted = self._now() - self._throttled_since
        if lasted + pause > self._limits.patience:
            asked = f" and asks to wait {pause:,.0f} seconds more" if pause > 1 else ""
            self._halt(
                f"the vendor answers nothing but 'too many requests'{asked}; that is longer than "
                f"--patience {self._limits.patience:,.0f} allows; resume later"
            )

    async def _turn(self) -> None:
        """Wait until nobody holds the run and the pace lets the next request leave, or the run stops."""
        while not self._stop.is_set():
            seconds = HOLD_POLL if self._held else self._pace.delay(self._now())
            if seconds <= 0:
                return
            await self._rest(seconds)

    async def _rest(self, seconds: float) -> None:
        """Sleep, but wake when the run stops."""
        if seconds <= SHORT_REST:
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    def _see(self, outcome: Outcome) -> None:
        self._breaker.see(outcome)
        if self._breaker.reason:
            self._stop.set()

    def _halt(self, reason: str) -> None:
        self._breaker.reason = self._breaker.reason or reason
        self._stop.set()
