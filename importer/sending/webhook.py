"""Posts the end of a run to a webhook. Whatever the webhook does, the run does not fail for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from importer.errors import SettingsError
from importer.model.addresses import is_loopback
from importer.version import VERSION

TIMEOUT_SECONDS = 10.0


def check_webhook(url: str) -> None:
    """Raise SettingsError unless requests can be posted to this URL."""
    parts = urlsplit(url)
    try:
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError("--notify: is not an address that begins with https:// or http://")


def post_summary(url: str, message: Mapping[str, Any], seconds: float = TIMEOUT_SECONDS) -> str | None:
    """Post a JSON object within ``seconds``; return the text of what went wrong, or None.

    Never raises and never follows a redirect. The text has only the host: the URL's path may be the key to a channel.
    """
    # A daemon thread, because it is the only deadline that holds for everything: httpx's time-outs apply to each read,
    # and asyncio waits for the thread of a name lookup that hangs.
    results: list[str | None] = []
    worker = threading.Thread(target=lambda: results.append(_post(url, message, seconds)), daemon=True)
    worker.start()
    worker.join(seconds)
    return results[0] if results else f"{_host(url)} did not answer in {seconds:g} seconds"


def _post(url: str, message: Mapping[str, Any], seconds: float) -> str | None:
    try:
        headers = {"User-Agent": f"contact-importer/{VERSION}"}
        # This machine is never reached through a proxy.
        client = httpx.Client(headers=headers, timeout=seconds, trust_env=not is_loopback(_host(url)))
        # As a stream, because only the status line matters: the body may be endless.
        with client, client.stream("POST", url, json=message) as response:
            status = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError, ImportError) as error:
        return f"{_host(url)} could not be notified ({type(error).__name__})"
    return None if response.is_success else f"{_host(url)} answered {status}"


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the webhook"
