"""Keyed digests. A telephone number is found from its plain digest by trying all numbers; not without the key."""

from __future__ import annotations

import hashlib
import secrets

from importer.errors import JournalUnavailableError
from importer.journal_location import KEY_ENVIRONMENT

KEY_BYTES = 32
DIGEST_BYTES = 16
_CHECKED = b"contact-importer journal"


class KeyedDigest(bytes):
    """A digest as the database has it: not to be keyed a second time."""

    __slots__ = ()


class Digests:
    """The digests of one journal."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def keyed(self, digest: bytes) -> KeyedDigest:
        """Return a digest of ``Delivery`` as the database has it."""
        if isinstance(digest, KeyedDigest):
            return digest
        return KeyedDigest(hashlib.blake2b(digest, digest_size=DIGEST_BYTES, key=self._key).digest())

    def keyed_or_none(self, digest: bytes | None) -> KeyedDigest | None:
        """Return a digest as the database has it; None for None."""
        return None if digest is None else self.keyed(digest)

    def check(self) -> bytes:
        """Return what tells two keys apart and tells nothing of the key."""
        return bytes(self.keyed(_CHECKED))


def new_key() -> str:
    """Return a new key, as text."""
    return secrets.token_hex(KEY_BYTES)


def read_key(text: str) -> bytes:
    """Return the key of this text. Raises JournalUnavailableError; no message shows the key."""
    if not text:
        raise JournalUnavailableError(
            f"The journal in PostgreSQL needs its key, the one that journal init showed. Set {KEY_ENVIRONMENT}, or "
            "journal_key in importer.toml."
        )
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise JournalUnavailableError(
            f"The key of the journal ({KEY_ENVIRONMENT}) is not one: it has {2 * KEY_BYTES} digits 0-9 and a-f."
        )
    return key
