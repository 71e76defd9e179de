"""Security middleware: checks host, origin and session of every request, and sets the security headers of every answer.

It stands outside the Starlette application, so that the pages for errors 404 and 500 pass through it as well. The
headers are constants that never differ by page; a library such as ``secure`` would only build the same dictionary.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from importer.web.authentication import Authenticator

PUBLIC_PATHS = ("/static/", "/enter", "/login", "/language")  # need no session
SAFE_METHODS = ("GET", "HEAD")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
RESPONSE_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # With no-referrer, browsers send forms with "Origin: null", as they do for the form of a sandboxed foreign page.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class SecurityMiddleware:
    """Refuses requests that come from other sites or without a session, and adds RESPONSE_HEADERS to every answer."""

    def __init__(self, app: ASGIApp, authenticator: Authenticator) -> None:
        self._app = app
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or pass it on with ``request.state.session`` set."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        session = _find_session(headers, self._authenticator)
        scope.setdefault("state", {})["session"] = session
        refusal = self._refuse(scope, headers, session)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                response_headers = MutableHeaders(scope=message)
                for name, value in RESPONSE_HEADERS.items():
                    response_headers.setdefault(name, value)
            await send(message)

        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refuse(self, scope: Scope, headers: Headers, session: str | None) -> Response | None:
        if not self._authenticator.address.accepts_host(headers.get("host", "").lower()):
            return PlainTextResponse("This page is not served under that name.", 421)
        if scope["method"] not in SAFE_METHODS and not self._is_same_origin(headers):
            return PlainTextResponse("This request did not come from the page itself.", 403)
        if session is not None or scope["path"].startswith(PUBLIC_PATHS):
            return None
        if scope["method"] in SAFE_METHODS and "text/html" in headers.get("accept", ""):
            return RedirectResponse(f"{scope.get('root_path', '')}/login", 303)
        return PlainTextResponse("Open the page with the address that the program printed.", 401)

    def _is_same_origin(self, headers: Headers) -> bool:
        """Return whether a page of this server sent the request, by what the browser says of its origin."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site") == "same-origin"
        scheme = "https" if self._authenticator.address.is_secure else "http"
        return origin.lower() == f"{scheme}://{headers.get('host', '').lower()}"


def set_session_cookie(response: Response, session: str, authenticator: Authenticator) -> Response:
    """Add the session cookie to a response, and return it."""
    secure = authenticator.address.is_secure
    response.set_cookie(authenticator.cookie_name, session, httponly=True, samesite="strict", secure=secure, path="/")
    return response


def get_csrf_token(request: Request, authenticator: Authenticator) -> str:
    """Return the token for the forms of a request's session; empty where nobody is logged in."""
    session = request.state.session
    return authenticator.csrf_token(session) if session else ""


def _find_session(headers: Headers, authenticator: Authenticator) -> str | None:
    """Return the session of the request's cookie; None where it has none, or one that has ended."""
    session = cookie_parser(headers.get("cookie", "")).get(authenticator.cookie_name)
    return session if session is not None and authenticator.has_session(session) else None
