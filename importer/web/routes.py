"""The routes of the web app, and the ASGI application that serves them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from importer.web.endpoints import get_route, post_route, public_post_route, redirect
from importer.web.pages import check, check_actions, columns, corrected, grid, home, import_page, login, runs, undo
from importer.web.rendering import ErrorText, render
from importer.web.run_tasks import continue_unfinished
from importer.web.security_middleware import SecurityMiddleware
from importer.web.services import WebServices

STATIC = Path(__file__).parent / "static"


def build_app(services: WebServices) -> ASGIApp:
    """Return the ASGI application, behind its security middleware."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(continue_unfinished, services)
        yield
        await run_in_threadpool(services.close)

    app = Starlette(routes=build_routes(), lifespan=lifespan, exception_handlers=ERROR_PAGES)
    app.state.services = services
    return SecurityMiddleware(app, services.authenticator)


def build_routes() -> list[Route | Mount]:
    """Return the routes: pages with GET, forms with POST."""
    return [
        Route("/enter", get_route(login.login_by_link)),
        Route("/login", get_route(login.show)),
        Route("/login", public_post_route(login.login_by_password), methods=["POST"]),
        Route("/logout", post_route(login.logout), methods=["POST"]),
        Route("/language", public_post_route(login.set_language), methods=["POST"]),
        Route("/", get_route(home.show)),
        Route("/template", get_route(home.template)),
        Route("/sample", post_route(home.try_sample), methods=["POST"]),
        Route("/files", home.upload, methods=["POST"]),
        Route("/files/{draft}/delete", post_route(home.delete_draft), methods=["POST"]),
        Route("/files/{draft}/columns", get_route(columns.show)),
        Route("/files/{draft}/columns", post_route(columns.save), methods=["POST"]),
        Route("/files/{draft}/state", get_route(columns.state)),
        Route("/files/{draft}/check", get_route(check.show)),
        Route("/files/{draft}/cells", post_route(check.correct_cell), methods=["POST"]),
        Route("/files/{draft}/values", post_route(check_actions.change_values), methods=["POST"]),
        Route("/files/{draft}/answers", post_route(check_actions.answer_questions), methods=["POST"]),
        Route("/files/{draft}/undo", post_route(check_actions.undo), methods=["POST"]),
        Route("/files/{draft}/remember", post_route(check_actions.remember), methods=["POST"]),
        Route("/files/{draft}/grid", get_route(grid.show)),
        Route("/files/{draft}/grid", post_route(grid.edit), methods=["POST"]),
        Route("/files/{draft}/rows", get_route(grid.rows)),
        Route("/files/{draft}/corrected", corrected.upload, methods=["POST"]),
        Route("/files/{draft}/again", post_route(check.restart), methods=["POST"]),
        Route("/files/{draft}/stop", post_route(check.stop), methods=["POST"]),
        Route("/files/{draft}/events", get_route(check.progress)),
        Route("/files/{draft}/reports/{name}", get_route(check.download)),
        Route("/files/{draft}/import", get_route(import_page.show)),
        Route("/files/{draft}/import", post_route(import_page.start), methods=["POST"]),
        Route("/runs/{run}", get_route(runs.show)),
        Route("/runs/{run}/events", get_route(runs.progress)),
        Route("/runs/{run}/control", post_route(runs.control), methods=["POST"]),
        Route("/runs/{run}/resume", post_route(runs.resume), methods=["POST"]),
        Route("/runs/{run}/resolve", post_route(runs.resolve), methods=["POST"]),
        Route("/runs/{run}/changed", post_route(runs.send_changed), methods=["POST"]),
        Route("/runs/{run}/again", post_route(runs.reuse_file), methods=["POST"]),
        Route("/runs/{run}/delete", post_route(runs.delete), methods=["POST"]),
        Route("/runs/{run}/undo", get_route(undo.show)),
        Route("/runs/{run}/undo", post_route(undo.start), methods=["POST"]),
        Route("/runs/{run}/undo/events", get_route(undo.progress)),
        Route("/runs/{run}/undo.csv", get_route(undo.download)),
        Route("/runs/{run}/reports/{name}", get_route(runs.download)),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]


async def _not_found(request: Request, _error: Exception) -> Response:
    if request.url.path.startswith("/static/"):
        return PlainTextResponse("There is nothing here.", 404)
    return await run_in_threadpool(render, request, "failed.html", 404, message=None)


async def _to_the_page(request: Request, _error: Exception) -> Response:
    """Redirect from the address of a form to the page that has it: a browser was reloaded, or went back, to there."""
    parts = request.url.path.strip("/").split("/")
    if request.method not in ("GET", "HEAD"):
        return PlainTextResponse("This address takes no such request.", 405)
    if len(parts) >= 2 and parts[0] == "files":
        return redirect(f"/files/{parts[1]}/check")
    return redirect(f"/runs/{parts[1]}" if len(parts) >= 2 and parts[0] == "runs" else "/")


async def _server_error(request: Request, error: Exception) -> Response:
    message = ErrorText(f"internal error: {type(error).__name__}: {error}")
    return await run_in_threadpool(render, request, "failed.html", 500, message=message)


ERROR_PAGES: dict[Any, Any] = {404: _not_found, 405: _to_the_page, 500: _server_error}
