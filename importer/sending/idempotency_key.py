"""The idempotency key of a delivery, for vendors that take one. It is the same at every try."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from importer.model.delivery import Delivery
from schemas.contract import Operation


def request_headers(operation: Operation, delivery: Delivery, first_run: str) -> Mapping[str, str] | None:
    """Return the header with the key, or None if the contract declares none.

    ``first_run`` is the run of the first try: a later run repeats that request, so it must send the same key.
    """
    if operation.idempotency is None:
        return None
    identity = f"{first_run}\n{delivery.fingerprint.hex()}\n{delivery.occurrence}"
    return {operation.idempotency.header: hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()}
