"""Endpoints: pages are plain functions that run in a worker thread and raise ImporterError for what a user can fix."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from importer.errors import ImporterError
from importer.web.forms import FORM_EXPIRED, MAX_FORM_BYTES, MAX_PUBLIC_FORM_BYTES, Form, is_csrf_token, read_form
from importer.web.i18n import N_, PageError
from importer.web.rendering import render_error

Page = Callable[[Request], Response]
FormHandler = Callable[[Request, Form], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def get_route(page: Page) -> Endpoint:
    """Return the endpoint of a page."""

    @functools.wraps(page)
    async def endpoint(request: Request) -> Response:
        try:
            return await run_in_threadpool(page, request)
        except ImporterError as error:
            return render_error(request, error)

    return endpoint


def post_route(handler: FormHandler) -> Endpoint:
    """Return the endpoint of a form, which must carry the CSRF token of its session."""
    return _form_endpoint(handler, needs_token=True)


def public_post_route(handler: FormHandler) -> Endpoint:
    """Return the endpoint of a form that needs no session; the security middleware has checked its origin."""
    return _form_endpoint(handler, needs_token=False)


def redirect(path: str) -> Response:
    """Redirect to a path with 303, so that the back button does not send the form again."""
    return RedirectResponse(path, 303)


def _form_endpoint(handler: FormHandler, *, needs_token: bool) -> Endpoint:
    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        form = await read_form(request, MAX_FORM_BYTES if needs_token else MAX_PUBLIC_FORM_BYTES)
        if form is None:
            return render_error(request, PageError(N_("This form is too large.")), 413)
        if needs_token and not is_csrf_token(request, form.get("csrf", "")):
            return render_error(request, PageError(FORM_EXPIRED), 403)
        try:
            return await run_in_threadpool(handler, request, form)
        except ImporterError as error:
            return render_error(request, error)

    return endpoint
