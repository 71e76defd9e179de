"""One sender's side of the rate that all runs to a target share: turns, looks in a thread, and notes about others."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Self

from importer.errors import JournalError
from importer.journal import RateStore
from importer.sending.rate_controller import Phase, RateController
from importer.sending.rate_shares import LOOK_SECONDS, Event, Grant, Look, take_look

# New turns are ordered this long before the last one is due: a look takes some milliseconds.
LEAD_SECONDS = 0.03
# A sender that is alone looks only for others: they wait for this at most, and it is far from being taken for dead.
HOLDER_LOOK_SECONDS = 0.5
# Time between looks at a holder that has not noticed this sender yet, and between questions for turns under order.
ADMISSION_SECONDS, POLL_SECONDS = 0.05, 0.01
LONGEST_SLEEP_SECONDS = 1.0
# So many turns are ordered for each that was used since the last look: those who send fast look no more often.
USE_AHEAD = 2
# Without turns for this long, because the store fails, the run stops.
PATIENCE_SECONDS = 10.0
# A turn may leave this late; a later one is lost, because it would meet the next one.
LATEST_SECONDS, LONGEST_GAP_SECONDS = 0.02, 0.25
logger = logging.getLogger(__name__)


class SharedRate:
    """The rate that a session sends at. Use as an async context manager; the methods are RateController's.

    Times are those of the event loop, ``time.monotonic``.
    """

    def __init__(
        self,
        store: RateStore,
        target: str,
        *,
        rate: float,
        fixed: bool,
        share: float = 1.0,
        on_note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._target = target
        self._on_note = on_note
        self._me = Look(secrets.token_hex(8), rate, fixed, share)
        # Alone: the controller of all turns. Shared: only the spacing is asked of it.
        self._controller = RateController(rate, fixed=fixed)
        self._holds = False
        self.waiting = 0  # how many workers wait for a turn; the sender counts them
        self._turns: deque[float] = deque()
        self._used = 0
        self._not_before = 0.0
        self._events: list[Event] = []
        self._look_now = asyncio.Event()
        self._look_after = LOOK_SECONDS
        self._failure: tuple[float, JournalError] | None = None  # since when, and the last one
        self._is_looking = False
        self._notes: set[str] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rate")

    async def __aenter__(self) -> Self:
        await self._look()
        self._looks = asyncio.create_task(self._keep_looking())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._looks.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._looks
        try:
            await self._look(leaves=True)
        finally:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
            self._thread.shutdown(wait=False)

    @property
    def rate(self) -> float:
        """Requests a second of all senders of the target together."""
        return self._controller.rate

    def delay(self, now: float) -> float:
        """Return the seconds until the next request may leave. Zero takes the turn."""
        if self._holds:
            return self._controller.delay(now)
        self._reject_failure(now)
        latest = now - min(max(LATEST_SECONDS, 1 / self.rate), LONGEST_GAP_SECONDS)
        while self._turns and self._turns[0] < latest:
            self._turns.popleft()
        if self._is_low(now) and now >= self._not_before and not self._is_looking:
            self._look_now.set()
        if not self._turns:
            return min(max(self._not_before - now, POLL_SECONDS), LONGEST_SLEEP_SECONDS)
        if self._turns[0] > now:
            return min(self._turns[0] - now, LONGEST_SLEEP_SECONDS)
        self._turns.popleft()
        self._used += 1
        return 0.0

    def _is_low(self, now: float) -> bool:
        """Return True when it is time to order turns: one order is under way at a time."""
        return not self._turns or self._turns[-1] < now + LEAD_SECONDS

    def _reject_failure(self, now: float) -> None:
        if self._failure is not None and now - self._failure[0] > PATIENCE_SECONDS:
            raise self._failure[1]

    def spacing(self, now: float) -> float:
        """Return the seconds to wait once more, just before the request leaves."""
        return self._controller.spacing(now)

    def accepted(self, now: float, sent_at: float) -> None:
        """Record that the vendor took a request that left at ``sent_at``, or refused it for its content."""
        if self._holds:
            self._controller.accepted(now, sent_at)
        if not self._holds or self._is_looking:
            self._events.append(Event(now, sent_at))

    def refused(self, now: float, sent_at: float, wait: float | None) -> float:
        """Record a "not now". Return the seconds that all senders pause, as far as they are known at once."""
        if not self._holds or self._is_looking:
            self._events.append(Event(now, sent_at, refused=True, wait=wait))
            self._look_now.set()
        return self._controller.refused(now, sent_at, wait) if self._holds else wait or 0.0

    async def _keep_looking(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                # Not asyncio.wait_for: where an event and a cancellation come together, Python 3.11's loses the latter.
                async with asyncio.timeout(self._look_after):
                    await self._look_now.wait()
            self._look_now.clear()
            await self._look()

    async def _look(self, *, leaves: bool = False) -> None:
        """Look at the document in the thread, and take over what it brings."""
        events, self._events = self._events, []
        look = replace(
            self._me,
            events=events,
            wanted=max(self.waiting, USE_AHEAD * self._used) if self._is_low(time.monotonic()) else 0,
            held=self._controller.shifted(0.0) if self._holds else None,
            leaves=leaves,
        )
        self._is_looking = True
        if look.wanted:
            self._used = 0
        try:
            grant = await asyncio.get_running_loop().run_in_executor(self._thread, self._exchange, look)
        except JournalError as error:
            self._record_failure(error, events)
        else:
            self._failure = None
            if not leaves:
                self._take_over(grant)
        finally:
            self._is_looking = False

    def _record_failure(self, error: JournalError, events: list[Event]) -> None:
        """Keep what could not be reported, and look again later. A sender that is alone needs nothing from others."""
        logger.warning("%s", error)
        self._events = [] if self._holds else [*events, *self._events]
        now = time.monotonic()
        self._look_after, self._not_before = LOOK_SECONDS, now + LOOK_SECONDS
        since = self._failure[0] if self._failure else now
        self._failure = (since, error)

    def _take_over(self, grant: Grant) -> None:
        self._look_after, self._not_before = LOOK_SECONDS, 0.0
        if grant.holds:
            self._hold(grant.controller)
        elif grant.must_wait:
            self._holds = False
            self._look_after = ADMISSION_SECONDS
            self._not_before = time.monotonic() + ADMISSION_SECONDS
        else:
            self._holds = False
            self._turns.extend(grant.turns)
            while self._turns and self._turns[0] < grant.pause_end:
                self._turns.popleft()
            if grant.rate != self._controller.rate or self._controller.phase is not Phase.FIXED:
                self._controller = self._controller.at_rate(grant.rate, fixed=True)
        self._say(grant)

    def _hold(self, controller: RateController | None) -> None:
        """Go on alone, with another controller if there is one: it has not seen the answers of the last moment."""
        self._holds = True
        self._look_after = HOLDER_LOOK_SECONDS
        self._turns.clear()
        if controller is not None:
            self._controller = controller
            for event in self._events:
                if event.refused:
                    controller.refused(event.now, event.sent_at, event.wait)
                else:
                    controller.accepted(event.now, event.sent_at)
        self._events = []

    def _say(self, grant: Grant) -> None:
        """Note that the rate is shared, or lower than was asked for; each once."""
        if grant.others:
            self._note("Another run is sending to this vendor, too. Together they keep to one rate.")
        if grant.fixed is not None and (not self._me.fixed or grant.fixed < self._me.rate):
            self._note(f"Another run keeps this vendor to {grant.fixed:g} requests/s (--rate), so this run does, too.")

    def _note(self, text: str) -> None:
        if text not in self._notes:
            self._notes.add(text)
            self._on_note(text)

    def _exchange(self, look: Look) -> Grant:
        """Take a look: all times are the store's there, and the event loop's here."""
        grants: list[Grant] = []

        def change(text: str | None, now: float) -> str:
            ahead = now - time.monotonic()
            events = [replace(each, now=each.now + ahead, sent_at=each.sent_at + ahead) for each in look.events]
            there = replace(look, events=events, held=look.held and look.held.shifted(ahead))
            changed, grant = take_look(text, now, there)
            controller = grant.controller and grant.controller.shifted(-ahead)
            turns, pause_end = [turn - ahead for turn in grant.turns], grant.pause_end - ahead
            grants.append(replace(grant, turns=turns, pause_end=pause_end, controller=controller))
            return changed

        self._store.update(self._target, change)
        return grants[-1]
