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
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self, cast
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from importer.sending.answer_body import decode_body
from importer.sending.certificates import make_ssl_context, verification_failure
from importer.sending.proxy import find_proxy, is_socks
from importer.sending.target import Target
from importer.version import VERSION

CONNECT_SECONDS = 10.0
# A server may close an idle connection after five seconds; a POST that meets the close would be uncertain for nothing.
KEEP_ALIVE_SECONDS = 3.5
LONGEST_ANSWER_BYTES = 1 << 20
LONGEST_DETAIL = 200
# aiohttp raises these before a request's first byte leaves, however httpx-aiohttp translates them.
_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    ssl.SSLCertVerificationError,
)
# The errors of a SOCKS proxy come from the optional aiohttp_socks, before the request's first byte leaves, too.
_SOCKS_MODULES = ("aiohttp_socks", "python_socks")
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

    def __init__(
        self,
        target: Target,
        method: str,
        *,
        timeout: float,
        connections: int,
        media_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._target = target
        self._method = method
        # The transport's time-out applies to each read, so a server that trickles bytes needs a bound of its own.
        self._deadline_seconds = CONNECT_SECONDS + 2 * timeout
        self._headers = _encoded(
            target.headers
            | {
                "Content-Type": media_type,
                "Accept": media_type if media_type.endswith("+json") else "application/json",
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": f"contact-importer/{VERSION}",
            }
            | dict(headers or {})
        )
        timeouts = httpx.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout), pool=CONNECT_SECONDS)
        self._extensions = {"timeout": timeouts.as_dict()}
        self._last_url: tuple[str, httpx.URL] | None = None
        self._transport = _make_transport(target, connections)

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
                    content, defect = await _read_body(response)
                finally:
                    await response.aclose()
        except Exception as error:  # noqa: BLE001 - an attempt's end is data, whatever it is
            return Exchange(status, headers, b"", _classify(error, status), _describe(error), _elapsed(started))
        if defect:
            return Exchange(status, headers, b"", Failure.CUT_OFF, defect, _elapsed(started))
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
            # They would be taken out of the path, and the request would reach another resource.
            if {".", ".."} & set(path.partition("?")[0].split("/")):
                raise httpx.InvalidURL("a step of the path is . or ..")
            self._last_url = (path, httpx.URL(self._target.url(path)))
        return self._last_url[1]


def _make_transport(target: Target, connections: int) -> AiohttpTransport:
    """Return the transport for a target, with the proxy that the environment names. Raises SettingsError."""
    proxy = find_proxy(target.base_url)
    # Without TLS there is nothing to verify; loading the CA bundle takes longer than a hundred requests.
    verify = make_ssl_context(target.ca_file) if urlsplit(target.base_url).scheme == "https" else False
    limits = httpx.Limits(
        max_connections=connections,
        max_keepalive_connections=connections,
        keepalive_expiry=KEEP_ALIVE_SECONDS,
    )
    if proxy is None or not is_socks(proxy):
        return AiohttpTransport(limits=limits, verify=verify, proxy=httpx.Proxy(proxy) if proxy else None)

    def make_session() -> aiohttp.ClientSession:
        from aiohttp_socks import ProxyConnector

        # The proxy resolves names: behind it, a company's own resolver often knows none of the outside.
        url = proxy.replace("socks5h://", "socks5://").replace("socks4a://", "socks4://")
        connector = ProxyConnector.from_url(
            url, rdns=True, ssl=verify, limit=connections, keepalive_timeout=KEEP_ALIVE_SECONDS
        )
        return aiohttp.ClientSession(connector=connector)

    return AiohttpTransport(limits=limits, verify=verify, client=make_session)


def _encoded(headers: Mapping[str, str]) -> httpx.Headers:
    """Return headers of a known encoding: httpx would otherwise detect it at each request."""
    return httpx.Headers(headers, encoding="ascii")


async def _read_body(response: httpx.Response) -> tuple[bytes, str]:
    """Return the decoded body, or nothing and what is wrong with it."""
    pieces, size = [], 0
    async for piece in cast("httpx.AsyncByteStream", response.stream):
        pieces.append(piece)
        size += len(piece)
        if size > LONGEST_ANSWER_BYTES:
            return b"", "the answer is too long"
    return decode_body(b"".join(pieces), response.headers.get("content-encoding", ""), LONGEST_ANSWER_BYTES)


def _classify(error: BaseException, status: int | None) -> Failure:
    """Return what an exception proves, going by the exceptions that caused it."""
    if status is not None:
        return Failure.CUT_OFF
    if isinstance(error, _NOT_MADE):
        return Failure.NOT_SENT
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _NOT_SENT) or type(cause).__module__.startswith(_SOCKS_MODULES):
            return Failure.NOT_SENT
        cause = cause.__cause__
    return Failure.UNKNOWN


def _describe(error: BaseException) -> str:
    if isinstance(error, TimeoutError | httpx.ReadTimeout):
        return "no answer in time"
    if failure := verification_failure(error):
        return failure
    text = str(error.__cause__ or error).strip() or type(error).__name__
    return text[:LONGEST_DETAIL]


def _elapsed(started: float) -> float:
    return asyncio.get_running_loop().time() - started
