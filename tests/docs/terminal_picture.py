"""Draw docs/images/terminal.svg: the README's practice run, as it looks in a terminal.

``python -m tests.docs.terminal_picture`` runs the command in a pseudo-terminal and lets rich draw what it printed.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import tempfile
from pathlib import Path

from rich.console import Console as Screen
from rich.text import Text

from tests.docs.console import ROOT, Console

COMMAND = "contact-importer run leads.csv --vendor iclosed --sandbox --output practice"
PICTURE = ROOT / "docs" / "images" / "terminal.svg"
COLUMNS = 120
# The cursor, links to files, and lines that were erased, such as the progress bar.
_INVISIBLE = re.compile(r"\x1b\[\?25[lh]|\x1b\]8;;.*?\x1b\\")
_ERASED = re.compile(r"[^\n]*(?:\r\x1b\[2K|\n\r?\x1b\[1A\x1b\[2K)")
_FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)


def record(folder: Path) -> str:
    """Return what a terminal shows of the command, with colors."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    leads = re.search(r"<!-- file: leads.csv -->\n```csv\n(.*?)```", readme, re.DOTALL)
    assert leads
    (folder / "work").mkdir()
    (folder / "work" / "leads.csv").write_text(leads[1], encoding="utf-8")
    console = Console(folder / "work", "http://127.0.0.1")
    ours, theirs = pty.openpty()
    environment = console.environment | {"COLUMNS": str(COLUMNS), "LINES": "60", "TERM": "xterm-256color"}
    with subprocess.Popen(
        ["bash", "-c", COMMAND],
        cwd=console.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        printed = b""
        while piece := _read(ours):
            printed += piece
    os.close(ours)
    text = _INVISIBLE.sub("", printed.decode().replace("\r\n", "\n"))
    return console.rename(_ERASED.sub("", text))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux's way to say that the other side is closed
        return b""


def draw(text: str) -> str:
    """Return the SVG. The fonts are those of the machine that shows it: nothing is fetched."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        screen = Screen(record=True, width=COLUMNS, file=nowhere)
        screen.print(Text.from_ansi(f"\x1b[1m$ {COMMAND}\x1b[0m\n{text}"), soft_wrap=False)
    return _FONTS.sub("", screen.export_svg(title="contact-importer", unique_id="run"))


def main() -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        PICTURE.write_text(draw(record(Path(folder))), encoding="utf-8")


if __name__ == "__main__":
    main()
