"""The way in: the address with the token, the password, the language."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from importer.web.endpoints import Form, page, services_of, to
from importer.web.i18n import COOKIE, LANGUAGES
from importer.web.security_middleware import with_session

YEAR = 365 * 24 * 3600


def enter(request: Request) -> Response:
    """The address that the program printed: lets its browser in, once."""
    access = services_of(request).access
    if request.state.session is not None:
        return to("/")
    if request.method == "HEAD":  # somebody's preview of the address
        return to("/login")
    session = access.enter_by_token(request.query_params.get("token", ""))
    return with_session(to("/"), session, access) if session else to("/login")


def login(request: Request) -> Response:
    """Ask for the password, or say where the address is."""
    if request.state.session is not None:
        return to("/")
    return page(
        request, "login.html", 401, wrong=False, waiting=services_of(request).access.is_waiting(_client(request))
    )


def log_in(request: Request, form: Form) -> Response:
    """Let in whoever knows the password."""
    access = services_of(request).access
    session = access.enter_by_password(form.get("password", ""), _client(request))
    if session is None:
        return page(request, "login.html", 401, wrong=True, waiting=access.is_waiting(_client(request)))
    return with_session(to("/"), session, access)


def log_out(request: Request, _form: Form) -> Response:
    """End this browser's session."""
    access = services_of(request).access
    access.leave(request.state.session)
    answer = to("/login")
    answer.delete_cookie(access.cookie)
    return answer


def choose_language(request: Request, form: Form) -> Response:
    """Remember the language, and go back to where it was chosen."""
    back = urlsplit(form.get("back", "/")).path
    answer = to(back if back.startswith("/") and not back.startswith("//") else "/")
    if form.get("language") in LANGUAGES:
        secure = services_of(request).access.place.is_secure
        answer.set_cookie(
            COOKIE, form["language"], max_age=YEAR, httponly=True, samesite="strict", secure=secure, path="/"
        )
    return answer


def _client(request: Request) -> str:
    return request.client.host if request.client else ""
