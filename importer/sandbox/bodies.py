"""Reads the bodies that the sandbox is sent: JSON, or a form whose names have brackets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from schemas.contract import Operation

_CONVERTERS: dict[str, Callable[[str], Any]] = {"integer": int, "number": float, "boolean": lambda text: text == "true"}


def read_body(operation: Operation, raw: bytes) -> Any:
    """Return the value of a body. Raises ValueError if it is not in the operation's form."""
    if not operation.is_form:
        return json.loads(raw)
    types = {(*operation.envelope, *field.parts): field.type for field in operation.body_fields}
    body: dict[str, Any] = {}
    for name, text in parse_qsl(raw.decode(), keep_blank_values=True):
        steps = re.findall(r"[^\[\]]+", name)
        parts = tuple("[0]" if step == "0" else step for step in steps)
        _put(body, steps, _CONVERTERS.get(types.get(parts, ""), str)(text))
    return _with_lists(body)


def inner_object(operation: Operation, body: Any) -> dict[str, Any]:
    """Return the object of a body that holds the fields."""
    for step in operation.envelope:
        body = body[0] if step == "[0]" else body.get(step, {})
    return dict(body) if isinstance(body, dict) else {}


def _put(body: dict[str, Any], steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        body = body.setdefault(step, {})
    body[steps[-1]] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    members = {key: _with_lists(member) for key, member in value.items()}
    if members and all(key.isdecimal() for key in members):
        return [members[key] for key in sorted(members, key=int)]
    return members
