"""Forms: their fields, their CSRF token, their numbers."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from importer.web.i18n import N_
from importer.web.security_middleware import get_csrf_token
from importer.web.services import get_services

MAX_FORM_BYTES = 4_000_000  # a form has a few choices for each of at most some thousand columns
MAX_PUBLIC_FORM_BYTES = 10_000  # from browsers that are not logged in
MAX_FORM_FIELDS = 20_000
MAX_NUMBER_DIGITS = 9
FORM_EXPIRED = N_("This form is too old. Go back, reload the page, and try again.")

Form = Mapping[str, str]


async def read_form(request: Request, max_bytes: int) -> Form | None:
    """Return the fields of a URL-encoded form, the last of each name; None for a form that is too large.

    Starlette's ``request.form()`` limits the size of multipart forms only.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > max_bytes:
            return None
    try:
        fields = await run_in_threadpool(
            parse_qs, body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS
        )
    except ValueError:
        return None
    return {name: values[-1] for name, values in fields.items()}


def is_csrf_token(request: Request, token: str) -> bool:
    """Return whether this is the CSRF token of the request's session."""
    expected = get_csrf_token(request, get_services(request).authenticator)
    return bool(expected) and hmac.compare_digest(token.encode(), expected.encode())


def parse_number(text: str) -> int | None:
    """Return a number of at most MAX_NUMBER_DIGITS digits; None for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_NUMBER_DIGITS else None
