"""The rules of claims: which deliveries may be sent. All within one transaction of the store that is asked.

Nearly all claims are of deliveries, and of contacts, that the journal has never seen: a store finds that out for many
at once. Only the others are decided one by one, by these rules:

- An intent that is still there when its own run claims it again is uncertain, not free: a full disk once left eight of
  them, and they were sent twice.
- A second upload of the same file is as good as a resume: only runs over other files make a contact "changed", so two
  rows of one file that share an e-mail address are both sent, in one run or in two.
- An uncertain contact with other values blocks its row even with ``send_changed``: only the vendor can tell whether it
  exists.
- Rows to fix keep their numbers: one row corrected in two copies of a report is one contact, whatever became of its
  address. The second of two bodies is "changed".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from importer.journal.interface import Answer, Claim, RunRecord, State
from importer.model.delivery import Delivery, Evidence, decode_field_errors, decode_notices


class Known(NamedTuple):
    """A delivery as a store knows it; ``first_run`` and ``first_intended_at`` are of its first try.

    The evidence's lists are as ``encode_field_errors`` and ``encode_notices`` write them.
    """

    state: str
    run: str
    row: int
    settled_at: float
    first_run: str
    first_intended_at: float
    vendor_id: str | None
    http_status: int | None
    attempts: int
    code: str | None
    message: str | None
    sent_at: float | None
    field_errors: str | None
    notices: str | None
    lookup_message: str | None


class KnownDeliveries(Protocol):
    """The questions of the rules to a store. "Other values" are other fingerprints of the same contact."""

    def now(self) -> float:
        """Return the time by the clock that intents are written with, in Unix seconds."""

    def are_unknown(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[bool]:
        """Return for each delivery True when nothing is known of it or its contact, and no twin is among them."""

    def find(self, run: RunRecord, wanted: Sequence[Delivery]) -> dict[tuple[bytes, int], Known]:
        """Return what is known of these deliveries, by fingerprint and occurrence as given."""

    def find_later_values(self, run: RunRecord, delivery: Delivery, known: Known) -> Iterable[Known]:
        """Return other values confirmed under the same vendor's id since, in other runs than ``known``'s; last first.

        Those of runs over the same file are left out.
        """

    def find_other_values(self, run: RunRecord, delivery: Delivery) -> Iterable[Known]:
        """Return other values that may have been applied by runs over other files."""

    def find_same_row(self, run: RunRecord, delivery: Delivery) -> Iterable[Known]:
        """Return the other bodies that were made of a row to fix, by imports of its file or of other reports of it."""

    def is_superseded(self, run: RunRecord, delivery: Delivery, settled_at: float) -> bool:
        """Return True when other values were set on the contact since: then the same must be set again."""

    def find_contacts_with_other_values(self, run: RunRecord, wanted: Sequence[Delivery]) -> set[bytes]:
        """Return the identities among these of which there are deliveries with different values."""


def find_block(store: KnownDeliveries, run: RunRecord, delivery: Delivery, known: Known | None) -> Answer | None:
    """Return the answer that keeps a delivery from being sent; None when nothing does."""
    if known is None:
        return None if run.options.get("repeatable") else _find_other_values(store, run, delivery)
    is_own = known.run == run.id
    match State(known.state):
        case State.CONFIRMED:
            return _answer(Claim.CONFIRMED, known) if is_own else _find_confirmed(store, run, delivery, known)
        case State.INTENDED if not is_own:
            return _answer(Claim.BUSY, known)
        case State.UNCERTAIN | State.INTENDED:
            # The vendor still recognises the idempotency key of the first try.
            key_is_valid = store.now() - known.first_intended_at < run.options.get("idempotency_ttl", 0.0)
            may_repeat = run.options.get("repeatable") or key_is_valid
            return None if may_repeat else _answer(Claim.UNCERTAIN, known)
        case State.REFUSED if is_own:
            return _answer(Claim.REFUSED, known)
    return None


def grant(known: Known | None) -> Answer:
    """Return the answer to a claim that nothing blocks: it names the run of a first try that may have been applied."""
    may_be_applied = known is not None and known.state in (State.UNCERTAIN, State.INTENDED)
    return Answer(Claim.GRANTED, known.first_run if known and may_be_applied else "")


def preview(store: KnownDeliveries, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
    """Return the answers that claims would get, without granting anything.

    Most of what is known is confirmed, of contacts without other values: three queries tell for all of these, where two
    for each took four times as long for a second upload of a million rows.
    """
    unknown = store.are_unknown(run, wanted)
    offered = [delivery for delivery, is_new in zip(wanted, unknown, strict=True) if not is_new]
    if not offered:
        return [Answer(Claim.GRANTED)] * len(wanted)
    found, contacts = store.find(run, offered), store.find_contacts_with_other_values(run, offered)

    def answer(delivery: Delivery) -> Answer | None:
        known = found.get((delivery.fingerprint, delivery.occurrence))
        if known is not None and known.state == State.CONFIRMED and delivery.identity not in contacts:
            return _answer(Claim.CONFIRMED, known)
        return find_block(store, run, delivery, known)

    return [
        (not is_new and answer(delivery)) or Answer(Claim.GRANTED)
        for delivery, is_new in zip(wanted, unknown, strict=True)
    ]


def _find_confirmed(store: KnownDeliveries, run: RunRecord, delivery: Delivery, known: Known) -> Answer | None:
    """Judge an earlier run's confirmation: it counts for nothing if its contact has other values since."""
    if run.options.get("repeatable"):
        is_superseded = store.is_superseded(run, delivery, known.settled_at)
        return None if is_superseded else _answer(Claim.CONFIRMED, known)
    # Two rows of one file may be one contact for the vendor: neither of them has changed.
    later = next(iter(store.find_later_values(run, delivery, known)), None)
    if later is None:
        return _answer(Claim.CONFIRMED, known)
    return None if run.options.get("send_changed") else _answer(Claim.CHANGED, later)


def _find_other_values(store: KnownDeliveries, run: RunRecord, delivery: Delivery) -> Answer | None:
    """Return the block by the same contact with other values, confirmed or uncertain in another file's run."""
    for known in (*store.find_other_values(run, delivery), *store.find_same_row(run, delivery)):
        if known.state != State.CONFIRMED:
            return _answer(Claim.UNCERTAIN, known)
        if not run.options.get("send_changed"):
            return _answer(Claim.CHANGED, known)
    return None


def _answer(claim: Claim, known: Known) -> Answer:
    return Answer(claim, known.run, known.row, read_evidence(*known[6:]))


def read_evidence(  # noqa: PLR0913, PLR0917 - the last columns of Known, in their order
    vendor_id: str | None,
    http_status: int | None,
    attempts: int,
    code: str | None,
    message: str | None,
    sent_at: float | None,
    field_errors: str | None,
    notices: str | None,
    lookup_message: str | None,
) -> Evidence:
    """Return the evidence that a store's columns hold."""
    return Evidence(
        vendor_id,
        http_status,
        attempts,
        code or "",
        message or "",
        sent_at,
        decode_field_errors(field_errors) if field_errors else (),
        decode_notices(notices) if notices else (),
        lookup_message or "",
    )
