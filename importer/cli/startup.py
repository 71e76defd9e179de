"""Fast imports for commands: modules are loaded inside commands, so that ``--help`` is quick."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder

# pandera imports pandas and hypothesis, and httpx its command line, wherever they are installed. All work without.
OPTIONAL_MODULES = frozenset({"pandas", "hypothesis", "httpx._main"})


@contextlib.contextmanager
def fast_imports() -> Iterator[None]:
    """Import the modules of a command without the garbage collector and without their optional dependencies.

    The modules create some 300,000 objects that live until the process ends; searching them for garbage costs 0.1 to
    0.3 s of processor time. Where pandas is installed, pandera's import of it costs another 0.3 s. A check of one row:
    1.2 s without this function, 0.8 s without collections, 0.5 s without pandas, too.
    """
    finder = _OptionalModulesHider()
    sys.meta_path.insert(0, finder)
    gc.disable()
    try:
        yield
        if "pandera.polars" in sys.modules:
            _validate_once()
    finally:
        gc.freeze()
        gc.enable()
        sys.meta_path.remove(finder)  # a keyring or an exporter that is loaded later may need pandas


def import_sending() -> None:
    """Import the modules that send, within ``fast_imports``.

    The pipeline imports them only when a run reaches sending. There they would load with the garbage collector on,
    while the first request waits.
    """
    import importer.sending.session  # noqa: F401


def _validate_once() -> None:
    """Validate an empty frame: pandera imports its backends, and pandas with them, at its first validation."""
    import pandera.polars as pa
    import polars as pl

    schema = pa.DataFrameSchema({"text": pa.Column(pl.String, pa.Check.str_length(min_value=0))})
    schema.validate(pl.DataFrame({"text": []}, schema={"text": pl.String}))


class _OptionalModulesHider(MetaPathFinder):
    """An import finder by which the optional modules are as if they were not installed."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002 - Python's signature
        """Raise ModuleNotFoundError for an optional module."""
        if fullname in OPTIONAL_MODULES:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
