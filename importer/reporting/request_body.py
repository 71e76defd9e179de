"""Shows the body of a request to people: JSON in lines, or the pairs of a form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl


def pretty_body(body: str) -> str:
    """Return a body in lines."""
    value = _parse(body)
    if _is_json(body):
        return json.dumps(value, ensure_ascii=False, indent=2)
    return "\n".join(f"{name} = {text}" for name, text in value.items())


def body_values(body: str) -> dict[str, str]:
    """Return the values of a body by their paths, such as ``emails[0].value``."""
    return dict(_leaves(_parse(body)))


def _is_json(body: str) -> bool:
    return body.startswith(("{", "["))


def _parse(body: str) -> Any:
    return json.loads(body) if _is_json(body) else dict(parse_qsl(body, keep_blank_values=True))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _leaves(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        for index, entry in enumerate(value):
            yield from _leaves(entry, f"{path}[{index}]")
    elif isinstance(value, list):
        yield path, ", ".join(map(str, value))
    else:
        yield path, "" if value is None else str(value)
