"""A journal that has grown old: millions of deliveries that earlier runs confirmed, made without sending anything."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from pathlib import Path

from importer.journal import RunRecord, open_journal
from importer.journal.sqlite import FILE_NAME
from importer.sending.target import find_target
from schemas.registry import load_vendor

BATCH = 100_000
_INSERT = (
    "INSERT INTO deliveries (target, operation, fingerprint, occurrence, identity, state, run, row, attempts, "
    "http_status, vendor_id, code, message, first_intended_at, intended_at, sent_at, settled_at) "
    "VALUES (?, 'create', ?, 0, ?, 'confirmed', ?, ?, 1, 201, ?, '', '', ?, ?, ?, ?)"
)


def fill(state_dir: Path, deliveries: int, base_url: str, key: str) -> None:
    """Put so many confirmed deliveries to iClosed at this address into the journal of a state folder."""
    target = find_target(load_vendor("iclosed"), base_url, key).name
    journal = open_journal(state_dir)
    run = "20260101-000000-old0"
    journal.start_run(RunRecord(run, "old.csv", "0" * 64, "iclosed", "create", target, "", "", state="finished"))
    journal.close()
    database = sqlite3.connect(state_dir / FILE_NAME)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA cache_size = -1000000")
    now = time.time() - 86_400
    for start in range(0, deliveries, BATCH):
        rows = range(start, min(start + BATCH, deliveries))
        prints = sorted((os.urandom(16), row) for row in rows)
        database.executemany(
            _INSERT,
            (
                (
                    target,
                    fingerprint,
                    hashlib.blake2b(fingerprint, digest_size=16).digest(),
                    run,
                    row,
                    str(row),
                    *[now] * 4,
                )
                for fingerprint, row in prints
            ),
        )
        database.commit()
    database.close()
