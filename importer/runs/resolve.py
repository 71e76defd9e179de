"""Settling uncertain rows: by what a person has found out, and by asking the vendor where it can be asked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import polars as pl

from importer.errors import SettingsError
from importer.journal import Journal, Settlement, State, UncertainDelivery, Work
from importer.model.delivery import Delivery
from importer.run_store.spool import Spool
from importer.runs.deliver import duplicates_of
from importer.runs.reopen import verify_target
from importer.runs.run import ImportRun
from importer.runs.send_rows import build_deliveries

if TYPE_CHECKING:
    from importer.sending.lookup import LookupResult, Question

SETTLE_SECONDS = 30.0
"""How long after a request, and after a first look, a contact that was made must be visible."""
ABSENT = "absent"
_ASKED = "; asked, "


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person says of a row: it was made, with this id, or it was not."""

    row: int
    state: Literal["created", "absent"]
    vendor_id: str | None = None


@dataclass(frozen=True, slots=True)
class ResolveOptions:
    """What to do about the uncertain rows of a run."""

    marks: tuple[Mark, ...] = ()
    resend_absent: bool = False
    asks: bool = True
    """Whether the vendor is asked about the rows that nobody marked."""
    ask_anyway: bool = False
    """Whether to use a look-up that the vendor does not document."""
    settle_seconds: float = SETTLE_SECONDS


def resolve(job: ImportRun, spool: Spool, journal: Journal, wishes: ResolveOptions) -> int:
    """Settle what can be; how many deliveries are free to be sent by now. Raises SettingsError."""
    record = job.record()
    uncertain_rows = {doubt.row: doubt for doubt in journal.doubts(job.run, job.operation.name)}
    rows = [mark.row for mark in wishes.marks]
    twice = [row for row in rows if rows.count(row) > 1]
    if twice:
        raise SettingsError(f"--mark: row {twice[0]} is named twice; say once what became of it")
    unknown = [row for row in rows if row not in uncertain_rows]
    if unknown:
        known = ", ".join(map(str, uncertain_rows)) or "none"
        raise SettingsError(f"--mark: row {unknown[0]} of run {job.run} is not uncertain; uncertain are: {known}")
    freed = 0
    for mark in wishes.marks:
        doubt = uncertain_rows.pop(mark.row)
        made = mark.state == "created"
        code, message = ("", "") if made else (ABSENT, "a person looked")
        evidence = replace(doubt.evidence, vendor_id=mark.vendor_id, code=code, message=message)
        how = Settlement(State.CONFIRMED if made else State.RELEASED, evidence)
        journal.apply(record, Work(settlements=[(_delivery(doubt), how)]))
        freed += not made
    if uncertain_rows and wishes.asks and _can_ask(job, wishes):
        freed += _ask(job, spool, journal, uncertain_rows, wishes)
    return freed


def _can_ask(job: ImportRun, wishes: ResolveOptions) -> bool:
    lookup = job.operation.lookup
    if lookup is None:
        job.observer.note(
            f"{job.vendor.title} cannot be asked; look at its list of contacts and say what you found: "
            f"resolve {job.run} --mark created=ID ROW, or --mark absent ROW"
        )
        return False
    if lookup.opt_in and not wishes.ask_anyway:
        job.observer.note(f"{job.vendor.title} does not document how it can be asked; --ask-anyway tries")
        return False
    return True


def _ask(
    job: ImportRun,
    spool: Spool,
    journal: Journal,
    uncertain_rows: Mapping[int, UncertainDelivery],
    wishes: ResolveOptions,
) -> int:
    """Two looks: what is there is settled at the first; what is not must be missing at the second, later, too."""
    from importer.sending.lookup import Found
    from importer.sending.lookup_client import ask

    target = verify_target(job)
    questions = {question.row: question for question in _questions(job, spool, journal, uncertain_rows)}

    def look(rows: Iterable[int]) -> dict[int, LookupResult]:
        asked = [questions[row] for row in rows if row in questions]
        job.observer.note(f"asking {job.vendor.title} about {len(asked)} uncertain rows")
        return _drop_ambiguous(
            ask(asked, vendor=job.vendor, operation=job.operation, target=target, timeout=job.settings.timeout)
        )

    first = look(uncertain_rows)
    missing = [row for row, finding in first.items() if finding.found is Found.ABSENT]
    for row in missing:
        if uncertain_rows[row].looked_at is None:
            journal.looked(job.record(), _delivery(uncertain_rows[row]), time.time())
    _settle(
        job, journal, uncertain_rows, {row: finding for row, finding in first.items() if row not in missing}, wishes
    )
    if not missing:
        return 0
    waiting = max(_seconds_to_wait(uncertain_rows[row], wishes.settle_seconds) for row in missing)
    if waiting > 0:
        job.observer.note(f"{len(missing)} are not there; looking again in {waiting:.0f} seconds")
        time.sleep(waiting)  # it is time that must pass: nobody can say earlier that a contact will not appear
    return _settle(job, journal, uncertain_rows, look(missing) if waiting > 0 else first, wishes)


