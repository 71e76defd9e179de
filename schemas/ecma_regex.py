r"""ECMAScript patterns and UTF-16 lengths as polars expressions.

JSON Schema's patterns are ECMAScript (ECMA-262) with the flag ``u``, and JavaScript counts lengths in UTF-16 units.
polars' engine (Rust ``regex``) has no look-aheads and gives ``\d``, ``\w``, ``\s``, ``\b`` and ``.`` Unicode
meanings; ECMAScript's are narrower. A pattern made of constructs with an exact counterpart is translated and runs
vectorised; leading look-aheads become tests of their own. Any other pattern goes through an ECMAScript engine (the
``regress`` package), one distinct value at a time, so that no documented pattern is out of reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from schemas.slow_patterns import check_extent, find_each
from schemas.text_tests import Test, check_distinct_together, check_suspects

# ECMA-262, WhiteSpace and LineTerminator: what \s means there.
_SPACE = r"\t\n\x0b\f\r\x20\u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}"
_ESCAPES = {
    "d": "[0-9]",
    "D": "[^0-9]",
    "w": "[A-Za-z0-9_]",
    "W": "[^A-Za-z0-9_]",
    "s": f"[{_SPACE}]",
    "S": f"[^{_SPACE}]",
    "b": r"(?-u:\b)",
    "t": r"\t",
    "n": r"\n",
    "r": r"\r",
    "f": r"\f",
    "v": r"\x0b",
}
_ESCAPES_IN_CLASS = {
    "d": "0-9",
    "w": "A-Za-z0-9_",
    "s": _SPACE,
    "t": r"\t",
    "n": r"\n",
    "r": r"\r",
    "f": r"\f",
    "v": r"\x0b",
}
_SYNTAX_CHARACTERS = set(r"^$\.*+?()[]{}|/-")
_ANY_CHARACTER = r"[^\n\r\u{2028}\u{2029}]"
_LITERAL_TEXT = re.compile(r"(?:\\[^A-Za-z0-9]|[A-Za-z0-9_@])+")
_REPEAT = re.compile(r"\{\d+(?:,\d*)?\}")


class _NoCounterpartError(Exception):
    """The pattern holds something that has no exact counterpart in polars' engine."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A pattern in polars' syntax, and whether it must be found or must not."""

    pattern: str
    wanted: bool = True


def utf16_length(text: pl.Expr) -> pl.Expr:
    """Return the length in UTF-16 code units: a character beyond U+FFFF counts two."""
    return text.map_batches(_utf16_lengths, return_dtype=pl.UInt32)


def _utf16_lengths(texts: pl.Series) -> pl.Series:
    characters = texts.str.len_chars()
    if characters.sum() == texts.str.len_bytes().sum():  # ASCII: nothing counts two
        return characters
    return characters + texts.str.count_matches(r"[\x{10000}-\x{10FFFF}]")


@lru_cache(maxsize=256)
def matches(pattern: str) -> Test:
    """Return a test that holds where the ECMAScript ``pattern`` is found in the text; null has no verdict.

    Raises ValueError when it is no ECMAScript pattern.
    """
    check_extent(pattern)
    flags = _compile_ecmascript(pattern)
    pieces = translate(pattern)
    if pieces is None:
        return lambda text: check_distinct_together(text, lambda values: find_each(pattern, flags, values))
    tests = [_piece_test(piece) for piece in pieces]
    return lambda text: pl.all_horizontal(test(text) for test in tests)


def translate(pattern: str) -> tuple[Piece, ...] | None:
    """Return the pieces that together mean the same in polars' engine, or None where there is no counterpart."""
    try:
        pieces = tuple(Piece(_translate(piece.pattern), piece.wanted) for piece in _split_look_aheads(pattern))
        for piece in pieces:
            pl.Series(["x"]).str.contains(piece.pattern)  # Rust refuses, for example, repeats that grow too large
    except (_NoCounterpartError, pl.exceptions.ComputeError):
        return None
    return pieces


def _piece_test(piece: Piece) -> Test:
    if piece.wanted:
        return lambda text: text.str.contains(piece.pattern)
    # Most negative look-aheads forbid a literal text, and searching for a text is several times as fast.
    body = piece.pattern.removeprefix("^(?:").removesuffix(")")
    prefix, part = _literal_text(body), _literal_text(body.removeprefix(_ANY_CHARACTER + "*"))
    if prefix is not None:
        return lambda text: ~text.str.starts_with(prefix)
    if part is None:
        return lambda text: ~text.str.contains(piece.pattern)
    return lambda text: check_suspects(
        text,
        lambda texts: texts.str.contains(part, literal=True),
        lambda suspects: ~suspects.str.contains(piece.pattern),
    )


