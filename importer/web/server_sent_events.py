"""Server-sent events with the progress of a task, for as long as a browser listens.

The progress is HTML that the server renders, so that every text is translated and every value escaped in one place.
sse-starlette would add a dependency for the four lines of ``_event``; the loop with its keep-alive is ours either way.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from importer.web.background_tasks import Task
from importer.web.rendering import render_fragment
from importer.web.services import get_services

POLL_SECONDS = 0.4
KEEP_ALIVE_SECONDS = 15.0  # without an event, a comment is sent, so that no proxy closes the connection


def stream_progress(request: Request, find_task: Callable[[], Task | None]) -> Response:
    """Stream ``progress`` events with HTML until the task ends, then one ``over``; at once where no task runs."""
    return StreamingResponse(_events(request, find_task), media_type="text/event-stream")


async def _events(request: Request, find_task: Callable[[], Task | None]) -> AsyncIterator[str]:
    services, shown, quiet_seconds = get_services(request), "", 0.0
    while not services.is_closing:
        task = find_task()
        if task is None or task.is_finished:
            yield _event("over", "")
            return
        html = render_fragment(request, "progress.html", task=task)
        quiet_seconds += POLL_SECONDS
        if html != shown:
            yield _event("progress", html)
            shown, quiet_seconds = html, 0.0
        elif quiet_seconds >= KEEP_ALIVE_SECONDS:
            yield ": still there\n\n"
            quiet_seconds = 0.0
        await asyncio.sleep(POLL_SECONDS)


def _event(name: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {name}\n{lines}\n"
