"""Settlements and claims in PostgreSQL: one round trip for a group of rows that nothing is known of.

``write_batch`` of the tables' SQL settles, locks the contacts, and grants what is unknown. Only claims of which
something is known are decided here, one by one, by ``claim_rules``, under the same locks. The lock of a contact is not
optional: a primary key does not stop two files from creating one contact with two bodies at the same moment.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from importer.journal.claim_rules import Known, find_block, grant, preview
from importer.journal.interface import Answer, Claim, RunRecord, Settlement, StatusLine, WriteBatch
from importer.journal.postgres.session import Session, lock_key
from importer.model.delivery import Delivery, LookedUp, encode_field_errors, encode_lookup, encode_notices

CLAIMS_AT_ONCE = 128  # each takes a lock in the server's table of locks, which all of its sessions share
EVIDENCE = "vendor_id, http_status, attempts, code, message, sent_at, detail, notices, lookup_message"
_KNOWN = f"d.state, d.run, d.row, d.settled_at, coalesce(d.first_run, d.run), d.first_intended_at, {EVIDENCE}"
_WRITE = (
    "SELECT write_batch(%s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s::bigint[], %s::bytea[], %s::integer[], "
    "%s::bytea[], %s::bigint[], %s::boolean[])"
)
_LOCK = "SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key"
_LOOKED_UP = (
    "INSERT INTO lookups (run, row, ids, shown, at) SELECT %s, * FROM unnest(%s::bigint[], %s::text[], %s::text[], "
    "%s::float8[]) ON CONFLICT (run, row) DO UPDATE SET ids = excluded.ids, shown = excluded.shown, at = excluded.at"
)
_GRANTED_BEFORE = (
    "SELECT fingerprint, occurrence FROM deliveries WHERE account = %s AND fingerprint = ANY(%s) AND token = %s "
    "AND state = 'intended'"
)
_OF_SAME_FILE = "SELECT id FROM runs WHERE file_sha256 = %(sha256)s"
_OF_ORIGIN = (
    "SELECT id FROM runs WHERE options ->> 'origin' = %(origin)s AND id <> %(run)s AND file_sha256 <> %(sha256)s"
)
_UNKNOWN_FINGERPRINTS = "SELECT DISTINCT fingerprint FROM deliveries WHERE account = %s AND fingerprint = ANY(%s)"
_KNOWN_CONTACTS = "SELECT DISTINCT identity FROM deliveries WHERE identity = ANY(%s) AND account = %s AND run <> %s"
_KNOWN_ROWS = f"SELECT DISTINCT row FROM deliveries WHERE run IN ({_OF_ORIGIN}) AND row = ANY(%(rows)s)"  # noqa: S608 - constants
_FIND = (
    f"SELECT d.fingerprint, d.occurrence, {_KNOWN} FROM deliveries AS d WHERE account = %s AND fingerprint = ANY(%s)"  # noqa: S608 - constants
)
_SAME_CONTACT = (
    f"SELECT {_KNOWN} FROM deliveries AS d "  # noqa: S608 - constants
    "WHERE identity = %(identity)s AND account = %(account)s AND fingerprint <> %(fingerprint)s"
)
_LATER_VALUES = (
    f"{_SAME_CONTACT} AND state = 'confirmed' AND vendor_id = %(vendor_id)s AND settled_at > %(settled_at)s "
    f"AND run <> %(known_run)s AND run NOT IN ({_OF_SAME_FILE}) ORDER BY settled_at DESC LIMIT 1"
)
_OTHER_VALUES = (
    f"{_SAME_CONTACT} AND run <> %(run)s AND run NOT IN ({_OF_SAME_FILE}) "
    "AND state IN ('confirmed', 'uncertain', 'intended') ORDER BY d.first_intended_at, d.fingerprint"
)
_SAME_ROW = (
    f"SELECT {_KNOWN} FROM deliveries AS d WHERE row = %(row)s AND account = %(account)s "  # noqa: S608 - constants
    f"AND fingerprint <> %(fingerprint)s AND state IN ('confirmed', 'uncertain', 'intended') AND run IN ({_OF_ORIGIN})"
)
_SUPERSEDED = (
    f"{_SAME_CONTACT} AND state IN ('confirmed', 'uncertain', 'intended') "
    "AND coalesce(settled_at, intended_at) >= %(settled_at)s LIMIT 1"
)
_AMBIGUOUS = (
    "SELECT identity FROM deliveries WHERE identity = ANY(%s) AND account = %s "
    "GROUP BY identity HAVING count(DISTINCT fingerprint) > 1"
)
_INTEND = (
    "INSERT INTO deliveries AS d (account, fingerprint, occurrence, identity, token, state, run, row, attempts, "
    "first_intended_at, intended_at) "
    "VALUES (%s, %s, %s, %s, %s, 'intended', %s, %s, 0, seconds_now(), seconds_now()) "
    "ON CONFLICT (account, fingerprint, occurrence) DO UPDATE SET "
    "first_run = CASE WHEN d.state IN ('uncertain', 'intended') THEN coalesce(d.first_run, d.run) END, "
    "first_intended_at = CASE WHEN d.state IN ('uncertain', 'intended') THEN d.first_intended_at "
    "ELSE excluded.first_intended_at END, "
    "token = excluded.token, state = 'intended', run = excluded.run, row = excluded.row, "
    "intended_at = excluded.intended_at, http_status = NULL, vendor_id = NULL, code = NULL, message = NULL, "
    "detail = NULL, notices = NULL, lookup_message = NULL, settled_at = NULL, looked_at = NULL "
    "WHERE NOT (d.state = 'intended' AND d.run <> excluded.run) RETURNING 1"
)
Key = tuple[int, bytes, int]  # account, keyed fingerprint, occurrence


class PostgresClaims:
    """The settlements and claims of one session, and the questions of ``claim_rules``."""

    def __init__(self, session: Session) -> None:
        self._session = session
        # A claim has a token: a late answer counts only while nobody else has claimed the delivery since.
        self._tokens: dict[Key, uuid.UUID] = {}

    def write(self, run: RunRecord, batch: WriteBatch) -> list[Answer]:
        """Write a batch; return the answers to its claims, in order. Raises JournalError."""
        answers: list[Answer] = []
        if batch.lookups:
            self._session.retry(lambda: self._record_lookups(run, batch.lookups))
        for start in range(0, max(len(batch.claims), 1), CLAIMS_AT_ONCE):
            part = batch.claims[start : start + CLAIMS_AT_ONCE]
            answers += self._write_part(run, batch if not start else WriteBatch(), part)
        return answers

    def _record_lookups(self, run: RunRecord, lookups: Sequence[LookedUp]) -> None:
        latest = {entry.row: entry for entry in lookups}
        texts = [encode_lookup(entry) for entry in latest.values()]
        columns = ([ids for ids, _ in texts], [shown for _, shown in texts], [entry.at for entry in latest.values()])
        self._session.execute(_LOOKED_UP, (run.id, list(latest), *columns))

    def _write_part(self, run: RunRecord, batch: WriteBatch, claims: Sequence[Delivery]) -> list[Answer]:
        token, tries = uuid.uuid4(), 0
        answers: dict[int, Answer] = {}

        def write() -> None:
            nonlocal tries
            if tries:  # the connection was lost, perhaps after the commit
                self._find_granted(run, claims, token, answers)
            tries += 1
            left = [index for index in range(len(claims)) if index not in answers]
            for ordinal in self._call(run, batch, [claims[index] for index in left], token):
                answers[left[ordinal - 1]] = Answer(Claim.GRANTED)
            known = [index for index in left if index not in answers]
            if known:
                self._decide(run, claims, known, token, answers)

        self._session.retry(write)
        account = self._session.retry(lambda: self._session.account(run))
        for delivery, _ in batch.settlements:
            self._tokens.pop(self._key(account, delivery), None)
        for index, answer in answers.items():
            if answer.claim is Claim.GRANTED:
                self._tokens[self._key(account, claims[index])] = token
        return [answers[index] for index in range(len(claims))]

    def _call(self, run: RunRecord, batch: WriteBatch, claims: Sequence[Delivery], token: uuid.UUID) -> list[int]:
        """Settle, and claim what is unknown; return the ordinals that were granted."""
        account, digests, last = self._session.account(run), self._session.digests, run.options.get("origin_last", 0)
        settled = {
            self._key(account, delivery): self._settlement(account, delivery, settlement)
            for delivery, settlement in batch.settlements
        }
        lines = [self._status_line(account, delivery, line) for delivery, line in batch.status_lines]
        values = (
            *(account, run.id, token, bool(run.options.get("repeatable"))),
            *(run.options.get("origin", ""), run.file_sha256),
            json.dumps(list(settled.values())) if settled else None,
            json.dumps(lines) if lines else None,
            self._lock_keys(account, run, claims),
            [digests.keyed(delivery.fingerprint) for delivery in claims],
            [delivery.occurrence for delivery in claims],
            [digests.keyed_or_none(delivery.identity) for delivery in claims],
            [delivery.row for delivery in claims],
            [delivery.row <= last for delivery in claims],
        )
        granted: list[int] = self._session.execute(_WRITE, values).fetchall()[0][0]
        return granted

    def _find_granted(
        self, run: RunRecord, claims: Sequence[Delivery], token: uuid.UUID, answers: dict[int, Answer]
    ) -> None:
        """Add the answers of the claims that were committed although the connection was lost."""
        account = self._session.account(run)
        keys = [self._key(account, delivery) for delivery in claims]
        found = self._session.execute(_GRANTED_BEFORE, (account, [key[1] for key in keys], token)).fetchall()
        granted = {(account, fingerprint, occurrence) for fingerprint, occurrence in found}
        answers |= {index: Answer(Claim.GRANTED) for index, key in enumerate(keys) if key in granted}

    def _decide(
        self,
        run: RunRecord,
        claims: Sequence[Delivery],
        known: Sequence[int],
        token: uuid.UUID,
        answers: dict[int, Answer],
    ) -> None:
        """Answer the claims of which something is known, in one transaction."""
        decided: dict[int, Answer] = {}
        with self._session.connection.transaction():
            account = self._session.account(run)
            keys = self._lock_keys(account, run, [claims[index] for index in known])
            self._session.execute(_LOCK, (keys,))  # a statement of its own: the next one sees what came before the lock
            for index in known:
                decided[index] = self._claim_one(run, account, claims[index], token)
        answers |= decided

    def _claim_one(self, run: RunRecord, account: int, delivery: Delivery, token: uuid.UUID) -> Answer:
        known = self.find(run, [delivery]).get((delivery.fingerprint, delivery.occurrence))
        block = find_block(self, run, delivery, known)
        if block:
            return block
        values = (*self._key(account, delivery), self._session.digests.keyed_or_none(delivery.identity), token)
        if not self._session.execute(_INTEND, (*values, run.id, delivery.row)).fetchone():
            return Answer(Claim.BUSY)
        return grant(known)

    def _lock_keys(self, account: int, run: RunRecord, claims: Sequence[Delivery]) -> list[int]:
        """Return the locks of these contacts, sorted so that two transactions never wait for each other.

        A row to fix has a lock of its own: corrected in two copies of a report, it is one contact all the same.
        """
        last, origin = run.options.get("origin_last", 0), run.options.get("origin", "")
        keys = {lock_key("contact", account, delivery.identity or delivery.fingerprint) for delivery in claims}
        keys |= {lock_key("row", account, origin, delivery.row) for delivery in claims if delivery.row <= last}
        return sorted(keys)

    def _settlement(self, account: int, delivery: Delivery, settlement: Settlement) -> dict[str, Any]:
        known, identity = settlement.evidence, self._session.digests.keyed_or_none(delivery.identity)
        return {
            **self._json_key(account, delivery),
            "identity": identity.hex() if identity is not None else None,
            "row": delivery.row,
            "state": str(settlement.state),
            "vendor_id": storable(known.vendor_id),
            "http_status": known.http_status,
            "attempts": known.attempts,
            "code": known.code,
            "message": storable(known.message),
            "sent_at": known.sent_at,
            "detail": storable(encode_field_errors(known.field_errors)),
            "notices": storable(encode_notices(known.notices)),
            "lookup_message": storable(known.lookup_message) or None,
        }

    def _status_line(self, account: int, delivery: Delivery, line: StatusLine) -> dict[str, Any]:
        return {**self._json_key(account, delivery), "http_status": line.http_status, "sent_at": line.sent_at}

    def _json_key(self, account: int, delivery: Delivery) -> dict[str, Any]:
        key = self._key(account, delivery)
        token = self._tokens.get(key)
        return {"fingerprint": key[1].hex(), "occurrence": key[2], "token": str(token) if token else None}

    def _key(self, account: int, delivery: Delivery) -> Key:
        return account, self._session.digests.keyed(delivery.fingerprint), delivery.occurrence

    def preview(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
        """Return the answers that claims would get, without granting anything. Raises JournalError."""
        return self._session.retry(lambda: preview(self, run, wanted))

    def now(self) -> float:
        """Return the time by the server's clock, in Unix seconds."""
        return float(self._session.execute("SELECT seconds_now()").fetchall()[0][0])

    def are_unknown(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[bool]:
        """Return for each delivery True when nothing is known of it or its contact, and no twin is among them."""
        account, digests = self._session.account(run), self._session.digests
        prints = [digests.keyed(delivery.fingerprint) for delivery in wanted]
        identities = [digests.keyed_or_none(delivery.identity) for delivery in wanted]
        known = self._column(_UNKNOWN_FINGERPRINTS, (account, prints))
        contacts: set[Any] = set()
        if not run.options.get("repeatable"):
            contacts = self._column(_KNOWN_CONTACTS, ([entry for entry in identities if entry], account, run.id))
        rows = self._find_rows_of_origin(run, wanted)
        times: dict[bytes, int] = {}
        for fingerprint in prints:
            times[fingerprint] = times.get(fingerprint, 0) + 1
        return [
            fingerprint not in known
            and identity not in contacts
            and delivery.row not in rows
            and times[fingerprint] == 1
            for delivery, fingerprint, identity in zip(wanted, prints, identities, strict=True)
        ]

    def find(self, run: RunRecord, wanted: Sequence[Delivery]) -> dict[tuple[bytes, int], Known]:
        """Return what is known of these deliveries, by fingerprint and occurrence as given."""
        given = {self._session.digests.keyed(delivery.fingerprint): delivery.fingerprint for delivery in wanted}
        rows = self._session.execute(_FIND, (self._session.account(run), list(given)))
        return {(given[digest], occurrence): Known._make(known) for digest, occurrence, *known in rows}

    def find_contacts_with_other_values(self, run: RunRecord, wanted: Sequence[Delivery]) -> set[bytes]:
        """Return the identities among these of which there are deliveries with different values."""
        given = {
            self._session.digests.keyed(delivery.identity): delivery.identity
            for delivery in wanted
            if delivery.identity is not None
        }
        found = self._column(_AMBIGUOUS, (list(given), self._session.account(run))) if given else ()
        return {given[digest] for digest in found}

    def find_later_values(self, run: RunRecord, delivery: Delivery, known: Known) -> Iterable[Known]:
        """Return other values confirmed under the same vendor's id since, in runs over other files."""
        later = {"vendor_id": known.vendor_id, "settled_at": known.settled_at, "known_run": known.run}
        return self._known(_LATER_VALUES, run, delivery, **later)

    def find_other_values(self, run: RunRecord, delivery: Delivery) -> Iterable[Known]:
        """Return other values that may have been applied by runs over other files."""
        return self._known(_OTHER_VALUES, run, delivery) if delivery.identity is not None else []

    def find_same_row(self, run: RunRecord, delivery: Delivery) -> Iterable[Known]:
        """Return the other bodies that were made of a row to fix, by imports of its file or of other reports of it."""
        if not run.options.get("origin") or delivery.row > run.options.get("origin_last", 0):
            return []
        return self._known(_SAME_ROW, run, delivery)

    def is_superseded(self, run: RunRecord, delivery: Delivery, settled_at: float) -> bool:
        """Return True when other values were set on the contact since: then the same must be set again."""
        return bool(self._known(_SUPERSEDED, run, delivery, settled_at=settled_at))

    def _find_rows_of_origin(self, run: RunRecord, wanted: Sequence[Delivery]) -> set[int]:
        rows = [delivery.row for delivery in wanted if delivery.row <= run.options.get("origin_last", 0)]
        if not rows or not run.options.get("origin") or run.options.get("repeatable"):
            return set()
        values = {"origin": run.options["origin"], "run": run.id, "sha256": run.file_sha256, "rows": rows}
        return self._column(_KNOWN_ROWS, values)

    def _known(self, statement: str, run: RunRecord, delivery: Delivery, **more: Any) -> list[Known]:
        digests = self._session.digests
        values = {
            "account": self._session.account(run),
            "identity": digests.keyed_or_none(delivery.identity),
            "fingerprint": digests.keyed(delivery.fingerprint),
            "row": delivery.row,
            "run": run.id,
            "sha256": run.file_sha256,
            "origin": run.options.get("origin", ""),
            **more,
        }
        return [Known._make(row) for row in self._session.execute(statement, values)]

    def _column(self, statement: str, values: Any) -> set[Any]:
        return {found for (found,) in self._session.execute(statement, values)}


def storable(text: str | None) -> str | None:
    """Return a text as PostgreSQL takes it: NUL and lone surrogates are replaced."""
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
