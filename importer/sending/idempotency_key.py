"""The idempotency key of a delivery, for vendors that take one: the same for each try, whatever became of the first."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from importer.model.delivery import Delivery
from schemas.contract import Operation


def request_headers(operation: Operation, delivery: Delivery, first_run: str) -> Mapping[str, str] | None:
    """The header that carries the key, if the contract declares one. ``first_run`` is the run of the first try."""
    if operation.idempotency is None:
        return None
    named = f"{first_run}\n{delivery.fingerprint.hex()}\n{delivery.occurrence}"
    return {operation.idempotency.header: hashlib.blake2b(named.encode(), digest_size=16).hexdigest()}
