"""A pseudo-terminal on which the program runs, and answers that are typed when it asks."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 60
_STYLES = re.compile(r"\x1b\[[0-9;]*m")


def type_answers(words: Sequence[str], answers: Sequence[str], folder: Path) -> tuple[int, str]:
    """Return exit code and output of the program on a terminal where each prompt gets the next answer."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ.update(PYTHONPATH=str(ROOT), TERM="dumb", COLUMNS="80")
        os.execv(sys.executable, [sys.executable, "-m", "importer", *words])
    left, output, end = list(answers), b"", time.monotonic() + SECONDS
    with contextlib.suppress(OSError):  # the program has closed its side
        while time.monotonic() < end:
            if not select.select([terminal], [], [], 0.1)[0]:
                if left and output.rpartition(b"\n")[2].rstrip().endswith(b":"):
                    os.write(terminal, f"{left.pop(0)}\n".encode())
                    output += b"\n"
                continue
            piece = os.read(terminal, 1 << 16)
            if not piece:
                break
            output += piece
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), _STYLES.sub("", output.decode(errors="replace"))
