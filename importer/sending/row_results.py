"""What becomes of a row: outcomes and the journal's answers → row results."""

from __future__ import annotations

from dataclasses import replace

from importer.journal import Answer, Claim, State
from importer.model.delivery import Delivery, Evidence, Outcome, RowResult, Verdict
from importer.model.status import Status

STATES = {
    Verdict.CONFIRMED: State.CONFIRMED,
    Verdict.REFUSED: State.REFUSED,
    Verdict.UNCERTAIN: State.UNCERTAIN,
    Verdict.NOT_SENT: State.RELEASED,
    Verdict.THROTTLED: State.RELEASED,
    Verdict.STOP: State.RELEASED,
}
"""What the journal keeps of an attempt."""


def evidence_of(outcome: Outcome, attempts: int, sent_at: float) -> Evidence:
    """What is known after an attempt."""
    return Evidence(
        outcome.vendor_id,
        outcome.http_status,
        attempts,
        outcome.code,
        outcome.message,
        sent_at,
        outcome.field_errors,
    )


def result_of(delivery: Delivery, outcome: Outcome, evidence: Evidence, done: Status) -> RowResult:
    """The result of a row that was sent; ``done`` is the status of a confirmed one."""
    status = {Verdict.CONFIRMED: done, Verdict.REFUSED: Status.REJECTED, Verdict.UNCERTAIN: Status.UNCERTAIN}
    return RowResult(delivery.row, status.get(outcome.verdict, Status.FAILED), evidence, outcome.notices)


def held_back(delivery: Delivery, answer: Answer, run: str, done: Status) -> RowResult:
    """The result of a row that is not sent because of what the journal knows."""
    known, mine = answer.evidence, answer.run == run
    where = f"row {answer.row}" if mine else f"row {answer.row} of run {answer.run}"
    status, code, message = {
        Claim.CONFIRMED: (
            (done, "", "") if mine else (Status.ALREADY_DONE, "already_done", f"already done as {where}")
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
    like = (answer.run, answer.row) if status is Status.CHANGED else None
    return RowResult(delivery.row, status, replace(known, code=code, message=message, attempts=attempts), like=like)
