"""The rate of one target as its senders share it: the turns that each gets, and what their answers teach.

All senders of a target look at one document, each at least every quarter of a second, in a transaction. A look reports
the answers since the last one and orders turns. Turns are handed out one after the other, each sender has one order at
a time, and the size of an order is the sender's share of a round: so everyone gets its share while all want more, and
what one does not want is left to the others.

A sender that is alone keeps the rate controller to itself (it ``holds`` the rate), orders nothing, and only leaves a
copy of the controller with each look. When another sender comes, it waits for the holder's next look, which shares the
rate.

Times in the document are seconds of the store's clock. Nothing here waits or sends.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from importer.sending.rate_controller import Phase, RateController

LOOK_SECONDS = 0.25
# A sender that has not looked for this long is dead, or frozen: its share is the others'.
DEAD_SECONDS = 2.0
# A round hands a turn to every sender. Slow rates need long rounds; shares are less exact where this is too short.
LONGEST_ROUND_SECONDS = 10.0
# Limits that count a minute still know of what was sent before. Then a rate is learned anew.
MEMORY_SECONDS = 60.0
# A clock that was set back by more than this makes all times in a document meaningless.
CLOCK_SLACK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Event:
    """An answer: accepted, or refused with the seconds that the vendor asks to wait."""

    now: float
    sent_at: float
    refused: bool = False
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A sender's part of a look. ``rate`` is where learning starts, or fixed. ``held`` is a copy of what it holds."""

    sender: str
    rate: float
    fixed: bool
    share: float = 1.0
    events: Sequence[Event] = ()
    wanted: int = 0
    held: RateController | None = None
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer to a look.

    ``holds`` means that the sender is alone; ``controller`` is what it holds from now on, None if that is unchanged.
    ``must_wait`` means that the holder has not noticed the sender yet. Turns before ``pause_end`` are void. ``fixed``
    is the rate that a ``--rate`` keeps all senders to.
    """

    holds: bool = False
    controller: RateController | None = None
    must_wait: bool = False
    turns: Sequence[float] = ()
    pause_end: float = -math.inf
    rate: float = 0.0
    others: int = 0
    fixed: float | None = None


@dataclass(slots=True)
class _Participant:
    seen: float
    share: float
    fixed: float | None
    credit: float = 0.0


@dataclass(slots=True)
class _Document:
    at: float = 0.0
    holder: str | None = None
    state: dict[str, Any] | None = None
    senders: dict[str, _Participant] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> _Document:
        """Return the document of a text; an empty one if there is none, or it is another version's."""
        try:
            data = json.loads(text or "{}")
            senders = {name: _Participant(*values) for name, values in data.pop("senders", {}).items()}
            return cls(**data, senders=senders)
        except (TypeError, ValueError):
            return cls()

    def text(self) -> str:
        senders = {name: [each.seen, each.share, each.fixed, each.credit] for name, each in self.senders.items()}
        return json.dumps({"at": self.at, "holder": self.holder, "state": self.state, "senders": senders})


def take_look(text: str | None, now: float, look: Look) -> tuple[str, Grant]:
    """Return the document after a look, and what the look brings its sender."""
    document = _Document.read(text)
    if document.at > now + CLOCK_SLACK_SECONDS:
        document = _Document()
    now = max(now, document.at)
    idle_seconds = now - document.at
    document.senders = {
        name: each for name, each in document.senders.items() if name == look.sender or now - each.seen <= DEAD_SECONDS
    }
    document.at = now
    grant = _look(document, now, look, idle_seconds)
    return document.text(), grant


def _look(document: _Document, now: float, look: Look, idle_seconds: float) -> Grant:
    others = len(document.senders.keys() - {look.sender})
    if document.holder == look.sender:
        document.state = look.held.to_data() if look.held else None
        if look.leaves or others or look.held is None:
            document.holder = None
    elif document.holder not in document.senders:
        document.holder = None  # it has died: the last copy stands
    if look.leaves:
        _leave(document, look)
        return Grant()
    credit = document.senders[look.sender].credit if look.sender in document.senders else 0.0
    document.senders[look.sender] = _Participant(now, look.share, look.rate if look.fixed else None, credit)
    fixed = min((each.fixed for each in document.senders.values() if each.fixed is not None), default=None)
    if document.holder == look.sender:
        return Grant(holds=True, fixed=fixed)
    if document.holder is not None:
        return Grant(must_wait=True, others=others)
    controller = _controller(document, now, look, fixed, None if others else idle_seconds)
    _replay(controller, look.events)
    if not others:
        document.holder = look.sender
        controller.return_turns(now)
        document.state = controller.to_data()
        return Grant(holds=True, controller=controller, fixed=fixed)
    turns = controller.reserve_turns(now, _order_size(document, look, controller.rate))
    document.state = controller.to_data()
    return Grant(turns=turns, pause_end=controller.pause_end, rate=controller.rate, others=others, fixed=fixed)


def _leave(document: _Document, look: Look) -> None:
    document.senders.pop(look.sender, None)
    if document.state is not None and look.held is None and document.holder is None:
        controller = RateController.from_data(document.state)
        _replay(controller, look.events)
        document.state = controller.to_data()


def _controller(
    document: _Document, now: float, look: Look, fixed: float | None, idle_seconds: float | None
) -> RateController:
    """Return the controller of the document, a new one if there is none to go on with.

    ``idle_seconds`` is how long there was no sender at all; None if there is another one.
    """
    controller = None
    if document.state is not None and (idle_seconds is None or idle_seconds <= MEMORY_SECONDS):
        try:
            controller = RateController.from_data(document.state)
        except (ValueError, KeyError, TypeError):
            controller = None
    if controller is not None and idle_seconds is not None and idle_seconds > 2 * LOOK_SECONDS:
        controller.forget_pause(now, idle_seconds)
        if not controller.has_proven_rate:
            controller = None
    if controller is None:
        return RateController(fixed or look.rate, fixed=fixed is not None)
    if fixed is None and controller.phase is Phase.FIXED:
        return controller.at_rate(look.rate, fixed=False)
    if fixed is not None and (controller.phase is not Phase.FIXED or controller.rate != fixed):
        return controller.at_rate(fixed, fixed=True)
    return controller


def _replay(controller: RateController, events: Sequence[Event]) -> None:
    for event in events:
        if event.refused:
            controller.refused(event.now, event.sent_at, event.wait)
        else:
            controller.accepted(event.now, event.sent_at)


def _order_size(document: _Document, look: Look, rate: float) -> int:
    """Return how many turns the sender gets now: its share of a round, or less if it wants less."""
    total = sum(each.share for each in document.senders.values())
    least = min(each.share for each in document.senders.values())
    round_seconds = min(max(LOOK_SECONDS, total / (least * rate)), LONGEST_ROUND_SECONDS)
    sender = document.senders[look.sender]
    size = rate * round_seconds * sender.share / total + sender.credit
    if look.wanted < size:
        sender.credit = 0.0
        return look.wanted
    whole = max(int(size), 1)
    sender.credit = size - whole
    return whole
