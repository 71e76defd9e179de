"""Telling a webhook how a run ended. Whatever becomes of that, the run does not fail for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from importer.errors import SettingsError
from importer.version import VERSION

SECONDS = 10.0


def check_webhook(url: str) -> None:
    """Raises SettingsError unless this is an address that can be posted to."""
    parts = urlsplit(url)
    try:
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError("--notify: is not an address that begins with https:// or http://")


def post_summary(url: str, message: Mapping[str, Any], seconds: float = SECONDS) -> str | None:
    """Post a JSON object; what went wrong, if anything did. Takes no longer than ``seconds``, whatever the server does.

    Never raises, never follows a redirect, and does not repeat the address: its path may be the key to a channel.
    """
    ended: list[str | None] = []
    worker = threading.Thread(target=lambda: ended.append(_post(url, message, seconds)), daemon=True)
    worker.start()
    worker.join(seconds)
    return ended[0] if ended else f"{_host(url)} did not answer in {seconds:g} seconds"


def _post(url: str, message: Mapping[str, Any], seconds: float) -> str | None:
    try:
        headers = {"User-Agent": f"contact-importer/{VERSION}"}
        with httpx.stream("POST", url, json=message, headers=headers, timeout=seconds) as answer:
            status = answer.status_code
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        return f"{_host(url)} could not be told ({type(error).__name__})"
    return None if answer.is_success else f"{_host(url)} answered {status}"


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the webhook"
