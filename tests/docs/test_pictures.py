"""The picture of the terminal shows what the program prints."""

from __future__ import annotations

import html
import re
from pathlib import Path

from tests.docs.terminal_picture import PICTURE, draw, record


def words_of(svg: str) -> str:
    return " ".join(html.unescape(" ".join(re.findall(r"<text [^>]*>([^<]*)</text>", svg))).split())


def test_the_picture_is_what_the_terminal_shows(tmp_path: Path) -> None:
    shown = PICTURE.read_text(encoding="utf-8")

    assert words_of(shown) == words_of(draw(record(tmp_path))), "python -m tests.docs.terminal_picture draws it anew"
    assert "http://www.w3.org" in shown
    assert "@font-face" not in shown
