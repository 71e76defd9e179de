"""Check that a run could start: contract, settings, key, host, clock, journal, disk space. Creates nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from importer.automation.expectation import last_arrival, parse_expectation
from importer.errors import ImporterError
from importer.journal import journal_exists, open_journal
from importer.run_store.run_folder import state_folder
from importer.runs.context import resolve_context
from importer.sending.connectivity import probe_host
from importer.sending.target import Target, key_warning
from importer.settings import Settings
from schemas.contract import Vendor

MAX_CLOCK_SKEW_SECONDS = 60.0
MIN_FREE_BYTES = 500_000_000  # a million rows take about that much while they are imported


class Level(StrEnum):
    """The outcome of a check."""

    OK = "good"
    WARN = "doubtful"  # a run would start, and may not end well
    ERROR = "bad"  # no run would start


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check with its outcome. The message says what to do where it is not OK."""

    name: str
    level: Level
    message: str


def run_checks(
    settings: Settings, key_origin: str, job: str | None = None, expect: str | None = None, *, practice: bool = False
) -> Iterator[CheckResult]:
    """Run every check in turn; a failed one does not keep the others from running.

    ``expect`` is what the job says of when its files come. With ``practice``, a run goes to a copy of the API.
    """
    try:
        context = resolve_context(settings)
    except ImporterError as error:
        yield CheckResult("contract", Level.ERROR, str(error))
        return
    vendor, operation = context.vendor, context.operation
    yield CheckResult("contract", Level.OK, f"{vendor.title}, {operation.name}, {len(operation.fields)} fields")
    try:
        target = None if practice else context.target
    except ImporterError as error:
        yield CheckResult("settings", Level.ERROR, str(error))
    else:
        yield from _check_target(vendor, settings, target, key_origin)
    yield from _check_state(state_folder(settings.state_dir))
    yield _check_space("reports", settings.output or Path())
    if job is not None and expect is not None:
        yield _check_arrival(settings, job, expect)


def _check_target(vendor: Vendor, settings: Settings, target: Target | None, key_origin: str) -> Iterator[CheckResult]:
    if target is None:
        text = "--sandbox: requests go to a copy of the API on this machine, and nothing reaches the vendor"
        yield CheckResult("settings", Level.WARN, text)
    else:
        yield CheckResult("settings", Level.OK, f"requests go to {target.base_url}")
        warning = key_warning(vendor, settings.api_key)
        found = f"there, from {key_origin}" if settings.api_key else "none, and none is required"
        yield CheckResult("key", Level.WARN if warning else Level.OK, warning or found)
        yield from _check_host(target)


def _check_arrival(settings: Settings, job: str, expect: str) -> CheckResult:
    try:
        expectation = parse_expectation(expect, settings.timezone)
    except ImporterError as error:
        return CheckResult("arrival", Level.ERROR, str(error))
    arrived = last_arrival(settings, job)
    missing = expectation.missing(datetime.now(UTC), arrived)
    if missing or arrived is None:
        return CheckResult("arrival", Level.WARN, missing or "no file has come yet")
    return CheckResult("arrival", Level.OK, f"the last file came on {expectation.name(arrived)}")


def _check_host(target: Target) -> Iterator[CheckResult]:
    base_url, reached = target.base_url, probe_host(target)
    if reached.failure:
        yield CheckResult("host", Level.ERROR, f"{base_url} cannot be reached ({reached.failure})")
        return
    yield CheckResult("host", Level.OK, f"{base_url} answers")
    if reached.ahead is None:
        yield CheckResult("clock", Level.WARN, "the host does not send its time")
    elif abs(reached.ahead) > MAX_CLOCK_SKEW_SECONDS:
        direction = "behind" if reached.ahead > 0 else "ahead of"
        message = f"this machine's clock is {abs(reached.ahead):,.0f} s {direction} the host's; set it"
        yield CheckResult("clock", Level.WARN, message)
    else:
        yield CheckResult("clock", Level.OK, f"{abs(reached.ahead):.0f} s from the host's")


def _check_state(folder: Path) -> Iterator[CheckResult]:
    try:
        exists = journal_exists(folder)
    except ImporterError as error:
        yield CheckResult("journal", Level.ERROR, str(error))
        return
    if not exists:
        yield CheckResult("journal", Level.OK, f"there is none in {folder} yet; the first run creates it")
    else:
        yield _check_journal(folder)
        if os.name == "posix" and folder.exists() and stat.S_IMODE(folder.stat().st_mode) & 0o077:
            message = f"other users can look into {folder}; run chmod 700 {folder}"
            yield CheckResult("privacy", Level.WARN, message)
    yield _check_space("state folder", folder)


def _check_journal(folder: Path) -> CheckResult:
    try:
        with contextlib.closing(open_journal(folder)) as journal:
            damage = journal.check_integrity()
            runs = 0 if damage else len(journal.list_runs())
    except ImporterError as error:
        return CheckResult("journal", Level.ERROR, str(error))
    if damage:
        return CheckResult("journal", Level.ERROR, f"is damaged: {damage}")
    return CheckResult("journal", Level.OK, f"{runs} runs in {journal.place}")


def _check_space(name: str, folder: Path) -> CheckResult:
    """Check that a folder, or the existing parent in which it would be created, is writable and has room."""
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not os.access(existing, os.W_OK):
        return CheckResult(name, Level.ERROR, f"{existing} cannot be written")
    free = shutil.disk_usage(existing).free
    message = f"{free / 1e9:,.1f} GB free at {existing}"
    return CheckResult(name, Level.WARN if free < MIN_FREE_BYTES else Level.OK, message)
