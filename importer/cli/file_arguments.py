"""Turn the file arguments of a command into files, with patterns that the shell has not expanded."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path


def expand_patterns(files: Sequence[Path | str]) -> tuple[Path | str, ...]:
    """Return the files, each once, with the matches of patterns that the shell has left as they are, by name.

    An address, which is a str, stays as it is.

    A pattern that matches nothing stays, to be reported as a file that does not exist.
    """
    found: dict[Path | str, None] = {}
    for file in files:
        is_pattern = isinstance(file, Path) and glob.has_magic(str(file)) and not file.exists()
        matches = sorted(glob.glob(str(file), recursive=True)) if is_pattern else []  # noqa: PTH207 - takes any folder
        found |= dict.fromkeys(map(Path, matches) if matches else [file])
    return tuple(found)
