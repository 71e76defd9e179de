"""The HTTP client: httpx requests over aiohttp's transport, and what really happened to each.

The transport reports several failures *after* the request was read as ``httpx.ConnectTimeout``. The truth is in the
exception behind it: only aiohttp's connector errors and connection time-outs, and a proxy that refused to connect,
prove that nothing was sent. Everything else is "we do not know".
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
LONGEST_ANSWER = 1 << 20
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
NEVER_LEFT = (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError)


class Failure(StrEnum):
    """Why there is no whole answer."""

    NOT_SENT = "not_sent"  # the request certainly never left
    UNKNOWN = "unknown"  # it may have been applied
    CUT_OFF = "cut_off"  # the status line came, the body did not, or not whole


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back: a status with headers and body, or a failure with what is known of it."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: Failure | None = None
    detail: str = ""
    seconds: float = 0.0


class Client:
    """Sends one request at a time for each caller. Use as an async context manager."""

    def __init__(self, target: Target, method: str, *, timeout: float, connections: int) -> None:
        self._target = target
        self._method = method
        self._deadline = CONNECT_SECONDS + 2 * timeout
        self._headers = _encoded(
            target.headers
            | {
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": f"contact-importer/{VERSION}",
            }
        )
        patience = httpx.Timeout(timeout, connect=min(CONNECT_SECONDS, timeout), pool=CONNECT_SECONDS)
        self._extensions = {"timeout": patience.as_dict()}
        self._address: tuple[str, httpx.URL] | None = None
        self._transport = _transport(target.base_url, connections)

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
        """Send one request. Never raises for anything a network or a server can do."""
        begun = asyncio.get_running_loop().time()
        status: int | None = None
        answered: Mapping[str, str] = {}
        try:
            async with asyncio.timeout(self._deadline):
                response = await self._transport.handle_async_request(self._request(path, body, extra))
                status, answered = response.status_code, response.headers
                on_status(status)
                try:
                    content, whole = await _read(response)
                finally:
                    await response.aclose()
        except Exception as error:  # noqa: BLE001 - an attempt's end is data, whatever it is
            return Exchange(status, answered, b"", _failure(error, status), _words(error), _since(begun))
        failure = None if whole else Failure.CUT_OFF
        return Exchange(status, answered, content, failure, "" if whole else "the answer is too long", _since(begun))

    def _request(self, path: str, body: bytes, extra: Mapping[str, str] | None) -> httpx.Request:
        """The request. As a stream it is taken as it is; as content its headers would be worked out anew each time."""
        headers = _encoded({**self._headers, **extra}) if extra else self._headers
        request = httpx.Request(
            self._method, self._url(path), headers=headers, stream=httpx.ByteStream(body), extensions=self._extensions
        )
        request.read()
        return request

    def _url(self, path: str) -> httpx.URL:
        """The address of a path; the last one is kept, because most operations have only one."""
        if self._address is None or self._address[0] != path:
            self._address = (path, httpx.URL(self._target.url(path)))
        return self._address[1]


def _transport(base_url: str, connections: int) -> AiohttpTransport:
    """The transport for one address: through the environment's proxy if it names one, with its CA bundle.

    ``httpx.AsyncClient`` around it would merge headers and look for cookies and redirects at every request, none of
    which is wanted here, and take as long as the request itself.
    """
    address = urlsplit(base_url)
    proxies = getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    if proxy and proxy_bypass(address.netloc.rpartition("@")[2]):
        proxy = None
    return AiohttpTransport(
        limits=httpx.Limits(
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
        ),
        # Without TLS there is nothing to verify; reading the CA bundle takes longer than the first hundred requests.
        verify=address.scheme == "https" or bool(proxy),
        proxy=httpx.Proxy(proxy if "://" in proxy else f"http://{proxy}") if proxy else None,
    )


def _encoded(headers: Mapping[str, str]) -> httpx.Headers:
    """Headers whose encoding need not be found out at each request."""
    return httpx.Headers(headers, encoding="ascii")


async def _read(response: httpx.Response) -> tuple[bytes, bool]:
    pieces, size = [], 0
    packed = "content-encoding" in response.headers
    stream = response.aiter_bytes() if packed else cast("httpx.AsyncByteStream", response.stream)
    async for piece in stream:
        pieces.append(piece)
        size += len(piece)
        if size > LONGEST_ANSWER:
            return b"", False
    return b"".join(pieces), True


def _failure(error: BaseException, status: int | None) -> Failure:
    if status is not None:
        return Failure.CUT_OFF
    behind: BaseException | None = error
    while behind is not None:
        if isinstance(behind, NEVER_SENT) or (behind is error and isinstance(behind, NEVER_LEFT)):
            return Failure.NOT_SENT
        behind = behind.__cause__
    return Failure.UNKNOWN


def _words(error: BaseException) -> str:
    text = str(error.__cause__ or error).strip() or type(error).__name__
    if isinstance(error, TimeoutError | httpx.ReadTimeout):
        return "no answer in time"
    return text[:200]


def _since(begun: float) -> float:
    return asyncio.get_running_loop().time() - begun