def _literal_text(pattern: str) -> str | None:
    """Return the text that a translated pattern stands for; None when it stands for more than one."""
    return re.sub(r"\\(.)", r"\1", pattern, flags=re.DOTALL) if _LITERAL_TEXT.fullmatch(pattern) else None


def _compile_ecmascript(pattern: str) -> str:
    """Return the flags with which it is an ECMAScript pattern. Raises ValueError when it is none."""
    import regress

    try:
        regress.Regex(pattern, "u")
    except regress.RegressError:
        pass
    else:
        return "u"
    try:  # the flag u forbids needless escapes, which documents have all the same
        regress.Regex(pattern)
    except regress.RegressError as error:
        raise ValueError(f"{pattern!r} is not an ECMAScript pattern: {error}") from error
    return ""


def _split_look_aheads(pattern: str) -> list[Piece]:
    """Split ``^(?!A)(?=B)C`` into not ``^(?:A)``, ``^(?:B)`` and ``^C``; other patterns stay in one piece."""
    if not pattern.startswith(("^(?!", "^(?=")):
        return [Piece(pattern)]
    rest, pieces = pattern[1:], []
    while rest.startswith(("(?!", "(?=")):
        end = next((index for index, char, depth in _walk(rest) if char == ")" and depth == 0), None)
        if end is None:
            raise _NoCounterpartError
        pieces.append(Piece(f"^(?:{rest[3:end]})", wanted=rest[2] == "="))
        rest = rest[end + 1 :]
    has_alternatives = any(char == "|" and depth == 0 for _, char, depth in _walk(rest))
    if rest[:1] in ("*", "+", "?", "{") or has_alternatives:
        raise _NoCounterpartError
    return [*pieces, Piece("^" + rest)]


def _walk(pattern: str) -> Iterator[tuple[int, str, int]]:
    """Yield the characters outside ``[…]`` and escapes: index, character, and depth of groups after it."""
    depth, in_class, escaped = 0, False, False
    for index, char in enumerate(pattern):
        if escaped or char == "\\":
            escaped = not escaped
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        else:
            depth += {"(": 1, ")": -1}.get(char, 0)
            yield index, char, depth


def _translate(pattern: str) -> str:  # noqa: C901 - one branch per construct
    """Return the pattern in Rust's syntax. Raises _NoCounterpartError where there is no exact counterpart."""
    out, index = [], 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\":
            piece, index = _translate_escape(pattern, index, _ESCAPES)
        elif char == "[":
            piece, index = _translate_class(pattern, index)
        elif char == "(":
            if pattern.startswith("(?", index) and not pattern.startswith("(?:", index):
                raise _NoCounterpartError
            piece, index = ("(?:", index + 3) if pattern.startswith("(?:", index) else ("(", index + 1)
        elif char == "{":
            repeat = _REPEAT.match(pattern, index)
            if not repeat:
                raise _NoCounterpartError
            piece, index = repeat.group(), repeat.end()
        elif char == ".":
            piece, index = _ANY_CHARACTER, index + 1
        elif char in "^$*+?)|":
            piece, index = char, index + 1
        elif char in "]}":
            raise _NoCounterpartError
        else:
            piece, index = re.escape(char) if not char.isalnum() else char, index + 1
        out.append(piece)
    return "".join(out)


def _translate_escape(pattern: str, index: int, known: dict[str, str]) -> tuple[str, int]:
    r"""Return what ``\…`` at the index means in Rust's syntax, and the index behind it."""
    following = pattern[index + 1 : index + 2]
    if following in known:
        return known[following], index + 2
    if following in _SYNTAX_CHARACTERS:
        return "\\" + following, index + 2
    raise _NoCounterpartError


def _translate_class(pattern: str, index: int) -> tuple[str, int]:
    """Return a ``[…]`` in Rust's syntax, where more characters need an escape, and the index behind it."""
    out, index = ["["], index + 1
    if pattern.startswith("^", index):
        out, index = ["[^"], index + 1
    if pattern.startswith("]", index):  # [] matches nothing and [^] anything in ECMAScript
        raise _NoCounterpartError
    while index < len(pattern):
        char = pattern[index]
        if pattern.startswith("--", index):  # a set difference to Rust
            raise _NoCounterpartError
        if char == "]":
            return "".join(out) + "]", index + 1
        if char == "\\":
            piece, index = _translate_escape(pattern, index, _ESCAPES_IN_CLASS)
        else:
            piece, index = "\\" + char if char in "[&~^" else char, index + 1
        out.append(piece)
    raise _NoCounterpartError
