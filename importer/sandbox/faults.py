"""Faults on demand: what networks and vendors do to requests, before or after the request was applied."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from importer.errors import SettingsError
from schemas.contract import parse_rate

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

HANG_SECONDS = 3600.0
NOT_APPLIED = {
    "close": "closes the connection before reading the request",
    "500": "answers 500 without applying",
    "502": "answers 502 with a page of HTML, without applying",
    "503": "answers 503 with Retry-After: 1, without applying",
    "429": "answers 429; with rate=20/s whenever more than that come in",
    "success-false": "answers 200 with success: false, without applying",
}
APPLIED = {
    "apply-close": "applies, then closes the connection",
    "apply-reset": "applies, then resets the connection",
    "apply-hang": "applies, then never answers",
    "apply-500": "applies, then answers 500",
    "cut-body": "applies, then cuts the answer off",
    "not-json": "applies, then answers with something that is not JSON",
    "changed-key": "applies, then answers with the id under another name",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens, with which probability; or, of a 429, above which rate (requests a second)."""

    kind: str
    probability: float = 1.0
    rate: float | None = None


def parse_fault(text: str) -> Fault:
    """``apply-close:p=0.02``, ``429:rate=20/s``, ``500``. Raises SettingsError."""
    kind, _, rest = text.partition(":")
    known = {**NOT_APPLIED, **APPLIED}
    if kind not in known:
        raise SettingsError(f"--fault {text}: there is no fault {kind!r}; known are {', '.join(known)}")
    probability, rate = 1.0, None
    for part in filter(None, rest.split(",")):
        name, _, value = part.partition("=")
        try:
            if name == "p":
                probability = float(value)
            elif name == "rate" and kind == "429":
                rate = parse_rate(value)
            else:
                raise ValueError(part)  # noqa: TRY301 - told with the others
        except ValueError as error:
            raise SettingsError(f"--fault {text}: {part!r} is neither p=0.02 nor (of 429) rate=20/s") from error
    if not 0 <= probability <= 1:
        raise SettingsError(f"--fault {text}: p is between 0 and 1")
    return Fault(kind, probability, rate)


class Faults:
    """An ASGI application around the sandbox's. The same seed makes the same choices."""

    def __init__(self, app: App, faults: Sequence[Fault], seed: int | None = None) -> None:
        self._app = app
        self._faults = tuple(faults)
        self._dice = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._next = 0.0
        self.seen: Counter[str] = Counter()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one request, whole or not."""
        if scope["type"] != "http" or scope["path"].startswith("/_"):
            await self._app(scope, receive, send)
            return
        kind = self._choose()
        self.seen[kind or "answered"] += 1
        if kind is None:
            await self._app(scope, receive, send)
        elif kind in APPLIED:
            await self._after_applying(kind, scope, receive, send)
        else:
            await _instead(kind, receive, send)

    def _choose(self) -> str | None:
        for fault in self._faults:
            if fault.rate is not None:
                if self._too_fast(fault.rate):
                    return fault.kind
            elif self._dice.random() < fault.probability:
                return fault.kind
        return None

    def _too_fast(self, rate: float) -> bool:
        """A token bucket of one second's worth."""
        now = asyncio.get_running_loop().time()
        slot = max(self._next, now - 1.0)
        if slot > now:
            return True
        self._next = slot + 1 / rate
        return False

    async def _after_applying(self, kind: str, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        await self._app(scope, receive, keep)
        start, body = answer[0], b"".join(message.get("body", b"") for message in answer[1:])
        if start["status"] >= 300:  # a refusal was not applied, and is answered as it is
            await send(start)
            await send({"type": "http.response.body", "body": body})
        elif kind == "apply-hang":
            await asyncio.sleep(HANG_SECONDS)
        elif kind in ("apply-close", "apply-reset"):
            await _drop(receive, send, reset=kind == "apply-reset")
        elif kind == "cut-body":
            await send(start)
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            await asyncio.sleep(0.01)
            await _drop(receive, send, reset=False)
        elif kind == "apply-500":
            await _answer(send, 500, b'{"message":"internal error"}')
        elif kind == "not-json":
            await _answer(send, start["status"], b"<html>created</html>", b"text/html")
        else:
            await _answer(send, start["status"], body.replace(b'"id"', b'"identifier"'))


async def _instead(kind: str, receive: Receive, send: Send) -> None:
    if kind == "close":
        await _drop(receive, send, reset=False)
        return
    while (await receive()).get("more_body"):
        pass
    if kind == "502":
        await _answer(send, 502, b"<html><body>Bad Gateway</body></html>", b"text/html")
    elif kind == "503":
        await _answer(send, 503, b'{"message":"try later"}', retry_after=b"1")
    elif kind == "429":
        await _answer(send, 429, b'{"message":"too many requests"}')
    elif kind == "success-false":
        await _answer(send, 200, b'{"success":false,"message":"not now","error":{"code":"X","details":"not now"}}')
    else:
        await _answer(send, 500, b'{"message":"internal error"}')


async def _answer(
    send: Send, status: int, body: bytes, kind: bytes = b"application/json", retry_after: bytes | None = None
) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    headers += [(b"retry-after", retry_after)] if retry_after else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _drop(receive: Receive, send: Send, *, reset: bool) -> None:
    """Let go of the connection. uvicorn's ``send`` is a method of the request's cycle, which knows the transport."""
    transport = send.__self__.transport  # type: ignore[attr-defined]
    if reset:
        transport.abort()
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass
