"""From a request to a page: templates, words, forms that carry their token, failures in words."""

from __future__ import annotations

import functools
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from importer.errors import ImporterError
from importer.version import VERSION
from importer.web import labels as told
from importer.web.i18n import COOKIE, LANGUAGES, N_, PageError, Words, language_of, words_of
from importer.web.security_middleware import token_of
from importer.web.services import WebServices

LARGEST_FORM = 4_000_000
"""Bytes; a form has a few choices for each of at most some thousand columns."""

SMALL_FORM = 10_000
"""Of whoever has not been let in."""
MOST_FIELDS = 20_000
LONGEST_NUMBER = 9
TOO_OLD = N_("This form is too old. Go back, reload the page, and try again.")

Form = Mapping[str, str]
Page = Callable[[Request], Response]
Change = Callable[[Request, Form], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


@functools.cache
def _templates(language: str) -> Environment:
    """The templates in one language. Everything that is put into them is escaped.

    Each language has an environment of its own: overlays of one would share what is installed last.
    """
    found = Environment(
        loader=PackageLoader("importer.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.globals.update(told=told, version=VERSION, languages=LANGUAGES)
    found.filters["pretty"] = lambda text: json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    translations = words_of(language).translations
    found.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds this method, which jinja2 does not type
    return found


def services_of(request: Request) -> WebServices:
    """What the pages work with."""
    desk: WebServices = request.app.state.desk
    return desk


def words_for(request: Request) -> Words:
    """The words of whoever asks."""
    accepted = request.headers.get("accept-language", "")
    return words_of(language_of(request.cookies.get(COOKIE), accepted))


def rendered(request: Request, template: str, **values: Any) -> str:
    """A template with these values, and with what every template has."""
    words = words_for(request)
    shared = {
        "words": words,
        "count": words.count,
        "csrf": token_of(request, services_of(request).access),
        "here": request.url.path,
        "is_inside": request.state.session is not None,
        "is_open": services_of(request).access.password is not None,
    }
    return _templates(words.language).get_template(template).render(**shared, **values)


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page."""
    return HTMLResponse(rendered(request, template, **values), status)


def wants_json(request: Request) -> bool:
    """Whether the page's own script asks, and not a browser that shows what comes."""
    return "application/json" in request.headers.get("accept", "")


def number_of(text: str) -> int | None:
    """A number of at most nine digits; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def to(path: str) -> Response:
    """Go there now; going back does not send the form again."""
    return RedirectResponse(path, 303)


@dataclass(frozen=True, slots=True)
class Said:
    """What went wrong, and the language it is said in: what the importer itself says is English."""

    text: str
    language: str = "en"


def said(request: Request, error: Exception) -> Said:
    """What went wrong, with names of files instead of the paths that they have here."""
    words = words_for(request)
    if isinstance(error, PageError):
        return Said(words.say(error.text, **error.values), words.language)
    text = str(error)
    if isinstance(error, ImporterError) and error.code:
        return Said(told.problem_message(words, error.code, error.params), words.language)
    for word in {word.strip("':;,") for word in text.split() if "/drafts/" in word}:
        text = text.replace(word, Path(word).name)
    return Said(text)


def shows(work: Page) -> Endpoint:
    """An endpoint that shows something. It may take its time, and raise what a person can mend."""

    @functools.wraps(work)
    async def endpoint(request: Request) -> Response:
        try:
            return await run_in_threadpool(work, request)
        except ImporterError as error:
            return failed(request, error)

    return endpoint


def changes(work: Change) -> Endpoint:
    """An endpoint that changes something: its form must carry the token of the page that it came from."""
    return _changing(work, asks_token=True)


def enters(work: Change) -> Endpoint:
    """The same for whoever has not been let in yet, and so has no token; the guard has seen where it comes from."""
    return _changing(work, asks_token=False)


def _changing(work: Change, *, asks_token: bool) -> Endpoint:
    @functools.wraps(work)
    async def endpoint(request: Request) -> Response:
        form = await _form_of(request, LARGEST_FORM if asks_token else SMALL_FORM)
        if form is None:
            return failed(request, PageError(N_("This form is too large.")), 413)
        if asks_token and not has_token(request, form.get("csrf", "")):
            return failed(request, PageError(TOO_OLD), 403)
        try:
            return await run_in_threadpool(work, request, form)
        except ImporterError as error:
            return failed(request, error)

    return endpoint


async def _form_of(request: Request, largest: int) -> Form | None:
    """What a form says, as browsers send it; None when it is larger than any of ours."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > largest:
            return None
    try:
        found = await run_in_threadpool(
            parse_qs, body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        return None
    return {name: values[-1] for name, values in found.items()}


def has_token(request: Request, given: str) -> bool:
    """Whether this is the token of the session that asks."""
    wanted = token_of(request, services_of(request).access)
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def failed(request: Request, error: ImporterError, status: int = 400) -> Response:
    """What went wrong, in words."""
    if wants_json(request):
        return JSONResponse({"error": said(request, error).text}, status)
    return page(request, "failed.html", status, message=said(request, error))
