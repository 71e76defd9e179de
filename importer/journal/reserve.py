"""Answers that the journal could not take, because the disk is full: they fit into a file that is there already.

Without it, a row that the vendor confirmed and the reports show as created would be uncertain after ``resume``. The
file takes its space when sending begins. When the run is reopened, its content goes into the journal.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from importer.journal.interface import Settlement, State
from importer.model.delivery import Delivery, Evidence

FILE = "answers.reserve"
BYTES = 256 * 1024  # some 500 answers: twice as many as requests are usually under way
MAX_MESSAGE_CHARS = 200


def make_reserve(folder: Path) -> None:
    """Create the file, at its full size and on disk. Raises OSError."""
    with (folder / FILE).open("wb") as file:
        file.write(b"\n" * BYTES)
        file.flush()
        os.fsync(file.fileno())


def write_reserve(folder: Path, operation: str, lost: Sequence[tuple[Delivery, Settlement]]) -> None:
    """Write these settlements over the blank lines of the file; confirmed ones first. A failure is ignored."""
    lines = (
        _encode(operation, *entry) for entry in sorted(lost, key=lambda entry: entry[1].state is not State.CONFIRMED)
    )
    with contextlib.suppress(OSError), (folder / FILE).open("r+b") as file:
        left = BYTES
        for line in lines:
            left -= len(line)
            if left > 0:
                file.write(line)
        file.flush()
        os.fsync(file.fileno())


def read_reserve(folder: Path) -> Iterator[tuple[str, Delivery, Settlement]]:
    """Yield operation, delivery and settlement of what was written; nothing when there is no such file."""
    try:
        lines = (folder / FILE).read_bytes().split(b"\n")
    except OSError:
        return
    for line in lines:
        with contextlib.suppress(ValueError, TypeError):  # cut off
            if line.strip():
                yield _decode(line)


def remove_reserve(folder: Path) -> None:
    """Delete the file."""
    with contextlib.suppress(OSError):
        (folder / FILE).unlink()


def _encode(operation: str, delivery: Delivery, settlement: Settlement) -> bytes:
    known = settlement.evidence
    identity = delivery.identity.hex() if delivery.identity is not None else None
    entry = (
        *(operation, delivery.row, delivery.fingerprint.hex(), identity, delivery.occurrence, str(settlement.state)),
        *(known.vendor_id, known.http_status, known.attempts, known.code, known.message[:MAX_MESSAGE_CHARS]),
        known.sent_at,
    )
    return json.dumps(entry).encode() + b"\n"


def _decode(line: bytes) -> tuple[str, Delivery, Settlement]:
    operation, row, fingerprint, identity, occurrence, state, *evidence = json.loads(line)
    known = bytes.fromhex(identity) if identity is not None else None
    delivery = Delivery(row, bytes.fromhex(fingerprint), known, occurrence, "", b"")
    return operation, delivery, Settlement(State(state), Evidence(*evidence))
