"""Whether a run would find what it needs: settings, key, host, clock, disk, journal. Creates nothing at the vendor."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from importer.errors import ImporterError
from importer.journal import open_journal
from importer.journal.sqlite import FILE_NAME
from importer.run_store.run_folder import state_folder
from importer.runs.prepare import find_operation
from importer.sending.connectivity import probe_host
from importer.sending.target import find_target, key_warning
from importer.settings import Settings

SKEW_SECONDS = 60.0
LITTLE_ROOM = 500_000_000
"""Bytes; a million rows take about that much while they are imported."""


class Health(StrEnum):
    """How something is."""

    GOOD = "good"
    DOUBTFUL = "doubtful"  # a run would begin, and may not end well
    BAD = "bad"  # no run would begin


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do about it where it is not good."""

    name: str
    health: Health
    words: str


def run_checks(settings: Settings, key_from: str) -> Iterator[Finding]:
    """Look at everything in turn; a failure of one thing does not keep the others from being looked at."""
    try:
        vendor, operation = find_operation(settings)
    except ImporterError as error:
        yield Finding("contract", Health.BAD, str(error))
        return
    yield Finding("contract", Health.GOOD, f"{vendor.title}, {operation.name}, {len(operation.fields)} fields")
    try:
        target = find_target(vendor, settings.base_url, settings.api_key)
    except ImporterError as error:
        yield Finding("settings", Health.BAD, str(error))
    else:
        yield Finding("settings", Health.GOOD, f"requests go to {target.base_url}")
        warning = key_warning(vendor, settings.api_key)
        had = f"there, from {key_from}" if settings.api_key else "none, and none is required"
        yield Finding("key", Health.DOUBTFUL if warning else Health.GOOD, warning or had)
        yield from _host(target.base_url)
    yield from _state(state_folder(settings.state_dir))
    yield _room("reports", settings.output or Path())


def _host(base_url: str) -> Iterator[Finding]:
    reached = probe_host(base_url)
    if reached.failure:
        yield Finding("host", Health.BAD, f"{base_url} cannot be reached ({reached.failure})")
        return
    yield Finding("host", Health.GOOD, f"{base_url} answers")
    if reached.ahead is None:
        yield Finding("clock", Health.DOUBTFUL, "the host does not say what time it is there")
    elif abs(reached.ahead) > SKEW_SECONDS:
        where = "behind" if reached.ahead > 0 else "ahead of"
        words = f"this machine's clock is {abs(reached.ahead):,.0f} s {where} the host's; set it"
        yield Finding("clock", Health.DOUBTFUL, words)
    else:
        yield Finding("clock", Health.GOOD, f"{abs(reached.ahead):.0f} s from the host's")


def _state(folder: Path) -> Iterator[Finding]:
    if not (folder / FILE_NAME).exists():
        yield Finding("journal", Health.GOOD, f"there is none in {folder} yet; the first run makes it")
    else:
        try:
            journal = open_journal(folder)
        except ImporterError as error:
            yield Finding("journal", Health.BAD, str(error))
        else:
            wrong, runs = journal.integrity(), len(journal.runs())
            journal.close()
            good = f"{runs} runs in {folder}"
            yield Finding("journal", Health.BAD if wrong else Health.GOOD, f"is damaged: {wrong}" if wrong else good)
        if os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) & 0o077:
            yield Finding("privacy", Health.DOUBTFUL, f"others can look into {folder}; chmod 700 {folder}")
    yield _room("state folder", folder)


def _room(name: str, folder: Path) -> Finding:
    """Whether a folder, or the one that it would be made in, can be written and has room."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not os.access(there, os.W_OK):
        return Finding(name, Health.BAD, f"{there} cannot be written")
    free = shutil.disk_usage(there).free
    words = f"{free / 1e9:,.1f} GB free at {there}"
    return Finding(name, Health.DOUBTFUL if free < LITTLE_ROOM else Health.GOOD, words)
