"""The vendors' APIs on loopback, made from the same documents. Shares no code with checking."""

from __future__ import annotations
