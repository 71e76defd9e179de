"""Templates and error texts, in the language of the request."""

from __future__ import annotations

import functools
import os
import re
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from importer.errors import ImporterError, SettingsError
from importer.questions import UnansweredQuestionsError
from importer.reporting.request_body import pretty_body
from importer.version import VERSION
from importer.web import labels
from importer.web.i18n import COOKIE, LANGUAGES, Words, language_of, words_of
from importer.web.notes import say_note
from importer.web.security_middleware import get_csrf_token
from importer.web.services import get_services


@dataclass(frozen=True, slots=True)
class ErrorText:
    """The text of an error and its language. The importer's own messages are in English."""

    text: str
    language: str = "en"


@functools.cache
def _environment(language: str) -> Environment:
    """Return the templates in one language; every value that is put into them is escaped.

    Each language has its own environment. Overlays of one environment share their globals, so the translations that
    were installed last would be everybody's.
    """
    environment = Environment(
        loader=PackageLoader("importer.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.globals.update(labels=labels, version=VERSION, languages=LANGUAGES, say_note=say_note)
    environment.filters["pretty"] = pretty_body
    translations = words_of(language).translations
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds this method, which jinja2 does not type
    return environment


def words_for(request: Request) -> Words:
    """Return the words of the request's language: the chosen one, else the best one that the browser accepts."""
    accepted = request.headers.get("accept-language", "")
    return words_of(language_of(request.cookies.get(COOKIE), accepted))


def render_fragment(request: Request, template: str, **values: Any) -> str:
    """Render a template with these values and those that every template gets; return the HTML."""
    words = words_for(request)
    authenticator = get_services(request).authenticator
    shared = {
        "words": words,
        "count": words.count,
        "csrf": get_csrf_token(request, authenticator),
        "current_path": request.url.path,
        "is_logged_in": request.state.session is not None,
        "has_password": authenticator.password is not None,
    }
    return _environment(words.language).get_template(template).render(**shared, **values)


def render(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Render a template as a response."""
    return HTMLResponse(render_fragment(request, template, **values), status)


def render_error(request: Request, error: ImporterError, status: int = 400) -> Response:
    """Return an error as a page, or as JSON to the app's own script."""
    message = describe_error(request, error)
    if accepts_json(request):
        return JSONResponse({"error": message.text}, status)
    return render(request, "failed.html", status, message=message)


def describe_error(request: Request, error: Exception) -> ErrorText:
    """Return the text of an error, with the names of uploaded files instead of their paths on this machine."""
    words = words_for(request)
    if isinstance(error, ImporterError) and error.template:
        values = {
            name: words.say(value) if name.endswith("_text") else value for name, value in error.values.items()
        } | {"cli": ""}
        return ErrorText(_without_folders(request, words.say(error.template, **values)), words.language)
    if isinstance(error, ImporterError) and error.code:
        return ErrorText(labels.problem_message(words, error.code, error.params), words.language)
    if isinstance(error, UnansweredQuestionsError) and all(question.code for question in error.questions):
        said = [labels.problem_message(words, question.code, question.params) for question in error.questions]
        return ErrorText(" ".join(said), words.language)
    text = error.reason if isinstance(error, SettingsError) else str(error)
    return ErrorText(_without_folders(request, text))


def _without_folders(request: Request, text: str) -> str:
    """Return a text with the names of a draft's files, which stand at <drafts>/<id>/<folders>/<name>."""
    folder = re.escape(f"{get_services(request).drafts.folder}{os.sep}")
    separator = re.escape(os.sep)
    return re.sub(rf"{folder}\w+{separator}(?:\w+{separator})*", "", text)


def accepts_json(request: Request) -> bool:
    """Return whether the app's own script sent a request; browsers that show the answer do not accept JSON."""
    return "application/json" in request.headers.get("accept", "")
