"""``expect`` of a job: by when a file should have come, and whether one did.

``expect = "daily by 06:00"``, ``"weekdays by 06:00"`` or ``"monday, thursday by 18:30"``, in the job's time zone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from filelock import FileLock

from importer.automation.inbox import MakeObserver
from importer.errors import SettingsError
from importer.files import make_private_folder, write_atomic
from importer.run_store.run_folder import state_folder
from importer.runs.notify import tell
from importer.settings import Settings

ARRIVALS = "arrivals.json"  # in the state folder: when the last file of each job came
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SETS = {"daily": range(7), "weekdays": range(5)}
_FORM = re.compile(r"^([a-z]+(?:\s*,\s*[a-z]+)*)\s+by\s+(\d{1,2}):(\d{2})$")


@dataclass(frozen=True, slots=True)
class Expectation:
    """The days of the week (Monday is 0) on which a file is expected, and the time by which it comes."""

    text: str
    days: frozenset[int]
    by: time
    zone: tzinfo

    def deadlines(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the last two deadlines that are over, the earlier one first."""
        local = now.astimezone(self.zone)
        over = (
            deadline
            for back in range(15)
            if (deadline := datetime.combine(local.date() - timedelta(days=back), self.by, self.zone)) <= now
            and deadline.weekday() in self.days
        )
        last = next(over)
        return next(over), last

    def missing(self, now: datetime, arrived: datetime | None) -> str:
        """Return that nothing came by the last deadline, or an empty text."""
        earlier, last = self.deadlines(now)
        if arrived is not None and arrived > earlier:
            return ""
        when = f"the last file came on {self.name(arrived)}" if arrived else "none came yet"
        return f"nothing came by {self.name(last)} (expect = {self.text!r}); {when}"

    def name(self, moment: datetime) -> str:
        """Return a time for people, such as ``November 26, 06:00``."""
        local = moment.astimezone(self.zone)
        return f"{local:%B} {local.day}, {local:%H:%M}"


def parse_expectation(text: str, timezone: str | None) -> Expectation:
    """Return the expectation that a text says, in a time zone; None is this computer's. Raises SettingsError."""
    found = _FORM.match(" ".join(text.lower().split()))
    names = [name.strip() for name in found[1].split(",")] if found else []
    days = {day for name in names for day in _SETS.get(name, (WEEKDAYS.index(name),) if name in WEEKDAYS else ())}
    unknown = [name for name in names if name not in _SETS and name not in WEEKDAYS]
    if not found or unknown or int(found[2]) > 23 or int(found[3]) > 59:
        raise SettingsError(
            f'expect = {text!r}: write "daily by 06:00", "weekdays by 06:00" or "monday, friday by 06:00"'
        )
    try:
        zone: tzinfo = ZoneInfo(timezone) if timezone else datetime.now().astimezone().tzinfo or UTC
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(f"expect: {timezone!r} is not a time zone") from error
    return Expectation(text, frozenset(days), time(int(found[2]), int(found[3])), zone)


def record_arrival(settings: Settings, job: str | None) -> None:
    """Remember that a file of a job came now."""
    if job is None:
        return
    path = state_folder(settings.state_dir) / ARRIVALS
    make_private_folder(path.parent)
    with FileLock(path.with_name(f"{ARRIVALS}.lock")):
        write_atomic(path, json.dumps(_read(path) | {job: datetime.now(UTC).isoformat(timespec="seconds")}))


def last_arrival(settings: Settings, job: str) -> datetime | None:
    """Return when the last file of a job came; None if none is known."""
    known = _read(state_folder(settings.state_dir) / ARRIVALS).get(job)
    try:
        return datetime.fromisoformat(known) if known else None
    except ValueError:
        return None


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class Reminder:
    """Says once for each deadline that nothing came, from ``since`` on."""

    def __init__(self, expectation: Expectation, settings: Settings, job: str, since: datetime) -> None:
        self._expectation = expectation
        self._settings = settings
        self._job = job
        self._told = since

    def due(self, now: datetime) -> str:
        """Return what is missing, if a deadline is over that was not told of."""
        _, last = self._expectation.deadlines(now)
        if last <= self._told:
            return ""
        self._told = now
        missing = self._expectation.missing(now, last_arrival(self._settings, self._job))
        return f"{self._job}: {missing}" if missing else ""


def make_reminder(expect: str | None, settings: Settings, job: str | None) -> Callable[[MakeObserver], None]:
    """Return a function that tells the observer, the webhook and by mail when a deadline passed without a file.

    Raises SettingsError for an ``expect`` that cannot be read.
    """
    if expect is None or job is None:
        return lambda _: None
    reminder = Reminder(parse_expectation(expect, settings.timezone), settings, job, datetime.now(UTC))

    def remind(make_observer: MakeObserver) -> None:
        if missing := reminder.due(datetime.now(UTC)):
            with make_observer() as observer:
                tell(settings, missing, observer)

    return remind
