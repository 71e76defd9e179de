"""Resolve uncertain rows: by what a person found out, and by asking the vendor where it can be asked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from importer.errors import SettingsError
from importer.journal import Journal, Settlement, State, UncertainDelivery, WriteBatch
from importer.model.delivery import Evidence
from importer.run_store.row_set import RowSet
from importer.run_store.spool import Spool
from importer.runs.deliver import duplicates_of
from importer.runs.reopen import verify_target
from importer.runs.run import ImportRun
from importer.runs.send_rows import build_deliveries

if TYPE_CHECKING:
    from importer.sending.lookup import LookupResult, Question

# How long after a request, and after the first look-up, a contact that was created must be visible.
SETTLE_SECONDS = 30.0
ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class ManualVerdict:
    """A person's verdict on a row: it was created, with this id, or it was not."""

    row: int
    state: Literal["created", "absent"]
    vendor_id: str | None = None


@dataclass(frozen=True, slots=True)
class ResolveOptions:
    """The options of resolving a run.

    ``asks`` asks the vendor about the rows without a verdict, ``ask_anyway`` also by a look-up that the vendor does not
    document.
    """

    verdicts: tuple[ManualVerdict, ...] = ()
    resend_absent: bool = False
    asks: bool = True
    ask_anyway: bool = False
    settle_seconds: float = SETTLE_SECONDS


def resolve(job: ImportRun, spool: Spool, journal: Journal, options: ResolveOptions) -> int:
    """Resolve what can be; return the number of deliveries that are free to be sent now. Raises SettingsError."""
    uncertain = {entry.delivery.row: entry for entry in journal.list_uncertain(job.id, job.operation.name)}
    _reject_wrong_verdicts(job.id, options.verdicts, uncertain)
    settlements = {verdict.row: _settle_by_hand(uncertain[verdict.row], verdict) for verdict in options.verdicts}
    freed = _record(job, journal, uncertain, settlements)
    left = {row: entry for row, entry in uncertain.items() if row not in settlements}
    if left and options.asks and _can_ask(job, options):
        freed += _Inquiry(job, spool, journal, left, options).run()
    return freed


def _reject_wrong_verdicts(
    run: str, verdicts: Sequence[ManualVerdict], uncertain: Mapping[int, UncertainDelivery]
) -> None:
    rows = Counter(verdict.row for verdict in verdicts)
    for row, count in rows.items():
        if count > 1:
            raise SettingsError(f"--mark: row {row} is named twice; name it once")
    for row in rows:
        if row not in uncertain:
            known = ", ".join(map(str, uncertain)) or "none"
            raise SettingsError(f"--mark: row {row} of run {run} is not uncertain; uncertain are: {known}")


def _settle_by_hand(entry: UncertainDelivery, verdict: ManualVerdict) -> Settlement:
    created = verdict.state == "created"
    code, message = ("", "") if created else (ABSENT, "a person looked")
    evidence = replace(
        _bare_evidence(entry), vendor_id=verdict.vendor_id, code=code, message=message, lookup_message=""
    )
    return Settlement(State.CONFIRMED if created else State.RELEASED, evidence)


def _can_ask(job: ImportRun, options: ResolveOptions) -> bool:
    lookup = job.operation.lookup
    if lookup is None:
        job.observer.on_note(
            f"{job.vendor.title} cannot be asked; look at its list of contacts, then record what you found: "
            f"resolve {job.id} --mark created=ID ROW, or --mark absent ROW"
        )
        return False
    if lookup.opt_in and not options.ask_anyway:
        job.observer.on_note(f"{job.vendor.title} does not document how it can be asked; --ask-anyway tries")
        return False
    return True


