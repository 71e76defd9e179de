"""The sending loop: for each delivery claim it, send it, learn from the answer and settle it in the journal.

A delivery is released in the journal while it waits for a 429 to pass. It is certainly not applied then, so a process
killed during the pause leaves no uncertain row.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from importer.errors import JournalError
from importer.journal import Answer, Claim, Settlement, State
from importer.journal.async_writer import JournalWriter
from importer.model.delivery import Delivery, Evidence, LookedUp, Outcome, RowResult, Verdict
from importer.model.status import Status, confirmed_status
from importer.model.summary import Requests
from importer.sending.circuit_breaker import CircuitBreaker
from importer.sending.concurrency import Concurrency
from importer.sending.contact_lookup import LOOKUP_FAILED
from importer.sending.http_client import Client, Exchange
from importer.sending.idempotency_key import request_headers
from importer.sending.matching import Matcher, Next
from importer.sending.outcome import judge, unreadable
from importer.sending.row_results import STATES, evidence_of, held_back, result_of
from importer.sending.shared_rate import SharedRate
from importer.sending.traffic_meter import TrafficMeter
from schemas.contract import Operation

FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 0.5, 20.0
# Back-offs are shortened at random, by up to half, so that senders that failed together do not come back together.
LEAST_BACKOFF_SHARE = 0.5
# Time between looks at a delivery that another run holds, and at a paused sender.
BUSY_POLL_SECONDS, PAUSE_POLL_SECONDS = 0.5, 0.2
# A sleep this short need not be interruptible, and a plain one costs less.
SHORT_SLEEP_SECONDS = 0.1
# Time-out and overload: fewer requests at once may help.
OVERLOAD_STATUSES = (408, 503, 504)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """The most tries of one delivery, and the seconds of nothing but "not now" after which the run stops."""

    max_tries: int
    patience: float


class Sender:
    """Sends deliveries until all are settled or something stops it."""

    def __init__(  # noqa: PLR0913 - the parts of the loop, put together in one place
        self,
        operation: Operation,
        client: Client,
        journal: JournalWriter,
        rate: SharedRate,
        slots: Concurrency,
        breaker: CircuitBreaker,
        *,
        limits: RetryLimits,
        run: str,
        can_update: bool,
        secret: str | None,
        on_result: Callable[[RowResult], None],
        release_if_dead: Callable[[str], None],
        on_answer: Callable[[int | None, float], None],
        lookups: tuple[Matcher, Client] | None = None,
    ) -> None:
        self._operation = operation
        self._lookups = lookups
        self._client = client
        self._journal = journal
        self._rate = rate
        self._slots = slots
        self._breaker = breaker
        self._limits = limits
        self._run = run
        self._can_update = can_update
        self._secret = secret
        self._on_result = on_result
        self._release_if_dead = release_if_dead
        self._on_answer = on_answer
        self._stop = asyncio.Event()
        self._is_paused = False
        # Deliveries that another run holds at the moment.
        self._busy: list[tuple[Delivery, Answer]] = []
        # By row: deliveries that may have been applied and are not settled yet.
        self._uncertain: dict[int, tuple[Delivery, Evidence]] = {}
        # Rows that something in front of the API blocked: rejected once the API is known to answer others.
        self._blocked: list[tuple[Delivery, Outcome, Evidence]] = []
        self._throttled_since: float | None = None
        self._done = confirmed_status(operation.method, repeatable=operation.repeatable)
        # Trying an uncertain request again is safe only if the vendor recognises it.
        self._may_repeat = operation.repeatable or operation.idempotency is not None
        self.requests = Requests()
        self.meter = TrafficMeter()
        self.interrupted = False

    @property
    def reason(self) -> str:
        """Return why sending stopped early, or nothing if it did not."""
        return self._breaker.reason

    @property
    def found_no_api(self) -> bool:
        """True if sending stopped because no API answered at the address."""
        return self._breaker.found_no_api

    def interrupt(self) -> None:
        """Stop sending. Requests in flight are still answered."""
        self.interrupted = True
        self._halt("interrupted")

    def pause(self) -> None:
        """Send nothing more until ``resume``. Requests in flight are still answered."""
        self._is_paused = True

    def resume(self) -> None:
        """Send again. The pause does not count against the vendor's patience limit."""
        self._is_paused = False
        self._throttled_since = None

    async def send(self, deliveries: Iterator[Delivery]) -> None:
        """Send all deliveries.

        If sending stops early, the rest have no result, except those that may have been applied.
        """
        self._now = asyncio.get_running_loop().time
        try:
            await self._send_all(deliveries)
        finally:
            self._report_blocked()
            self._report_uncertain()

    async def _send_all(self, deliveries: Iterator[Delivery]) -> None:
        await self._run_workers(deliveries)
        while self._busy and not self._stop.is_set():
            waiting, self._busy = self._busy, []
            await self._sleep(BUSY_POLL_SECONDS)
            for owner in {answer.run for _, answer in waiting}:
                self._release_if_dead(owner)
            await self._run_workers(delivery for delivery, _ in waiting)
        self._breaker.end()

    async def _run_workers(self, deliveries: Iterator[Delivery]) -> None:
        await asyncio.gather(*(self._work(deliveries) for _ in range(self._slots.most)))

    async def _work(self, deliveries: Iterator[Delivery]) -> None:
        while not self._stop.is_set():
            await self._slots.acquire()
            try:
                delivery = None if self._stop.is_set() else next(deliveries, None)
                if delivery is None:
                    return
                result = await self._take(delivery)
            except JournalError as error:
                self._halt(str(error))
                return
            finally:
                self._slots.release()
            if result is not None:
                self._on_result(result)

    async def _take(self, delivery: Delivery) -> RowResult | None:
        """Look a delivery up, if that is asked for, and send it unless that decides otherwise."""
        decided = await self._match(delivery, *self._lookups) if self._lookups else Next.SEND
        if decided is Next.SEND:
            return await self._deliver(delivery)
        return decided if isinstance(decided, RowResult) else None

    async def _deliver(self, delivery: Delivery) -> RowResult | None:
        """Take one delivery through all its tries. None if the run stopped first, or another run holds it."""
        tries, attempts, begun = 0, 0, self._now()
        while True:
            await self._wait_for_turn()
            if self._stop.is_set():
                return None
            answer = await self._journal.claim(delivery)
            if answer.claim is Claim.BUSY:
                self._busy.append((delivery, answer))
                return None
            if answer.claim is not Claim.GRANTED:
                self._uncertain.pop(delivery.row, None)
                return held_back(delivery, answer, self._run, self._done, can_update=self._can_update)
            attempts += 1
            sent_at, outcome = await self._attempt(delivery, answer, attempts)
            tries += outcome.verdict is not Verdict.THROTTLED
            again = self._may_try_again(outcome, tries, self._now() - begun)
            evidence = evidence_of(outcome, attempts, sent_at)
            self._settle(delivery, outcome, evidence, again=again)
            if not again:
                self._record_end(outcome)
                if outcome.verdict is Verdict.BLOCKED:
                    self._blocked.append((delivery, outcome, evidence))
                elif self._blocked and self._breaker.api_answered:
                    self._report_blocked()
                is_open = outcome.verdict in (Verdict.STOP, Verdict.BLOCKED)
                return None if is_open else result_of(delivery, outcome, evidence, self._done)
            if outcome.verdict is not Verdict.THROTTLED:
                await self._sleep(_backoff_seconds(tries))

    async def _match(self, delivery: Delivery, matcher: Matcher, client: Client) -> RowResult | Next:
        """Look a row up at the vendor, unless that is known, and return what becomes of it."""
        question = matcher.question(delivery)
        if not isinstance(question, str):
            return question
        found = matcher.known(delivery)
        if found is None:
            answer = await self._look_up(delivery, question, matcher, client)
            if not isinstance(answer, LookedUp):
                return answer
            found = answer
        return matcher.decide(delivery, found)

    async def _look_up(
        self, delivery: Delivery, question: str, matcher: Matcher, client: Client
    ) -> LookedUp | RowResult | Next:
        """Ask the vendor, with all the tries that it takes. What it has is in the journal before any later claim."""
        tries, attempts, begun = 0, 0, self._now()
        while True:
            await self._wait_for_turn()
            if self._stop.is_set():
                return Next.LATER
            attempts += 1
            sent_at = await self._await_spacing(is_retry=attempts > 1)
            self.requests.looked_up += 1
            started = self._now()
            exchange = await client.send(question, b"", lambda _: None)
            answer = matcher.read(exchange, delivery)
            self._on_answer(exchange.status, exchange.seconds)
            if isinstance(answer, LookedUp):
                self._learn(Outcome(Verdict.CONFIRMED, exchange.status), started, exchange.seconds)
                self._breaker.record_lookup()
                if matcher.is_kept:
                    self._journal.record_lookup(answer)
                return answer
            self._learn(answer, started, exchange.seconds)
            tries += answer.verdict is not Verdict.THROTTLED
            if answer.code == LOOKUP_FAILED or not self._may_try_again(answer, tries, self._now() - begun):
                self._record_end(answer)
                if answer.stops or answer.verdict is Verdict.STOP:
                    return Next.LATER
                return RowResult(delivery.row, Status.FAILED, evidence_of(answer, 0, sent_at))
            if answer.verdict is not Verdict.THROTTLED:
                await self._sleep(_backoff_seconds(tries))

    async def _await_spacing(self, *, is_retry: bool) -> float:
        """Wait until the next request may leave, and count it; return when it leaves (Unix seconds)."""
        if (seconds := self._rate.spacing(self._now())) > 0:
            await asyncio.sleep(seconds)
        sent_at = time.time()
        self.requests.sent += 1
        self.requests.retried += is_retry
        self.meter.record_sent(sent_at, self._rate.rate)
        self._slots.record_sent()
        return sent_at

    async def _attempt(self, delivery: Delivery, answer: Answer, attempts: int) -> tuple[float, Outcome]:
        """Send the request once; return when it left (Unix seconds) and the outcome."""
        sent_at = await self._await_spacing(is_retry=attempts > 1)
        started = self._now()
        headers = request_headers(self._operation, delivery, answer.run or self._run)
        message = "interrupted before the answer came; it may or may not have been applied"
        evidence = Evidence(attempts=attempts, code="interrupted", message=message, sent_at=sent_at)
        self._uncertain[delivery.row] = (delivery, evidence)
        exchange = await self._client.send(
            delivery.path,
            delivery.body,
            lambda status: self._journal.record_status_line(delivery, status, sent_at),
            headers,
        )
        outcome = self._judge(delivery, exchange)
        self._learn(outcome, started, exchange.seconds)
        self._on_answer(exchange.status, exchange.seconds)
        return sent_at, outcome

    def _judge(self, delivery: Delivery, exchange: Exchange) -> Outcome:
        """Judge an answer. One that makes the judgement fail leaves its own row uncertain, and no other."""
        try:
            return judge(exchange, self._operation.answers, now=time.time(), secret=self._secret)
        except Exception as error:
            logger.exception("The answer to row %d cannot be read", delivery.row)
            return unreadable(exchange.status, type(error).__name__)

    def _report_blocked(self) -> None:
        """Reject the rows that were blocked, if the API answers others and they do not stop the run."""
        if self._breaker.api_answered and not self._breaker.reason:
            for delivery, outcome, evidence in self._blocked:
                self._journal.settle(delivery, Settlement(State.REFUSED, evidence))
                self._on_result(result_of(delivery, outcome, evidence, self._done))
        self._blocked.clear()

    def _settle(self, delivery: Delivery, outcome: Outcome, evidence: Evidence, *, again: bool) -> None:
        """Settle an attempt, unless it is uncertain and tried again: then the intent stays until the last try."""
        state = STATES[outcome.verdict]
        if again and state is State.UNCERTAIN:
            self._uncertain[delivery.row] = (delivery, evidence)
            return
        self._uncertain.pop(delivery.row, None)
        self._journal.settle(delivery, Settlement(state, evidence))

    def _report_uncertain(self) -> None:
        """Settle as uncertain what is still open when sending is over."""
        for delivery, evidence in self._uncertain.values():
            self._journal.settle(delivery, Settlement(State.UNCERTAIN, evidence))
            self._on_result(RowResult(delivery.row, Status.UNCERTAIN, evidence))
        self._uncertain.clear()

    def _learn(self, outcome: Outcome, started: float, seconds: float) -> None:
        """Adjust the rate and the concurrency to an answer."""
        is_throttled, is_lost = outcome.verdict is Verdict.THROTTLED, outcome.http_status is None
        if is_lost or outcome.http_status in OVERLOAD_STATUSES:
            self._slots.record_overload(self._now(), started)
        else:
            self._slots.record_answer(None if is_throttled else seconds)
        if is_throttled:
            self.requests.throttled += 1
            self.meter.record_throttled(time.time(), self._rate.rate)
            self._check_patience(self._rate.refused(self._now(), started, outcome.retry_after))
        elif not is_lost:
            self._throttled_since = None
            self._rate.accepted(self._now(), started)

    def _may_try_again(self, outcome: Outcome, tries: int, seconds: float) -> bool:
        if outcome.verdict is Verdict.THROTTLED:
            # 429 concerns all rows, and patience bounds that; a time-out may concern this row alone.
            return outcome.http_status == 429 or seconds <= self._limits.patience
        if outcome.stops:
            return False
        if outcome.verdict is Verdict.NOT_SENT or (outcome.verdict is Verdict.UNCERTAIN and self._may_repeat):
            return tries < self._limits.max_tries and not self._stop.is_set()
        return False

    def _check_patience(self, pause: float) -> None:
        """Stop the run if the vendor has answered nothing but "not now" for too long."""
        if self._throttled_since is None:
            self._throttled_since = self._now()
        lasted = self._now() - self._throttled_since
        if lasted + pause > self._limits.patience:
            asked = f" and asks to wait {pause:,.0f} seconds more" if pause > 1 else ""
            self._halt(
                f"the vendor answers nothing but 'too many requests'{asked}; that is longer than "
                f"--patience {self._limits.patience:,.0f} allows; resume later"
            )

    async def _wait_for_turn(self) -> None:
        """Wait until the sender is not paused and the rate lets the next request leave, or the run stops."""
        self._rate.waiting += 1
        try:
            while not self._stop.is_set():
                seconds = PAUSE_POLL_SECONDS if self._is_paused else self._rate.delay(self._now())
                if seconds <= 0:
                    return
                await self._sleep(seconds)
        finally:
            self._rate.waiting -= 1

    async def _sleep(self, seconds: float) -> None:
        """Sleep, but wake up when the run stops."""
        if seconds <= SHORT_SLEEP_SECONDS:
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # not asyncio.wait_for, which may lose a cancellation in Python 3.11
                await self._stop.wait()

    def _record_end(self, outcome: Outcome) -> None:
        """Record how a delivery's last attempt ended, and stop the run if the circuit breaker says so."""
        self._breaker.record(outcome)
        if self._breaker.reason:
            self._stop.set()

    def _halt(self, reason: str) -> None:
        self._breaker.reason = self._breaker.reason or reason
        self._stop.set()


def _backoff_seconds(tries: int) -> float:
    backoff = min(FIRST_BACKOFF_SECONDS * 2.0 ** (tries - 1), LONGEST_BACKOFF_SECONDS)
    return backoff * random.uniform(LEAST_BACKOFF_SHARE, 1.0)  # noqa: S311 - jitter, not a secret
