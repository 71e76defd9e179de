"""Recognises answers that are not the API's: pages of a gateway, a firewall, a sign-in form or another host."""

from __future__ import annotations

import re
from typing import Any

from importer.sending.http_client import Exchange
from schemas.contract import Answers

# An API that refuses a body may do so as plain text; a gateway does not look into bodies.
STATUSES_ABOUT_THE_BODY = (400, 409, 413, 422)
LONGEST_TITLE = 60
BEGINNING_BYTES = 4096
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|title|\?xml|center|h1)\b", re.IGNORECASE)
_JSON_TYPE = re.compile(r"application/(?:[\w.-]+\+)?json|text/json")
_TITLE = re.compile(r"<(?:title|h1)[^>]*>\s*([^<]+)", re.IGNORECASE)


def is_foreign(exchange: Exchange, body: Any, answers: Answers) -> bool:
    """Return True if an answer is HTML, or of a media type that the contract does not know.

    ``body`` is the JSON value of the answer, or None. An answer without content is taken for the API's: it names no
    type.
    """
    if exchange.status == 407:  # a proxy's own
        return True
    if body is not None or not exchange.body.strip():
        return False
    if _MARKUP.match(exchange.body):
        return True
    media_type = media_type_of(exchange)
    if not media_type or _JSON_TYPE.fullmatch(media_type) or media_type in answers.media_types:
        return False
    return "html" in media_type or exchange.status not in STATUSES_ABOUT_THE_BODY


def describe_page(exchange: Exchange) -> str:
    """Return the kind of an answer that is not the API's, with its title: ``an HTML page ("404 Not Found")``."""
    kind = media_type_of(exchange)
    is_page = "html" in kind or not kind or _MARKUP.match(exchange.body)
    found = _TITLE.search(exchange.body[:BEGINNING_BYTES].decode("utf-8", "replace"))
    title = f' ("{" ".join(found[1].split())[:LONGEST_TITLE]}")' if found else ""
    return f"an HTML page{title}" if is_page else f"an answer of the type {kind[:LONGEST_TITLE]}"


def media_type_of(exchange: Exchange) -> str:
    """Return the media type of an answer in lower case, without parameters; blank if it names none."""
    named = next((value for name, value in exchange.headers.items() if name.lower() == "content-type"), "")
    return named.partition(";")[0].strip().lower()
