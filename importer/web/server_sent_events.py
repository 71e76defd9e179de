"""Server-sent events: how far something is, for as long as somebody looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from importer.web.background_tasks import Work
from importer.web.endpoints import rendered, services_of

POLL_SECONDS = 0.4
QUIET_SECONDS = 15.0


def follow(request: Request, find: Callable[[], Work | None]) -> Response:
    """``progress`` events with a piece of the page each, then one ``over``; at once where nothing is at work."""
    return StreamingResponse(_events(request, find), media_type="text/event-stream")


async def _events(request: Request, find: Callable[[], Work | None]) -> AsyncIterator[str]:
    desk, shown, quiet = services_of(request), "", 0.0
    while not desk.closing:
        work = find()
        if work is None or work.is_over:
            yield _event("over", "")
            return
        piece = rendered(request, "progress.html", work=work)
        quiet += POLL_SECONDS
        if piece != shown:
            yield _event("progress", piece)
            shown, quiet = piece, 0.0
        elif quiet >= QUIET_SECONDS:
            yield ": still there\n\n"
            quiet = 0.0
        await asyncio.sleep(POLL_SECONDS)


def _event(name: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {name}\n{lines}\n"
