"""The key of a state folder, with which it knows the plans in its own reports again.

A workbook carries how its file was read: columns, constants, options. From anywhere else, that could fill in fields
that nobody sees, so only a plan that this folder has signed counts.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from importer.files import OWNER_ONLY_FILE, make_private_folder
from importer.journal_location import journal_key

FILE_NAME = "report-key"
KEY_BYTES = 32
SIGNATURE = "signature"


def sign_plan(state_dir: Path, plan: Mapping[str, Any]) -> str:
    """Return a plan as JSON with its signature; without one where the state folder cannot keep a key."""
    key = _read_key(state_dir) or _make_key(state_dir)
    signature = {SIGNATURE: _digest(key, plan)} if key else {}
    return json.dumps({**plan, **signature}, ensure_ascii=True)


def has_own_signature(state_dir: Path, plan: Mapping[str, Any]) -> bool:
    """Return True for a plan that this state folder has signed and that nobody has changed since."""
    key, signature = _read_key(state_dir), plan.get(SIGNATURE)
    if key is None or not isinstance(signature, str) or not signature.isascii():
        return False
    try:
        return hmac.compare_digest(signature, _digest(key, plan))
    except RecursionError:  # a crafted plan may be nested as deep as can just be read
        return False


def signs_since(state_dir: Path) -> float:
    """Return the time (Unix seconds) from which on this state folder signs its reports; infinity if it does not yet.

    With a journal that machines share, all reports are signed.
    """
    if journal_key():
        return 0.0
    try:
        return (state_dir / FILE_NAME).stat().st_mtime
    except OSError:
        return float("inf")


def _digest(key: bytes, plan: Mapping[str, Any]) -> str:
    unsigned = {name: value for name, value in plan.items() if name != SIGNATURE}
    return hmac.new(key, json.dumps(unsigned, ensure_ascii=True).encode(), "sha256").hexdigest()


def _read_key(state_dir: Path) -> bytes | None:
    """Return the key of the folder; machines that share a journal have one that follows from the journal's."""
    if shared := journal_key():
        return hmac.digest(shared.encode(), FILE_NAME.encode(), "sha256")
    try:
        key = (state_dir / FILE_NAME).read_bytes()
    except OSError:
        return None
    return key if len(key) == KEY_BYTES else None


def _make_key(state_dir: Path) -> bytes | None:
    """Create the key, complete or not at all; another process may be quicker, and its key counts."""
    part = state_dir / f".{FILE_NAME}.{secrets.token_hex(8)}"
    with contextlib.suppress(OSError):
        make_private_folder(state_dir)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY_FILE), "wb") as file:  # noqa: PTH123 - it is a descriptor
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(part, state_dir / FILE_NAME)
    with contextlib.suppress(OSError):
        part.unlink()
    return _read_key(state_dir)