class _Inquiry:
    """Asks the vendor about uncertain rows, at most twice.

    A contact that the first look-up finds is settled at once. One that it does not find may still appear: it counts as
    absent only when a second look-up, ``settle_seconds`` later and after the request, does not find it either.
    """

    def __init__(
        self,
        job: ImportRun,
        spool: Spool,
        journal: Journal,
        uncertain: Mapping[int, UncertainDelivery],
        options: ResolveOptions,
    ) -> None:
        self._job = job
        self._journal = journal
        self._uncertain = uncertain
        self._options = options
        self._target = verify_target(job)
        self._questions = {question.row: question for question in _build_questions(job, spool, journal, uncertain)}

    def run(self) -> int:
        """Ask and settle; return the number of deliveries that are free to be sent now."""
        from importer.sending.lookup import Found

        first = self._ask(self._uncertain)
        absent = [row for row, finding in first.items() if finding.found is Found.ABSENT]
        for row in absent:
            if self._uncertain[row].first_lookup_at is None:
                self._journal.record_first_lookup(self._job.record(), self._uncertain[row].delivery, time.time())
        freed = self._settle({row: finding for row, finding in first.items() if row not in absent})
        if not absent:
            return freed
        seconds = max(self._seconds_to_wait(self._uncertain[row]) for row in absent)
        if seconds <= 0:
            return freed + self._settle({row: first[row] for row in absent})
        self._job.observer.on_note(f"{len(absent)} are not there; looking again in {seconds:.0f} seconds")
        time.sleep(seconds)  # it is time that must pass: nobody can say earlier that a contact will not appear
        return freed + self._settle(self._ask(absent))

    def _ask(self, rows: Iterable[int]) -> dict[int, LookupResult]:
        from importer.sending.lookup_client import ask

        job = self._job
        questions = [self._questions[row] for row in rows if row in self._questions]
        job.observer.on_note(f"asking {job.vendor.title} about {len(questions)} uncertain rows")
        return _drop_ambiguous(
            ask(
                questions,
                vendor=job.vendor,
                operation=job.operation,
                target=self._target,
                timeout=job.settings.timeout,
            )
        )

    def _seconds_to_wait(self, entry: UncertainDelivery) -> float:
        first_lookup_at = entry.first_lookup_at or time.time()
        return max(first_lookup_at, entry.settled_at) + self._options.settle_seconds - time.time()

    def _settle(self, findings: Mapping[int, LookupResult]) -> int:
        settlements = {
            row: _settle_by_lookup(self._uncertain[row], finding, resend_absent=self._options.resend_absent)
            for row, finding in findings.items()
        }
        return _record(self._job, self._journal, self._uncertain, settlements)


def _settle_by_lookup(entry: UncertainDelivery, finding: LookupResult, *, resend_absent: bool) -> Settlement:
    from importer.sending.lookup import Found

    known = _bare_evidence(entry)
    if finding.found is Found.CREATED:
        evidence = replace(known, vendor_id=finding.vendor_id, code="", message=finding.message, lookup_message="")
        return Settlement(State.CONFIRMED, evidence)
    if finding.found is Found.ABSENT:
        advice = f"{finding.message}; resolve --resend-absent sends it"
        state = State.RELEASED if resend_absent else State.UNCERTAIN
        return Settlement(state, replace(known, code=ABSENT, lookup_message=advice))
    return Settlement(State.UNCERTAIN, replace(known, lookup_message=finding.message))


def _bare_evidence(entry: UncertainDelivery) -> Evidence:
    """Return the evidence without complaints about fields, which would hide the result of resolving in the reports."""
    return replace(entry.evidence, field_errors=())


def _record(
    job: ImportRun,
    journal: Journal,
    uncertain: Mapping[int, UncertainDelivery],
    settlements: Mapping[int, Settlement],
) -> int:
    """Write settlements into the journal; return the number of deliveries that they free."""
    if settlements:
        batch = WriteBatch(
            settlements=[(uncertain[row].delivery, settlement) for row, settlement in settlements.items()]
        )
        journal.commit_batch(job.record(), batch)
    return sum(settlement.state is State.RELEASED for settlement in settlements.values())


def _drop_ambiguous(findings: Mapping[int, LookupResult]) -> dict[int, LookupResult]:
    """Make findings unsure where several rows found the same contact: one contact cannot be two rows."""
    from importer.sending.lookup import Found

    ids = Counter(finding.vendor_id for finding in findings.values() if finding.found is Found.CREATED)
    template = "the vendor has this contact ({}), but {} uncertain rows are like it"
    return {
        row: replace(finding, found=Found.UNSURE, vendor_id=None, message=template.format(finding.vendor_id, count))
        if finding.found is Found.CREATED and (count := ids[finding.vendor_id]) > 1
        else finding
        for row, finding in findings.items()
    }


def _build_questions(
    job: ImportRun, spool: Spool, journal: Journal, uncertain: Mapping[int, UncertainDelivery]
) -> Iterator[Question]:
    """Yield a question for each uncertain row whose request, built anew from the spool, is the one that was sent."""
    from importer.sending.lookup import Question

    record = job.record()
    _, occurrences = duplicates_of(spool, job.settings)
    fingerprints = {
        delivery.row: delivery.fingerprint
        for delivery in build_deliveries(job, spool, RowSet(()), occurrences)
        if delivery.row in uncertain
    }
    wanted = RowSet(uncertain)
    for frame in spool.fields():
        for values in wanted.select(frame).iter_rows(named=True):
            row = values.pop("row")
            entry = uncertain[row]
            fingerprint = fingerprints.get(row)
            if fingerprint is not None and journal.stored_digest(fingerprint) == entry.delivery.fingerprint:
                identity = entry.delivery.identity
                taken = journal.find_vendor_ids(record, identity) if identity else frozenset()
                yield Question(row, values, entry.intended_at, entry.settled_at, taken)
