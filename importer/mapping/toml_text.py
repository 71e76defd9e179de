"""Texts and keys as TOML."""

from __future__ import annotations

import json
import re

_BARE_KEY = re.compile(r"^[A-Za-z0-9_-]+$")


def format_key(path: str) -> str:
    """Return a field's path as a key of TOML."""
    return path if _BARE_KEY.match(path) else quote(path)


def quote(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are valid there, but TOML wants DEL escaped as well."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
