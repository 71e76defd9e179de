"""Checks that a vendor's host answers, and how far its clock is from ours. Creates nothing and sends no key."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from importer.version import VERSION

TIMEOUT_SECONDS = 10.0
LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class Reachability:
    """The answer to one request: the text of a failure, or the seconds that the host's clock is ahead, if it says."""

    failure: str = ""
    ahead: float | None = None


def probe_host(base_url: str) -> Reachability:
    """Request the address's headers. Any answer at all proves that the host can be reached."""
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, headers={"User-Agent": f"contact-importer/{VERSION}"}) as client:
            response = client.head(base_url)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Reachability(failure=f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE])
    try:
        return Reachability(ahead=parsedate_to_datetime(response.headers["date"]).timestamp() - time.time())
    except (KeyError, ValueError, TypeError):
        return Reachability()