def _drop_ambiguous(findings: Mapping[int, LookupResult]) -> dict[int, LookupResult]:
    """One contact cannot be two rows: where several found the same, none of them has found its own."""
    from importer.sending.lookup import Found

    ids = Counter(finding.vendor_id for finding in findings.values() if finding.found is Found.CREATED)
    words = "the vendor has this contact ({}), but {} rows in doubt are like it"
    return {
        row: replace(finding, found=Found.UNSURE, vendor_id=None, message=words.format(finding.vendor_id, count))
        if finding.found is Found.CREATED and (count := ids[finding.vendor_id]) > 1
        else finding
        for row, finding in findings.items()
    }


def _seconds_to_wait(doubt: UncertainDelivery, settle_seconds: float) -> float:
    looked = doubt.looked_at or time.time()
    return max(looked, doubt.settled_at) + settle_seconds - time.time()


def _settle(
    job: ImportRun,
    journal: Journal,
    uncertain_rows: Mapping[int, UncertainDelivery],
    findings: Mapping[int, LookupResult],
    wishes: ResolveOptions,
) -> int:
    from importer.sending.lookup import Found

    settlements, freed = [], 0
    for row, finding in findings.items():
        doubt = uncertain_rows[row]
        words = doubt.evidence.message.partition(_ASKED)[0]
        if finding.found is Found.CREATED:
            known = replace(doubt.evidence, vendor_id=finding.vendor_id, code="", message=finding.message)
            settlements.append((_delivery(doubt), Settlement(State.CONFIRMED, known)))
        elif finding.found is Found.ABSENT:
            state = State.RELEASED if wishes.resend_absent else State.UNCERTAIN
            message = f"{words}{_ASKED}{finding.message}; resolve --resend-absent sends it"
            known = replace(doubt.evidence, code=ABSENT, message=message)
            settlements.append((_delivery(doubt), Settlement(state, known)))
            freed += state is State.RELEASED
        else:
            known = replace(doubt.evidence, message=f"{words}{_ASKED}{finding.message}")
            settlements.append((_delivery(doubt), Settlement(State.UNCERTAIN, known)))
    journal.apply(job.record(), Work(settlements=settlements))
    return freed


def _questions(
    job: ImportRun, spool: Spool, journal: Journal, uncertain_rows: Mapping[int, UncertainDelivery]
) -> list[Question]:
    """What to ask of each row in doubt whose request, made anew from the spool, is the one that was sent."""
    from importer.sending.lookup import Question

    record = job.record()
    _, occurrences = duplicates_of(spool, job.settings)
    prints = {
        delivery.row: delivery.fingerprint
        for delivery in build_deliveries(job, spool, pl.Series("row", [], dtype=pl.UInt32), occurrences)
        if delivery.row in uncertain_rows
    }
    questions = []
    for frame in spool.fields():
        wanted = frame.filter(pl.col("row").is_in(list(uncertain_rows)))
        for values in wanted.iter_rows(named=True):
            row = values.pop("row")
            doubt = uncertain_rows[row]
            if prints.get(row) == doubt.fingerprint:
                taken = journal.ids_of(record, doubt.identity) if doubt.identity else frozenset()
                questions.append(Question(row, values, doubt.intended_at, doubt.settled_at, taken))
    return questions


def _delivery(doubt: UncertainDelivery) -> Delivery:
    """The key of a delivery in doubt; its request is not needed."""
    return Delivery(doubt.row, doubt.fingerprint, doubt.identity, doubt.occurrence, "", b"")
