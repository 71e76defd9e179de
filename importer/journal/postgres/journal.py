"""The journal in PostgreSQL: the same answers for any number of machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from importer.errors import JournalError, JournalUnavailableError
from importer.files import make_private_folder, write_atomic
from importer.journal.claim_rules import read_evidence
from importer.journal.interface import (
    INTERRUPTED_MESSAGE,
    Answer,
    RunRecord,
    RunState,
    Settlement,
    UncertainDelivery,
    WriteBatch,
)
from importer.journal.postgres.claims import EVIDENCE, PostgresClaims, storable
from importer.journal.postgres.digests import Digests, KeyedDigest, read_key
from importer.journal.postgres.rates import PostgresRateStore
from importer.journal.postgres.run_files import RunFiles
from importer.journal.postgres.session import RECONNECT_SECONDS, Session
from importer.journal.reserve import make_reserve, read_reserve, remove_reserve, write_reserve
from importer.model.delivery import Delivery, LookedUp, decode_lookup
from importer.model.status import Status

if TYPE_CHECKING:
    import polars as pl

MARK = "postgres-journal-id"  # in the state folder
ROWS_READ_AT_ONCE = 50_000
_COLUMNS = (
    "id, file_name, file_sha256, vendor, operation, target, contract, output, options, state, row_count, counts, host, "
    "pid, started, heartbeat, ended"
)
_START_RUN = (
    f"INSERT INTO runs AS r ({_COLUMNS}) VALUES (%(id)s, %(file_name)s, %(file_sha256)s, %(vendor)s, %(operation)s, "  # noqa: S608 - constants
    "%(target)s, %(contract)s, %(output)s, %(options)s::jsonb, %(state)s, %(rows)s, %(counts)s::jsonb, %(host)s, "
    "%(pid)s, %(started)s, %(heartbeat)s, %(ended)s) "
    "ON CONFLICT (id) DO UPDATE SET output = excluded.output, options = excluded.options, state = excluded.state, "
    "row_count = excluded.row_count, counts = excluded.counts, host = excluded.host, pid = excluded.pid, "
    "heartbeat = excluded.heartbeat, ended = excluded.ended "
    "WHERE r.started = excluded.started AND r.file_sha256 = excluded.file_sha256 AND r.target = excluded.target"
)
_END_RUN = "UPDATE runs SET state = %s, row_count = %s, counts = %s::jsonb, ended = seconds_now() WHERE id = %s"
# An owner whose connection was lost for a moment may have been taken for dead.
_BEAT = "UPDATE runs SET heartbeat = seconds_now(), state = 'running', ended = NULL WHERE id = %s"
_MARK_UNCERTAIN = (
    "UPDATE deliveries SET state = 'uncertain', code = 'interrupted', message = %s, settled_at = seconds_now() + %s, "
    "attempts = attempts + 1, sent_at = coalesce(sent_at, intended_at) WHERE run = %s AND state = 'intended'"
)
_IS_OPEN = (
    "SELECT 1 FROM deliveries WHERE account = %s AND fingerprint = %s AND occurrence = %s AND run = %s "
    "AND (state = 'intended' OR (state = 'uncertain' AND code = 'interrupted'))"
)
_FIRST_LOOKUP = "UPDATE deliveries SET looked_at = %s WHERE account = %s AND fingerprint = %s AND occurrence = %s"
_UNCERTAIN = (
    f"SELECT row, fingerprint, occurrence, identity, first_intended_at, settled_at, looked_at, {EVIDENCE} "  # noqa: S608 - constants
    "FROM deliveries WHERE run = %s AND account IN (SELECT id FROM accounts WHERE operation = %s) "
    "AND state = 'uncertain' ORDER BY row"
)
# In the order of RESULT_SCHEMA, by pages: a cursor would keep a transaction open while others are committed.
_RESULTS = (
    "SELECT row, CASE state WHEN 'confirmed' THEN %(confirmed)s WHEN 'refused' THEN %(refused)s "  # noqa: S608 - constants
    f"WHEN 'uncertain' THEN %(uncertain)s ELSE %(failed)s END, {EVIDENCE}, fingerprint, occurrence FROM deliveries "
    "WHERE run = %(run)s AND account IN (SELECT id FROM accounts WHERE operation = %(operation)s) "
    "AND (state IN ('confirmed', 'refused', 'uncertain') "
    "OR (state = 'released' AND code = 'not_sent')) AND row >= %(row)s "
    "AND (row, fingerprint, occurrence) > (%(row)s, %(fingerprint)s, %(occurrence)s) "
    "ORDER BY row, fingerprint, occurrence LIMIT %(limit)s"
)
_VENDOR_IDS = "SELECT DISTINCT vendor_id FROM deliveries WHERE identity = %s AND account = %s AND state = 'confirmed'"
_OTHERS = (
    "SELECT EXISTS (SELECT FROM runs WHERE target = %s AND id <> %s) "
    "AND EXISTS (SELECT FROM deliveries WHERE account = %s)"
)
_LIST_RUNS = f"SELECT {_COLUMNS} FROM runs ORDER BY started DESC, id DESC"  # noqa: S608 - constants
_LOOKUPS = "SELECT row, ids, shown, at FROM lookups WHERE run = %s"
_RELEASE = (
    "WITH deleted AS (SELECT account, identity, vendor_id, fingerprint, occurrence FROM deliveries "
    "WHERE run = %(run)s AND row = ANY(%(rows)s) AND state = 'confirmed' "
    "AND account IN (SELECT id FROM accounts WHERE target = %(target)s AND operation = %(operation)s)) "
    "UPDATE deliveries d SET state = 'released', code = 'deleted' FROM deleted "
    "WHERE d.state = 'confirmed' AND d.account = deleted.account "
    "AND ((d.fingerprint, d.occurrence) = (deleted.fingerprint, deleted.occurrence) "
    "OR (d.identity = deleted.identity AND d.vendor_id = deleted.vendor_id))"
)
_RELEASE_ROWS = (
    "UPDATE deliveries SET state = 'released', code = 'undone' "
    "WHERE run = %(run)s AND row = ANY(%(rows)s) AND state = 'confirmed' "
    "AND account IN (SELECT id FROM accounts WHERE target = %(target)s AND operation = %(operation)s)"
)
_ERASE = "UPDATE deliveries SET message = NULL, detail = NULL, notices = NULL, lookup_message = NULL WHERE run = %s"


def open_postgres_journal(url: str, key: str, state_dir: Path) -> PostgresJournal:
    """Open the journal at this address. Raises JournalUnavailableError."""
    session = Session(url, Digests(read_key(key)))
    try:
        _reject_other_database(session, state_dir / MARK)
    except BaseException:
        session.close()
        raise
    return PostgresJournal(session, state_dir)


def _reject_other_database(session: Session, mark: Path) -> None:
    """Raise JournalUnavailableError when the state folder has used another database, whose knowledge is not here."""
    identity = str(session.query("SELECT id FROM meta")[0][0])
    try:
        known = mark.read_text(encoding="utf-8").strip() if mark.exists() else ""
        if not known:
            make_private_folder(mark.parent)
            write_atomic(mark, identity)
    except OSError as error:
        raise JournalUnavailableError(f"The state folder {mark.parent} cannot be used ({error.strerror}).") from error
    if known not in ("", identity):
        raise JournalUnavailableError(
            f"The journal at {session.place} is not the one that this state folder has used: it was made anew, or is "
            "another one, and what was sent is not known there. Restore the database, or use another --state-dir."
        )


class PostgresJournal:
    """One connection. Used by one thread at a time."""

    def __init__(self, session: Session, state_dir: Path) -> None:
        self._session = session
        self._state_dir = state_dir
        self._claims = PostgresClaims(session)
        self._files = RunFiles(session)

    @property
    def place(self) -> str:
        """Host and database."""
        return self._session.place

    def reconnect(self) -> PostgresJournal:
        """Return another connection to the same journal, which the caller closes."""
        return PostgresJournal(self._session.reconnect(), self._state_dir)

    def close(self) -> None:
        """Close the connection. Runs that this instance owns are free."""
        self._session.close()

    def rate_store(self) -> PostgresRateStore:
        """Return a store of the rates that the runs of all machines share, on a connection of its own."""
        return PostgresRateStore(self._session.url)

    def acquire_run(self, run: str) -> bool:
        """Become the owner of a run; False while a live process owns it. Ownership ends with the connection."""
        return self._session.own(run)

    def release_run(self, run: str) -> None:
        """Give up the ownership of a run."""
        self._session.disown(run)

    def is_owned(self, run: str) -> bool:
        """Return True while a live process on any machine, this one included, owns the run."""
        return self._session.is_owned(run)

    def is_alive(self, run: RunRecord) -> bool:
        """Return True while the owner of the run is alive, on whatever machine."""
        return self._session.is_owned(run.id)

    def start_run(self, run: RunRecord) -> None:
        """Record a run before it sends anything, or once more when it is resumed."""
        values = {name: storable(value) if isinstance(value, str) else value for name, value in asdict(run).items()}
        values |= {"options": json.dumps(run.options), "counts": json.dumps(run.counts)}
        if self._session.change(_START_RUN, values) != 1:
            raise JournalError(f"the journal has another run with the id {run.id}; import the file again")

    def end_run(self, run: str, state: RunState, rows: int, counts: dict[str, int]) -> None:
        """Record the end of a run."""
        self._session.change(_END_RUN, (str(state), rows, json.dumps(counts), run))

    def reject_replaced(self) -> None:
        """Do nothing: a database that was dropped takes no writes."""

    def reserve_space(self, run: str) -> None:
        """Make room on this machine for answers that come when the server is gone. Raises JournalError when full."""
        folder = self._run_folder(run)
        if folder.is_dir():
            try:
                make_reserve(folder)
            except OSError as error:
                raise JournalError(f"the folder {folder} takes no files ({error}); nothing was sent") from error

    def save_in_reserve(self, run: RunRecord, lost: Sequence[tuple[Delivery, Settlement]]) -> None:
        """Keep settlements that could not be written in the reserved space."""
        write_reserve(self._run_folder(run.id), run.operation, lost)

    def restore_reserve(self, run: RunRecord) -> None:
        """Write what was kept in the reserved space, as far as the deliveries are not settled otherwise since."""
        for operation, delivery, settlement in read_reserve(self._run_folder(run.id)):
            record = replace(run, operation=operation)
            if self._session.query(_IS_OPEN, (*self._key(record, delivery), run.id)):
                self.commit_batch(record, WriteBatch([(delivery, settlement)]))
        remove_reserve(self._run_folder(run.id))

    def record_heartbeat(self, run: str) -> None:
        """Record that the owner of a run is alive now."""
        self._session.change(_BEAT, (run,))

    def set_output(self, run: str, output: str) -> None:
        """Record that the reports of a run are in another folder now."""
        self._session.change("UPDATE runs SET output = %s WHERE id = %s", (storable(output), run))

    def list_runs(self) -> list[RunRecord]:
        """Return every run, the latest first."""
        return [RunRecord(*row) for row in self._session.query(_LIST_RUNS)]

    def mark_intents_uncertain(self, run: str) -> int:
        """Mark as uncertain what a dead run left intended; return how many deliveries that were.

        An owner that was only cut off may go on for a while, so its requests count as under way until then.
        """
        may_go_on = 0.0 if self._session.owns(run) else RECONNECT_SECONDS
        return self._session.change(_MARK_UNCERTAIN, (INTERRUPTED_MESSAGE, may_go_on, run))

    def commit_batch(self, run: RunRecord, batch: WriteBatch) -> list[Answer]:
        """Write a batch; return the answers to its claims. On return, everything is on the server's disk."""
        return self._claims.write(run, batch)

    def has_other_deliveries(self, run: RunRecord) -> bool:
        """Return True when other runs may have sent something to the run's target with its operation."""
        return bool(self._session.query(_OTHERS, (run.target, run.id, self._account(run)))[0][0])

    def preview_claims(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
        """Return the answers that ``commit_batch`` would give to these claims, without granting any."""
        return self._claims.preview(run, wanted)

    def stored_digest(self, digest: bytes) -> bytes:
        """Return the digest of a delivery or contact as this journal keeps it: keyed."""
        return self._session.digests.keyed(digest)

    def list_uncertain(self, run: str, operation: str) -> list[UncertainDelivery]:
        """Return the uncertain deliveries of a run, by row. Their digests are keyed."""
        return [
            UncertainDelivery(
                Delivery(row, KeyedDigest(fingerprint), identity and KeyedDigest(identity), occurrence, "", b""),
                intended_at,
                settled_at,
                first_lookup_at,
                read_evidence(*evidence),
            )
            for row, fingerprint, occurrence, identity, intended_at, settled_at, first_lookup_at, *evidence in (
                self._session.query(_UNCERTAIN, (run, operation))
            )
        ]

    def record_first_lookup(self, run: RunRecord, delivery: Delivery, at: float) -> None:
        """Record when the vendor was first asked for an uncertain delivery's contact and had none."""
        self._session.change(_FIRST_LOOKUP, (at, *self._key(run, delivery)))

    def find_vendor_ids(self, run: RunRecord, identity: bytes) -> frozenset[str]:
        """Return the ids of this contact in confirmed deliveries to the run's target."""
        values = (self._session.digests.keyed(identity), self._account(run))
        return frozenset(vendor_id for (vendor_id,) in self._session.query(_VENDOR_IDS, values))

    def list_lookups(self, run: str) -> dict[int, LookedUp]:
        """Return what the vendor had of the rows that a run looked up, by row: the latest look-up of each."""
        return {row: decode_lookup(row, *rest) for row, *rest in self._session.query(_LOOKUPS, (run,))}

    def list_results(self, run: str, operation: str, confirmed: Status) -> Iterator[pl.DataFrame]:
        """Return the results of a run's settled rows, by row, in tables of ``RESULT_SCHEMA`` of bounded length."""
        from importer.model.result_table import to_table

        values = {
            "run": run,
            "operation": operation,
            "confirmed": str(confirmed),
            "refused": str(Status.REJECTED),
            "uncertain": str(Status.UNCERTAIN),
            "failed": str(Status.FAILED),
            "row": 0,
            "fingerprint": b"",
            "occurrence": 0,
            "limit": ROWS_READ_AT_ONCE,
        }
        while rows := self._session.query(_RESULTS, values):
            values |= {"row": rows[-1][0], "fingerprint": rows[-1][-2], "occurrence": rows[-1][-1]}
            yield to_table([row[:-2] for row in rows])
            if len(rows) < ROWS_READ_AT_ONCE:
                return

    def count_attempts(self, run: str) -> int:
        """Return the number of requests known of for the rows of a run, those of killed processes included."""
        return int(
            self._session.query("SELECT coalesce(sum(attempts), 0) FROM deliveries WHERE run = %s", (run,))[0][0]
        )

    def release_deleted(self, run: RunRecord, rows: Sequence[int]) -> None:
        """Record that the contacts of these rows of a run are deleted."""
        self._session.change(
            _RELEASE, {"run": run.id, "target": run.target, "operation": run.operation, "rows": list(rows)}
        )

    def release_rows(self, run: RunRecord, rows: Sequence[int]) -> None:
        """Record that what this run confirmed for these rows, with its operation, no longer holds at the vendor."""
        self._session.change(
            _RELEASE_ROWS, {"run": run.id, "target": run.target, "operation": run.operation, "rows": list(rows)}
        )

    def erase_vendor_texts(self, run: str) -> None:
        """Erase what the vendor wrote about a run's rows, and showed of their contacts."""
        self._session.change("DELETE FROM lookups WHERE run = %s", (run,))
        self._session.change(_ERASE, (run,))

    def check_integrity(self) -> str:
        """Return an empty text: the server looks after its pages itself."""
        return ""

    def save_run_files(self, run: str, folder: Path) -> None:
        """Store the files of a run's folder in the database."""
        self._files.save(run, folder)

    def load_run_files(self, run: str, folder: Path) -> bool:
        """Bring the files of a run from the database into its folder; False when there are none."""
        return self._files.load(run, folder)

    def remove_run_files(self, run: str) -> None:
        """Delete the files of a run from the database."""
        self._files.remove(run)

    def runs_with_files(self) -> frozenset[str]:
        """Return the runs whose files are in the database."""
        return self._files.runs()

    def _key(self, run: RunRecord, delivery: Delivery) -> tuple[int, bytes, int]:
        return self._account(run), self._session.digests.keyed(delivery.fingerprint), delivery.occurrence

    def _account(self, run: RunRecord) -> int:
        return self._session.retry(lambda: self._session.account(run))

    def _run_folder(self, run: str) -> Path:
        return self._state_dir / "runs" / run
