"""The interface between the sending loop and what decides, before a row is sent, by what the vendor has already."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from importer.model.delivery import Delivery, LookedUp, Outcome, RowResult
from importer.sending.http_client import Exchange


class Next(Enum):
    """The way of a row without a result."""

    SEND = "send"  # as it is
    LATER = "later"  # it is taken care of elsewhere, or the run stopped


class Matcher(Protocol):
    """Decides what becomes of a row by a look-up at the vendor. If ``is_kept``, the journal keeps what was found."""

    is_kept: bool

    def question(self, delivery: Delivery) -> str | RowResult | Next:
        """Return the path and query of a row's look-up, or what becomes of the row without one."""

    def known(self, delivery: Delivery) -> LookedUp | None:
        """Return what an earlier look-up of this run found; None if it must be asked (again)."""

    def read(self, exchange: Exchange, delivery: Delivery) -> LookedUp | Outcome:
        """Return what an answer to a look-up says; an outcome if it says nothing."""

    def decide(self, delivery: Delivery, found: LookedUp) -> RowResult | Next:
        """Return what becomes of a row by what the vendor has."""
