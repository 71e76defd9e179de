"""Turn outcomes and the journal's answers into results of rows."""

from __future__ import annotations

from dataclasses import replace

from importer.journal import Answer, Claim, State
from importer.model.delivery import Delivery, Evidence, Outcome, RowResult, Verdict
from importer.model.status import Status

# The state that the journal keeps of an attempt. A delivery that waits for a 429 to pass is released: it is certainly
# not applied, and a process that is killed in the pause leaves nothing uncertain.
STATES = {
    Verdict.CONFIRMED: State.CONFIRMED,
    Verdict.REFUSED: State.REFUSED,
    Verdict.UNCERTAIN: State.UNCERTAIN,
    Verdict.NOT_SENT: State.RELEASED,
    Verdict.THROTTLED: State.RELEASED,
    Verdict.BLOCKED: State.RELEASED,
    Verdict.STOP: State.RELEASED,
}


def evidence_of(outcome: Outcome, attempts: int, sent_at: float) -> Evidence:
    """Return the evidence of an attempt."""
    return Evidence(
        outcome.vendor_id,
        outcome.http_status,
        attempts,
        outcome.code,
        outcome.message,
        sent_at,
        outcome.field_errors,
        outcome.notices,
    )


def result_of(delivery: Delivery, outcome: Outcome, evidence: Evidence, done: Status) -> RowResult:
    """Return the result of a row that was sent; ``done`` is the status of a confirmed one."""
    status = {
        Verdict.CONFIRMED: done,
        Verdict.REFUSED: Status.REJECTED,
        Verdict.BLOCKED: Status.REJECTED,
        Verdict.UNCERTAIN: Status.UNCERTAIN,
    }
    return RowResult(delivery.row, status.get(outcome.verdict, Status.FAILED), evidence)


def held_back(delivery: Delivery, answer: Answer, run: str, done: Status, *, can_update: bool) -> RowResult:
    """Return the result of a row that the journal keeps from being sent; ``done`` is the status of a confirmed one.

    ``can_update`` is True if ``--update-changed`` would send the new values of a changed contact.
    """
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
                f"not sent ({'--update-changed updates it, ' if can_update else ''}"
                "--send-changed makes a second contact)"
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
    creator = (answer.run, answer.row) if status is Status.CHANGED else None
    # The reports of the other run show the vendor's notices already.
    notices = known.notices if mine else ()
    evidence = replace(known, code=code, message=message, attempts=attempts, notices=notices)
    return RowResult(delivery.row, status, evidence, creator)
