"""Asks a person at the terminal, who can always leave with Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

import click

from importer.cli.output import one_line


def ask_text(text: str, proposal: str) -> str:
    """Return what the person types; just Enter takes the proposal, if there is one. Raises click.Abort on Ctrl-C."""
    with _stopped_by_ctrl_c():
        answer: str = click.prompt(one_line(text), default=proposal or None, err=True)
    return answer.strip()


def ask_yes_or_no(text: str) -> bool:
    """Return whether the person agrees; just Enter means no. Raises click.Abort on Ctrl-C."""
    with _stopped_by_ctrl_c():
        return click.confirm(one_line(text), err=True)


@contextlib.contextmanager
def _stopped_by_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C interrupt the reading of a line. polars replaces the handler by one that lets it read on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
