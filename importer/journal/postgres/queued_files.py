"""The files of enqueued imports: in the database, so that any worker can import them."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

import psycopg

from importer.journal.postgres.claims import storable
from importer.journal.postgres.session import lock_key

Connection = psycopg.Connection[tuple[Any, ...]]


def store_file(connection: Connection, path: Path) -> tuple[str, str]:
    """Store a file; return its id, and the SHA-256 of its content. Raises OSError and psycopg.Error."""
    content, file = path.read_bytes(), str(uuid.uuid4())
    connection.execute(
        "INSERT INTO queued_files (id, name, content) VALUES (%s, %s, %s)", (file, storable(path.name), content)
    )
    return file, hashlib.sha256(content).hexdigest()


def load_file(connection: Connection, file: str, folder: Path) -> Path | None:
    """Write a stored file into a folder; return its path, or None when it is not stored. Raises psycopg.Error."""
    found = connection.execute("SELECT name, content FROM queued_files WHERE id = %s", (file,)).fetchone()
    if found is None:
        return None
    path = folder / Path(found[0]).name
    path.write_bytes(found[1])
    return path


def delete_file(connection: Connection, file: str) -> None:
    """Delete a stored file. Raises psycopg.Error."""
    connection.execute("DELETE FROM queued_files WHERE id = %s", (file,))


def lock_job(connection: Connection, job: int) -> bool:
    """Hold the lock of a job for as long as the connection lives; False while another worker holds it."""
    found = connection.execute("SELECT pg_try_advisory_lock(%s)", (lock_key("job", job),)).fetchall()
    return bool(found[0][0])


def unlock_job(connection: Connection, job: int) -> None:
    """Give up the lock of a job."""
    connection.execute("SELECT pg_advisory_unlock(%s)", (lock_key("job", job),))
