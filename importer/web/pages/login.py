"""The login page, the printed link that logs in once, and the choice of language."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from importer.web.endpoints import redirect
from importer.web.forms import Form
from importer.web.i18n import COOKIE, LANGUAGES
from importer.web.rendering import render
from importer.web.security_middleware import set_session_cookie
from importer.web.services import get_services

LANGUAGE_COOKIE_SECONDS = 365 * 24 * 3600


def login_by_link(request: Request) -> Response:
    """Log in the browser that opens the printed link, once."""
    authenticator = get_services(request).authenticator
    if request.state.session is not None:
        return redirect("/")
    if request.method == "HEAD":  # a messenger or mail program that previews the link must not use it up
        return redirect("/login")
    session = authenticator.login_with_token(request.query_params.get("token", ""))
    return set_session_cookie(redirect("/"), session, authenticator) if session else redirect("/login")


def show(request: Request) -> Response:
    """Show the form for the password, or say where to find the link."""
    if request.state.session is not None:
        return redirect("/")
    return _show_login(request, is_wrong=False)


def login_by_password(request: Request, form: Form) -> Response:
    """Log in whoever knows the password."""
    authenticator = get_services(request).authenticator
    session = authenticator.login_with_password(form.get("password", ""), _client(request))
    if session is None:
        return _show_login(request, is_wrong=True)
    return set_session_cookie(redirect("/"), session, authenticator)


def logout(request: Request, _form: Form) -> Response:
    """End this browser's session."""
    authenticator = get_services(request).authenticator
    authenticator.end_session(request.state.session)
    response = redirect("/login")
    response.delete_cookie(authenticator.cookie_name)
    return response


def set_language(request: Request, form: Form) -> Response:
    """Remember the chosen language in a cookie, and return to the page."""
    path = urlsplit(form.get("back", "/")).path
    response = redirect(path if path.startswith("/") and not path.startswith("//") else "/")  # never another site
    if form.get("language") in LANGUAGES:
        response.set_cookie(
            COOKIE,
            form["language"],
            max_age=LANGUAGE_COOKIE_SECONDS,
            httponly=True,
            samesite="strict",
            secure=get_services(request).authenticator.address.is_secure,
            path="/",
        )
    return response


def _show_login(request: Request, *, is_wrong: bool) -> Response:
    is_locked_out = get_services(request).authenticator.is_locked_out(_client(request))
    return render(request, "login.html", 401, is_wrong=is_wrong, is_locked_out=is_locked_out)


def _client(request: Request) -> str:
    return request.client.host if request.client else ""
