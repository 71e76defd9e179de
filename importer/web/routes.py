"""The page as an application: which address is answered by what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from importer.web.endpoints import Said, changes, enters, page, shows
from importer.web.pages import check, columns, home, runs
from importer.web.pages import import_page as sending
from importer.web.pages import login as entry
from importer.web.security_middleware import Guard
from importer.web.services import WebServices

STATIC = Path(__file__).parent / "static"


def build_app(desk: WebServices) -> ASGIApp:
    """The application, behind its guard."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(desk.close)

    app = Starlette(routes=_routes(), lifespan=lifespan, exception_handlers={404: _nothing_here, 500: _broken})
    app.state.desk = desk
    return Guard(app, desk.access)


def _routes() -> list[Route | Mount]:
    return [
        Route("/enter", shows(entry.enter)),
        Route("/login", shows(entry.login)),
        Route("/login", enters(entry.log_in), methods=["POST"]),
        Route("/logout", changes(entry.log_out), methods=["POST"]),
        Route("/language", enters(entry.choose_language), methods=["POST"]),
        Route("/", shows(home.home)),
        Route("/files", home.upload, methods=["POST"]),
        Route("/files/{draft}/delete", changes(home.remove_draft), methods=["POST"]),
        Route("/files/{draft}/columns", shows(columns.columns)),
        Route("/files/{draft}/columns", changes(columns.choose), methods=["POST"]),
        Route("/files/{draft}/check", shows(check.check)),
        Route("/files/{draft}/cells", changes(check.fix), methods=["POST"]),
        Route("/files/{draft}/again", changes(check.again), methods=["POST"]),
        Route("/files/{draft}/stop", changes(check.stop_check), methods=["POST"]),
        Route("/files/{draft}/events", shows(check.check_events)),
        Route("/files/{draft}/reports/{name}", shows(check.download)),
        Route("/files/{draft}/import", shows(sending.importing)),
        Route("/files/{draft}/import", changes(sending.begin), methods=["POST"]),
        Route("/runs/{run}", shows(runs.run)),
        Route("/runs/{run}/events", shows(runs.run_events)),
        Route("/runs/{run}/steer", changes(runs.steer), methods=["POST"]),
        Route("/runs/{run}/resume", changes(runs.resume), methods=["POST"]),
        Route("/runs/{run}/settle", changes(runs.settle), methods=["POST"]),
        Route("/runs/{run}/again", changes(runs.use_again), methods=["POST"]),
        Route("/runs/{run}/delete", changes(runs.remove), methods=["POST"]),
        Route("/runs/{run}/reports/{name}", shows(runs.download_of_run)),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]


async def _nothing_here(request: Request, _error: Exception) -> Response:
    if request.url.path.startswith("/static/"):
        return PlainTextResponse("There is nothing here.", 404)
    return await run_in_threadpool(page, request, "failed.html", 404, message=None)


async def _broken(request: Request, error: Exception) -> Response:
    message = Said(f"internal error: {type(error).__name__}: {error}")
    return await run_in_threadpool(page, request, "failed.html", 500, message=message)
