"""Capture of the process's standard error, to hide the report of a panic.

calamine is written in Rust and panics on some damaged workbooks. Rust prints a report of each panic to file
descriptor 2 itself, before Python sees an exception, so that only redirecting the descriptor hides it.

The redirection affects the whole process. What other threads write to standard error meanwhile (progress, logs, the
logs of a program that embeds this one) appears when the call ends, and is lost if the call panics. Calls wait for each
other, as each would otherwise restore the descriptor of another.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from threading import Lock

STDERR_DESCRIPTOR = 2
_lock = Lock()


def is_panic(error: BaseException) -> bool:
    """Return True for a Rust panic, which arrives as an exception that is no ``Exception``."""
    return type(error).__name__ == "PanicException"


@contextlib.contextmanager
def captured_stderr() -> Iterator[None]:
    """Delay what is written to standard error until the block ends; drop it if the block panics."""
    with _lock:
        try:
            saved = os.dup(STDERR_DESCRIPTOR)
        except OSError:  # the process has no standard error
            yield
            return
        with tempfile.TemporaryFile() as capture:
            if sys.stderr is not None:
                sys.stderr.flush()
            os.dup2(capture.fileno(), STDERR_DESCRIPTOR)
            panicked = False
            try:
                yield
            except BaseException as error:
                panicked = is_panic(error)
                raise
            finally:
                os.dup2(saved, STDERR_DESCRIPTOR)
                os.close(saved)
                if not panicked and capture.tell():
                    capture.seek(0)
                    os.write(STDERR_DESCRIPTOR, capture.read())
