"""Whether a vendor's host can be reached, and how far its clock is from ours. Nothing is created, no key is sent."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from importer.version import VERSION

SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Reached:
    """What a request for the host's headers told: the words of a failure, or how many seconds its clock is ahead."""

    failure: str = ""
    ahead: float | None = None


def reach(base_url: str) -> Reached:
    """Ask the address for its headers only. Any answer at all is an answer."""
    try:
        with httpx.Client(timeout=SECONDS, headers={"User-Agent": f"contact-importer/{VERSION}"}) as client:
            answer = client.head(base_url)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Reached(failure=f"{type(error).__name__}: {error}"[:200])
    try:
        return Reached(ahead=parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time())
    except (KeyError, ValueError, TypeError):
        return Reached()
