"""Sends requests: httpx's request and response objects over aiohttp's transport, called directly.

The processor, not the network, limits sending at 64 requests at once and 50 ms: a request takes 0.55 ms of it, 61 % in
aiohttp, httpx and asyncio. uvloop and a disabled garbage collector gained nothing. So every layer counts.

The transport is called without ``httpx.AsyncClient``. The client would merge headers and look for cookies, redirects
and authentication at every request. None of that is wanted here (a redirect must not be followed, because the key must
not travel to another host), and it takes as long as the request itself: 4,700 requests a second with it, 7,600 without.
For the same reason a request is made with a stream instead of content, and with headers of a known encoding.

httpx-aiohttp translates aiohttp's exceptions to httpx's, and some wrongly: several failures *after* the server has
read the request arrive as ``httpx.ConnectTimeout``, whose name says that nothing was sent. The original exception is
its ``__cause__``, and only that one is believed: aiohttp's connector errors and connection time-outs, and a proxy that
refuses to connect, prove that nothing was sent (``_NOT_SENT``). Every other failure is unknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from importer.sending.target import Target
from importer.version import VERSION

CONNECT_SECONDS = 10.0
# A server may close an idle connection after five seconds; a POST that meets the close would be uncertain for nothing.
KEEP_ALIVE_SECONDS = 3.5
LONGEST_ANSWER_BYTES = 1 << 20
LONGEST_DETAIL = 200
# aiohttp raises these before a request's first byte leaves, however httpx-aiohttp translates them.
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
# httpx raises these itself while it makes the request. Deeper in the chain of causes they would prove nothing.
_NOT_MADE = (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)


class Failure(StrEnum):
    """The reason why there is no complete answer."""

    NOT_SENT = "not_sent"  # the request certainly never left
    UNKNOWN = "unknown"  # it may have been applied
    CUT_OFF = "cut_off"  # the status line came, the body did not, or not whole


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer: a status with headers and body, or a failure and its details. Times are seconds."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: Failure | None = None
    detail: str = ""
    seconds: float = 0.0


class Client:
    """Sends one request at a time for each caller, to one target. Use it as an async context manager."""

    def __init__(self, target: Target, method: str, *, timeout: float, connections: int) -> None:
        self._target = target
        self._method = method
        # The transport's time-out applies to each read, so a server that trickles bytes needs a bound of its own.
        self._deadline_seconds = CONNECT_SECONDS + 2 * timeout
        self._headers = _encoded(
            target.headers
            | {
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": f"contact-importer/{VERSION}",
            }
        )
        timeouts = httpx.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout), pool=CONNECT_SECONDS)
        self._extensions = {"timeout": timeouts.as_dict()}
        self._last_url: tuple[str, httpx.URL] | None = None
        self._transport = _make_transport(target.base_url, connections)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.aclose()

    async def send(
        self,
        path: str,
        body: bytes,
        on_status: Callable[[int], None],
        extra: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send one request. Never raises for anything a network or a server can do.

        ``on_status`` is called as soon as the status line arrives, before the body is read.
        """
        started = asyncio.get_running_loop().time()
        status: int | None = None
        headers: Mapping[str, str] = {}
        try:
            async with asyncio.timeout(self._deadline_seconds):
                response = await self._transport.handle_async_request(self._make_request(path, body, extra))
                status, headers = response.status_code, response.headers
                on_status(status)
                try:
                    content, is_complete = await _read_body(response)
                finally:
                    await response.aclose()
        except Exception as error:  # noqa: BLE001 - an attempt's end is data, whatever it is
            return Exchange(status, headers, b"", _classify(error, status), _describe(error), _elapsed(started))
        if not is_complete:
            return Exchange(status, headers, b"", Failure.CUT_OFF, "the answer is too long", _elapsed(started))
        return Exchange(status, headers, content, seconds=_elapsed(started))

    def _make_request(self, path: str, body: bytes, extra: Mapping[str, str] | None) -> httpx.Request:
        """Return the request. Its body is a stream, because httpx would compute headers from content each time."""
        headers = _encoded({**self._headers, **extra}) if extra else self._headers
        request = httpx.Request(
            self._method, self._url(path), headers=headers, stream=httpx.ByteStream(body), extensions=self._extensions
        )
        request.read()
        return request

    def _url(self, path: str) -> httpx.URL:
        """Return the URL of a path. The last one is cached, because most operations have only one."""
        if self._last_url is None or self._last_url[0] != path:
            self._last_url = (path, httpx.URL(self._target.url(path)))
        return self._last_url[1]


def _make_transport(base_url: str, connections: int) -> AiohttpTransport:
    """Return the transport for one address, with the proxy and the CA bundle that the environment names."""
    url = urlsplit(base_url)
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy and proxy_bypass(url.netloc.rpartition("@")[2]):
        proxy = None
    return AiohttpTransport(
        limits=httpx.Limits(
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
        ),
        # Without TLS there is nothing to verify; loading the CA bundle takes longer than a hundred requests.
        verify=url.scheme == "https" or bool(proxy),
        proxy=httpx.Proxy(proxy if "://" in proxy else f"http://{proxy}") if proxy else None,
    )


def _encoded(headers: Mapping[str, str]) -> httpx.Headers:
    """Return headers of a known encoding: httpx would otherwise detect it at each request."""
    return httpx.Headers(headers, encoding="ascii")


async def _read_body(response: httpx.Response) -> tuple[bytes, bool]:
    """Return the decoded body and True, or nothing and False when it is too long."""
    pieces, size = [], 0
    is_compressed = "content-encoding" in response.headers
    stream = response.aiter_bytes() if is_compressed else cast("httpx.AsyncByteStream", response.stream)
    async for piece in stream:
        pieces.append(piece)
        size += len(piece)
        if size > LONGEST_ANSWER_BYTES:
            return b"", False
    return b"".join(pieces), True


def _classify(error: BaseException, status: int | None) -> Failure:
    """Return what an exception proves, going by the exceptions that caused it."""
    if status is not None:
        return Failure.CUT_OFF
    if isinstance(error, _NOT_MADE):
        return Failure.NOT_SENT
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _NOT_SENT):
            return Failure.NOT_SENT
        cause = cause.__cause__
    return Failure.UNKNOWN


def _describe(error: BaseException) -> str:
    if isinstance(error, TimeoutError | httpx.ReadTimeout):
        return "no answer in time"
    text = str(error.__cause__ or error).strip() or type(error).__name__
    return text[:LONGEST_DETAIL]


def _elapsed(started: float) -> float:
    return asyncio.get_running_loop().time() - started
