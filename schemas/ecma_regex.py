r"""ECMAScript patterns, UTF-16 lengths and JSON Schema formats as polars expressions.

polars' engine (Rust ``regex``) has no look-aheads and gives ``\d``, ``\w``, ``\s``, ``\b`` and ``.`` Unicode
meanings; ECMAScript's are narrower. A pattern made of constructs with an exact counterpart is translated and
runs vectorised; leading look-aheads become tests of their own; anything else goes, distinct value by distinct
value, through an ECMAScript engine (the ``regress`` package), so that no documented pattern is beyond reach.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import polars as pl

Test = Callable[[pl.Expr], pl.Expr]
SeriesTest = Callable[[pl.Series], pl.Series]

# ECMA-262, WhiteSpace and LineTerminator: what \s means there.
_SPACE = r"\t\n\x0b\f\r\x20\u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}"
_OUTSIDE_CLASS = {
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
_INSIDE_CLASS = {
    "d": "0-9",
    "w": "A-Za-z0-9_",
    "s": _SPACE,
    "t": r"\t",
    "n": r"\n",
    "r": r"\r",
    "f": r"\f",
    "v": r"\x0b",
}
_SYNTAX = set(r"^$\.*+?()[]{}|/-")
_ANY = r"[^\n\r\u{2028}\u{2029}]"
_PLAIN = re.compile(r"(?:\\[^A-Za-z0-9]|[A-Za-z0-9_@])+")
_REPEAT = re.compile(r"\{\d+(?:,\d*)?\}")


class _NoCounterpartError(Exception):
    """The pattern holds something that has no exact counterpart in polars' engine."""


def utf16_length(text: pl.Expr) -> pl.Expr:
    """Length in UTF-16 code units, as JavaScript counts: a character beyond U+FFFF counts two."""
    return text.map_batches(_utf16_lengths, return_dtype=pl.UInt32)


def _utf16_lengths(texts: pl.Series) -> pl.Series:
    characters = texts.str.len_chars()
    if characters.sum() == texts.str.len_bytes().sum():  # ASCII, of which there is nothing more to count
        return characters
    return characters + texts.str.count_matches(r"[\x{10000}-\x{10FFFF}]")


@lru_cache(maxsize=256)
def matches(pattern: str) -> Test:
    """A test that holds where ``pattern``, read as ECMAScript (flag ``u``), is found in the text.

    Raises ValueError when it is not a pattern at all.
    """
    engine = _engine(pattern)
    try:
        pieces = [(wanted, _translate(piece)) for wanted, piece in _split_look_aheads(pattern)]
        for _, piece in pieces:
            pl.Series(["x"]).str.contains(piece)
    except (_NoCounterpartError, pl.exceptions.ComputeError):
        return lambda text: by_distinct_value(text, lambda value: engine.find(value) is not None)

    tests = [_found(piece) if wanted else _not_found(piece) for wanted, piece in pieces]
    return lambda text: pl.all_horizontal(test(text) for test in tests)


def _found(piece: str) -> Test:
    return lambda text: text.str.contains(piece)


def _not_found(ahead: str) -> Test:
    """What a negative look-ahead asks for; by plain search, several times as fast, where a plain text is forbidden."""
    body = ahead.removeprefix("^(?:").removesuffix(")")
    start, anywhere = _plain_text(body), _plain_text(body.removeprefix(_ANY + "*"))
    if start is not None:
        return lambda text: ~text.str.starts_with(start)
    if anywhere is None:
        return lambda text: ~text.str.contains(ahead)
    return lambda text: check_rare(
        text, lambda all_: all_.str.contains(anywhere, literal=True), lambda few: ~few.str.contains(ahead)
    )


def _plain_text(piece: str) -> str | None:
    """The text that a translated pattern stands for; None when it stands for more."""
    return re.sub(r"\\(.)", r"\1", piece, flags=re.DOTALL) if _PLAIN.fullmatch(piece) else None


def is_translated(pattern: str) -> bool:
    """Whether the pattern runs vectorised (used by tests and benchmarks)."""
    try:
        for _, piece in _split_look_aheads(pattern):
            _translate(piece)
    except _NoCounterpartError:
        return False
    return True


def _engine(pattern: str) -> Any:
    import regress

    try:
        return regress.Regex(pattern, "u")
    except regress.RegressError:
        pass
    try:  # JSON Schema asks for Unicode patterns; documents in the wild have escapes that only the old form allows
        return regress.Regex(pattern)
    except regress.RegressError as error:
        raise ValueError(f"{pattern!r} is not an ECMAScript pattern: {error}") from error


def by_distinct_value(text: pl.Expr, test: Callable[[str], bool]) -> pl.Expr:
    """Return an expression that calls the test once for each distinct text."""

    def look(values: pl.Series) -> pl.Series:
        distinct = values.drop_nulls().unique()
        verdict = pl.Series([test(value) for value in distinct], dtype=pl.Boolean)
        return values.replace_strict(distinct, verdict, default=None, return_dtype=pl.Boolean)

    return text.map_batches(look, return_dtype=pl.Boolean)


def check_rare(
    text: pl.Expr, suspect: Callable[[pl.Series], pl.Series], test: Callable[[pl.Series], pl.Series]
) -> pl.Expr:
    """True but where the text is suspect and the test, which costs more and sees those texts only, fails."""

    def look(values: pl.Series) -> pl.Series:
        rare = suspect(values).fill_null(value=False)
        verdict = pl.Series(values.name, [True], dtype=pl.Boolean).new_from_index(0, values.len())
        return verdict.scatter(rare.arg_true(), test(values.filter(rare))) if rare.any() else verdict

    return text.map_batches(look, return_dtype=pl.Boolean)


def _split_look_aheads(pattern: str) -> list[tuple[bool, str]]:
    """``^(?!A)(?=B)C`` → not ``^(?:A)``, ``^(?:B)``, ``^C``. Patterns without them come back whole."""
    if not pattern.startswith(("^(?!", "^(?=")):
        return [(True, pattern)]
    rest, pieces = pattern[1:], []
    while rest.startswith(("(?!", "(?=")):
        end = _closing(rest)
        pieces.append((rest[2] == "=", f"^(?:{rest[3:end]})"))
        rest = rest[end + 1 :]
    if rest[:1] in ("*", "+", "?", "{") or _has_alternative(rest):
        raise _NoCounterpartError
    return [*pieces, (True, "^" + rest)]


def _closing(pattern: str) -> int:
    """Where the group that opens at 0 closes."""
    depth, in_class, index = 0, False, 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\":
            index += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return index
        index += 1
    raise _NoCounterpartError


def _has_alternative(pattern: str) -> bool:
    depth, in_class, index = 0, False, 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\":
            index += 1
        elif in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and depth == 0:
            return True
        index += 1
    return False


def _translate(pattern: str) -> str:  # noqa: C901 - one branch a construct
    """The same language in Rust's syntax. Raises _NoCounterpartError where there is none."""
    out, index = [], 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\":
            piece, index = _escape(pattern, index, _OUTSIDE_CLASS)
        elif char == "[":
            piece, index = _class(pattern, index)
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
            piece, index = _ANY, index + 1
        elif char in "^$*+?)|":
            piece, index = char, index + 1
        elif char in "]}":
            raise _NoCounterpartError
        else:
            piece, index = re.escape(char) if not char.isalnum() else char, index + 1
        out.append(piece)
    return "".join(out)


def _escape(pattern: str, index: int, known: dict[str, str]) -> tuple[str, int]:
    following = pattern[index + 1 : index + 2]
    if following in known:
        return known[following], index + 2
    if following in _SYNTAX:
        return "\\" + following, index + 2
    raise _NoCounterpartError


def _class(pattern: str, index: int) -> tuple[str, int]:
    """A ``[…]``: the characters that mean something more to Rust inside a class are escaped."""
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
            piece, index = _escape(pattern, index, _INSIDE_CLASS)
        else:
            piece, index = "\\" + char if char in "[&~^" else char, index + 1
        out.append(piece)
    raise _NoCounterpartError
