"""Runs a module, or a line of code, as where nothing but the project is installed: ``-m MODULE WORDS …``, ``-c CODE``.

pandera loads pandas and hypothesis where it finds them, which takes as long as all the rest; nobody who imports contacts
has it installed. What only the others need is hidden from ours.
"""

from __future__ import annotations

import runpy
import sys

OTHERS = ("frictionless", "hypothesis", "numpy", "pandas", "requests")


class Hidden:
    """An importer that says what Python says of a module that is not there."""

    def find_spec(self, name, path=None, target=None):
        """Raises ModuleNotFoundError for one of the others."""
        if name.partition(".")[0] in OTHERS:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def main() -> None:
    """Hide the others, then do what was asked for."""
    sys.meta_path.insert(0, Hidden())
    kind, what = sys.argv[1:3]
    if kind == "-c":
        exec(what, {"__name__": "__main__"})
        return
    sys.argv = sys.argv[2:]
    runpy.run_module(what, run_name="__main__", alter_sys=True)


main()
