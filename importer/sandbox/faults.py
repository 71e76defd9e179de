"""Injects faults: what networks and vendors do to requests, before or after applying them."""

from __future__ import annotations

import asyncio
import gzip
import math
import random
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from importer.errors import SettingsError
from importer.sandbox.rate_limiters import LIMITERS, Limiter
from schemas.durations import parse_rate

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

HANG_SECONDS = 3600.0
# Time for the first half of an answer to leave before the connection drops.
CUT_SECONDS = 0.01
NOT_APPLIED = {
    "close": "closes the connection before reading the request",
    "refuse": "answers 400 without applying",
    "500": "answers 500 without applying",
    "502": "answers 502 with a page of HTML, without applying",
    "503": "answers 503 with Retry-After: 1, without applying",
    "429": "answers 429; with rate=20/s above that rate (limiter=bucket|fixed|sliding, retry-after=yes|no)",
    "page": "answers 403 with a firewall's page of HTML, without applying",
    "success-false": "answers 200 with success: false, without applying",
}
APPLIED = {
    "apply-close": "applies, then closes the connection",
    "apply-reset": "applies, then resets the connection",
    "apply-hang": "applies, then never answers",
    "apply-500": "applies, then answers 500",
    "cut-body": "applies, then cuts the answer off",
    "redirect": "applies, then answers 307",
    "odd-answer": "applies, then answers with one of several bodies that are hard to read",
    "not-json": "applies, then answers with something that is not JSON",
    "changed-key": "applies, then answers with the id under another name",
}
BOMB_BYTES = 20_000_000
# Content encodings and bodies.
ODD_ANSWERS: tuple[tuple[bytes, Callable[[], bytes]], ...] = (
    (b"", lambda: b'{"data":{"contact":{"id":"\\ud800"}},"id":"\\udfff"}'),
    (b"", lambda: b"[" * 5000 + b"]" * 5000),
    (b"", lambda: b'{"data":' * 800 + b"1" + b"}" * 800),
    (b"", lambda: b'{"id":NaN,"id":Infinity,"data":{"contact":{"id":-Infinity}}}'),
    (b"", lambda: b'{"id":' + b"9" * 10_000 + b"}"),
    (b"", lambda: b"\xff\xfe\x00\xd8{}"),
    (b"gzip, gzip", lambda: gzip.compress(gzip.compress(bytes(BOMB_BYTES)))),
    (b"gzip", lambda: b"no gzip at all"),
    (b"br", lambda: b"{}"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault and its probability; or, for a 429, the rate (requests a second) above which a limiter refuses.

    ``tells`` puts Retry-After into a 429.
    """

    kind: str
    probability: float = 1.0
    rate: float | None = None
    limiter: str = "bucket"
    tells: bool = False


def parse_fault(text: str) -> Fault:
    """Parse ``500``, ``apply-close:p=0.02`` or ``429:rate=20/s,limiter=sliding,retry-after=yes``.

    Raises SettingsError.
    """
    kind, _, rest = text.partition(":")
    known = {**NOT_APPLIED, **APPLIED}
    if kind not in known:
        raise SettingsError(f"--fault {text}: there is no fault {kind!r}; known are {', '.join(known)}")
    options: dict[str, Any] = {}
    for part in filter(None, rest.split(",")):
        name, _, value = part.partition("=")
        try:
            options |= _parse_option(kind, name, value)
        except (KeyError, ValueError) as error:
            raise SettingsError(
                f"--fault {text}: {part!r} is neither p=0.02 nor, of 429, rate=20/s, "
                f"limiter={'|'.join(LIMITERS)} or retry-after=yes|no"
            ) from error
    return Fault(kind, **options)


def _parse_option(kind: str, name: str, value: str) -> dict[str, Any]:
    if name == "p" and 0 <= float(value) <= 1:
        return {"probability": float(value)}
    if kind == "429" and name == "rate":
        return {"rate": parse_rate(value)}
    if kind == "429" and name == "limiter" and value in LIMITERS:
        return {"limiter": value}
    if kind == "429" and name == "retry-after":
        return {"tells": {"yes": True, "no": False}[value]}
    raise ValueError(name)


class Faults:
    """Wraps the sandbox's ASGI application. The same seed makes the same choices. Lookups are never disturbed."""

    def __init__(self, app: App, faults: Sequence[Fault], seed: int | None = None) -> None:
        self._app = app
        self._faults = tuple(faults)
        self._dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._limiters: dict[Fault, Limiter] = {
            fault: LIMITERS[fault.limiter](fault.rate) for fault in faults if fault.rate is not None
        }
        self.seen: Counter[str] = Counter()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request, or do to it what a fault says."""
        if scope["type"] != "http" or scope["path"].startswith("/_") or scope["method"] == "GET":
            await self._app(scope, receive, send)
            return
        kind, wait = self._choose()
        self.seen[kind or "answered"] += 1
        if kind is None:
            await self._app(scope, receive, send)
        elif kind in APPLIED:
            await self._after_applying(kind, scope, receive, send)
        else:
            await _answer_instead(kind, wait, receive, send)

    def _choose(self) -> tuple[str | None, int | None]:
        """Return the fault of the next request, if any, and the whole seconds for Retry-After, if it gets one."""
        for fault in self._faults:
            if fault in self._limiters:
                wait = self._limiters[fault].wait(asyncio.get_running_loop().time())
                if wait > 0:
                    return fault.kind, math.ceil(wait) if fault.tells else None
            elif self._dice.random() < fault.probability:
                return fault.kind, 1 if fault.kind == "503" or fault.tells else None
        return None, None

    async def _after_applying(self, kind: str, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        start, body = answer[0], b"".join(message.get("body", b"") for message in answer[1:])
        if start["status"] >= 300:  # a refusal is not applied, so no fault comes after it
            await send(start)
            await send({"type": "http.response.body", "body": body})
        elif kind == "apply-hang":
            await asyncio.sleep(HANG_SECONDS)
        elif kind in ("apply-close", "apply-reset"):
            await _drop(receive, send, reset=kind == "apply-reset")
        elif kind == "cut-body":
            await send(start)
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await asyncio.sleep(CUT_SECONDS)
            await _drop(receive, send, reset=False)
        elif kind == "apply-500":
            await _answer(send, 500, b'{"message":"internal error"}')
        elif kind == "redirect":
            await _answer(send, 307, b"", headers=[(b"location", b"https://elsewhere.invalid/")])
        elif kind == "odd-answer":
            encoding, make_body = self._dice.choice(ODD_ANSWERS)
            headers = [(b"content-encoding", encoding)] if encoding else []
            await _answer(send, start["status"], make_body(), headers=headers)
        elif kind == "not-json":
            await _answer(send, start["status"], b"<html>created</html>", b"text/html")
        else:
            await _answer(send, start["status"], body.replace(b'"id"', b'"identifier"'))


async def _answer_instead(kind: str, wait: int | None, receive: Receive, send: Send) -> None:
    if kind == "close":
        await _drop(receive, send, reset=False)
        return
    while (await receive()).get("more_body"):
        pass
    if kind == "502":
        await _answer(send, 502, b"<html><body>Bad Gateway</body></html>", b"text/html")
    elif kind == "page":
        await _answer(send, 403, b"<html><title>Attention Required!</title></html>", b"text/html")
    elif kind == "503":
        await _answer(send, 503, b'{"message":"try later"}', wait=wait)
    elif kind == "refuse":
        await _answer(send, 400, b'{"message":"refused on demand"}')
    elif kind == "429":
        await _answer(send, 429, b'{"message":"too many requests"}', wait=wait)
    elif kind == "success-false":
        await _answer(send, 200, b'{"success":false,"message":"not now","error":{"code":"X","details":"not now"}}')
    else:
        await _answer(send, 500, b'{"message":"internal error"}')


async def _answer(
    send: Send,
    status: int,
    body: bytes,
    kind: bytes = b"application/json",
    wait: int | None = None,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    headers = [*headers, (b"content-type", kind), (b"content-length", str(len(body)).encode())]
    headers += [(b"retry-after", str(wait).encode())] if wait is not None else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _drop(receive: Receive, send: Send, *, reset: bool) -> None:
    """Close the connection without an answer, or reset it.

    ASGI cannot express that, but uvicorn's ``send`` is a method of an object that has the transport.
    """
    transport = send.__self__.transport  # type: ignore[attr-defined]  # not part of ASGI
    if reset:
        transport.abort()
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass
