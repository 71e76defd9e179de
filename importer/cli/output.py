"""Print: no text of a file or a vendor steers the terminal, and no reader that goes away ends a run.

When a pipe is closed, a disk is full or a terminal has gone, the output is dropped from then on. The run continues to
its reports and its own exit code.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO, cast

import click

# Controls of the terminal (C0, DEL, C1), of the direction of text, line separators of Unicode, halves of characters.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_UNSAFE_IN_LINE = re.compile(f"{_UNSAFE.pattern}|[\t\n]")
# Marks around a style, which cannot be an escape sequence of the text. They are no characters, and only colour.
_STYLES = {"\ufdd0": "green", "\ufdd1": "red", "\ufdd2": "yellow", "\ufdd3": "bold"}
_STYLED = re.compile("([\ufdd0-\ufdd3])([^\ufdd0-\ufdd4]*)\ufdd4")
_LINK_START, _LINK_END = "\ufdd5", "\ufdd6"
_LINKED = re.compile(f"{_LINK_START}([^{_LINK_START}{_LINK_END}]*){_LINK_END}")
_MARKS = re.compile("[\ufdd0-\ufdd6]")
_PLAIN = {"→": "->", "…": "...", "×": "x", "–": "-", "─": "-", "━": "-", "•": "*", "╸": "-", "╺": "-"}
ERRORS = "contact-importer"  # the name of the handler of characters that a console cannot show


def echo(text: str = "", *, err: bool = False) -> None:
    """Print a text, with its control characters made visible. A stream that takes nothing more is not an error."""
    styled = _STYLED.sub(_apply_style, visible(text))
    stream = sys.stderr if err else sys.stdout
    if _shows_links(stream):
        styled = _LINKED.sub(_apply_link, styled)
    with contextlib.suppress(OSError, ValueError):  # only where ``protect_streams`` was not called
        click.echo(_MARKS.sub("", styled), file=stream)


def echo_json(data: Any, *, err: bool = False) -> None:
    """Print data as one line of JSON, in ASCII where the stream cannot show every character."""
    encoding = getattr(sys.stderr if err else sys.stdout, "encoding", None) or "ascii"
    echo(json.dumps(data, ensure_ascii=not encoding.lower().startswith("utf")), err=err)


def style(text: str, kind: str | None) -> str:
    """Return a text that ``echo`` shows in this colour, or ``bold``; unchanged without one."""
    marks = {name: mark for mark, name in _STYLES.items()}
    return f"{marks[kind]}{text}\ufdd4" if kind else text


def link(path: Path) -> str:
    """Return a path that ``echo`` shows as a link to the file, where the terminal can (OSC 8)."""
    return f"{_LINK_START}{path}{_LINK_END}"


def visible(text: str) -> str:
    r"""Return the text with control characters as ``\u001b``, which JSON reads as the character itself."""
    return _UNSAFE.sub(_escape, text)


def one_line(text: str) -> str:
    r"""Return the text as ``visible`` does, with line breaks and tabs as ``\n`` and ``\t``: it cannot forge a line."""
    return _UNSAFE_IN_LINE.sub(_escape, text)


def protect_streams() -> None:
    """Make the process's streams unable to fail. Call it before anything is opened.

    A missing stream is replaced by the null device: the next file opened would take its number, and its output.
    """
    codecs.register_error(ERRORS, _replace)
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    sys.stdin = sys.stdin or _open_null("r")
    sys.stdout = cast("TextIO", SteadyStream(sys.stdout or _open_null("w")))
    sys.stderr = cast("TextIO", SteadyStream(sys.stderr or _open_null("w")))


class SteadyStream:
    """A text stream that drops what can no longer be written, and shows what its encoding lacks in another form."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS)

    def write(self, text: str) -> int:
        """Write; after a failure, to nowhere."""
        with self._failures():
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush; after a failure, to nowhere."""
        with self._failures():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError):
            # What is buffered still, and what comes, goes where it does no harm. ValueError: somebody closed it.
            with contextlib.suppress(OSError, ValueError):
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, self._stream.fileno())
                os.close(null)


def _open_null(mode: str) -> TextIO:
    return cast("TextIO", open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123 - for as long as the process


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]


def _apply_style(found: re.Match[str]) -> str:
    kind = _STYLES[found[1]]
    return click.style(found[2], bold=True) if kind == "bold" else click.style(found[2], fg=kind)


def _apply_link(found: re.Match[str]) -> str:
    return f"\x1b]8;;{Path(found[1]).absolute().as_uri()}\x1b\\{found[1]}\x1b]8;;\x1b\\"


def _shows_links(stream: TextIO) -> bool:
    """Return True for terminals; the old console of Windows prints the sequence itself."""
    with contextlib.suppress(OSError, ValueError):
        is_capable = "WT_SESSION" in os.environ if os.name == "nt" else os.environ.get("TERM", "dumb") != "dumb"
        return is_capable and stream.isatty()
    return False


def _replace(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for characters that the console cannot show."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(_PLAIN.get(char) or json.dumps(char)[1:-1] for char in lost), error.end
