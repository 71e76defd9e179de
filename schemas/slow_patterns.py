"""Patterns that only a backtracking engine can match: in a process of its own, which is ended when it takes too long.

Look-behinds and back-references have no counterpart in polars' engine. Some of them take longer than anyone waits, for
a text that somebody chose; nothing can interrupt the engine from within.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence

MAX_CHARS, MAX_DEPTH = 20_000, 100
MATCH_SECONDS = 20.0  # for the texts of one batch; a harmless pattern takes 0.1 s for 50,000
_PROGRAM = """
import json, sys
import regress
for line in sys.stdin:
    pattern, flags, texts = json.loads(line)
    engine = regress.Regex(pattern, flags) if flags else regress.Regex(pattern)
    print(json.dumps([engine.find(text) is not None for text in texts]), flush=True)
"""


class SlowPatternError(ValueError):
    """A pattern takes too long for the texts of a file."""


def check_extent(pattern: str) -> None:
    """Raise ValueError for a pattern that is too long or too deep: both engines are recursive, and would overflow."""
    depth = deepest = 0
    for char in pattern:
        depth += (char == "(") - (char == ")")
        deepest = max(deepest, depth)
    if len(pattern) > MAX_CHARS or deepest > MAX_DEPTH:
        raise ValueError(f"{pattern[:40]!r}… is too long a pattern, or nested too deeply")


def find_each(pattern: str, flags: str, texts: Sequence[str]) -> list[bool]:
    """Return for each text True when the pattern is found in it. Raises SlowPatternError after some seconds."""
    request = json.dumps([pattern, flags, list(texts)]).encode() + b"\n"
    process = subprocess.Popen(  # noqa: S603 - this very Python
        [sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    timer = threading.Timer(MATCH_SECONDS, process.kill)
    timer.start()
    try:
        answer, _ = process.communicate(request)
    finally:
        timer.cancel()
        process.kill()
    if not answer:
        shown = pattern if len(pattern) <= 80 else f"{pattern[:79]}…"
        raise SlowPatternError(f"the pattern {shown!r} takes too long for the texts of this file; make it simpler")
    found: list[bool] = json.loads(answer)
    return found
