"""What stands before every page: hosts, origins, sessions; and what every answer tells the browser not to do."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from importer.web.authentication import Access

OPEN = ("/static/", "/enter", "/login", "/language")
"""What can be had without being let in: how the page looks, and the way in."""
SAFE = ("GET", "HEAD")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # without any, browsers say of forms that they come from nowhere
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Guard:
    """Refuses what does not come from the page itself, or from somebody who was not let in."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the page answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        session = session_of(headers, self._access)
        scope.setdefault("state", {})["session"] = session
        refused = self._refusal(scope, headers, session)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    told.setdefault(name, value)
            await send(message)

        await (refused or self._app)(scope, receive, guarded)

    def _refusal(self, scope: Scope, headers: Headers, session: str | None) -> Response | None:
        if not self._access.place.knows(headers.get("host", "").lower()):
            return PlainTextResponse("This page is not served under that name.", 421)
        if scope["method"] not in SAFE and not self._is_own(headers):
            return PlainTextResponse("This request did not come from the page itself.", 403)
        if session is not None or scope["path"].startswith(OPEN):
            return None
        if scope["method"] in SAFE and "text/html" in headers.get("accept", ""):
            return RedirectResponse(f"{scope.get('root_path', '')}/login", 303)
        return PlainTextResponse("Open the page with the address that the program printed.", 401)

    def _is_own(self, headers: Headers) -> bool:
        """Whether a change was asked for by a page of ours, as browsers say."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site") == "same-origin"
        scheme = "https" if self._access.place.is_secure else "http"
        return origin.lower() == f"{scheme}://{headers.get('host', '').lower()}"


def session_of(headers: Headers, access: Access) -> str | None:
    """The session that a request's cookie is of, if we know it."""
    found = cookie_parser(headers.get("cookie", "")).get(access.cookie)
    return found if found is not None and access.knows(found) else None


def with_session(response: Response, session: str, access: Access) -> Response:
    """The answer, with the cookie that lets its browser in."""
    response.set_cookie(
        access.cookie, session, httponly=True, samesite="strict", secure=access.place.is_secure, path="/"
    )
    return response


def token_of(request: Request, access: Access) -> str:
    """What the forms of this request's page must carry; empty before anybody was let in."""
    session = request.state.session
    return access.csrf(session) if session else ""
