"""``expect`` of a job: a file that did not come by its time is said once, by doctor and by a watched folder."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from importer import Settings
from importer.automation.expectation import Reminder, last_arrival, parse_expectation, record_arrival
from importer.errors import SettingsError

PARIS = "Europe/Paris"
# A Thursday; 06:00 in Paris is 05:00 UTC in winter.
THURSDAY = datetime(2026, 11, 26, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "arrived", "missing"),
    [
        ("daily by 06:00", THURSDAY - timedelta(hours=2), False),
        ("daily by 06:00", THURSDAY - timedelta(hours=30), True),
        ("daily by 06:00", None, True),
        ("Daily  by 6:00", THURSDAY - timedelta(hours=30), True),
        ("daily by 07:00", THURSDAY - timedelta(hours=30), False),  # today's is still to come
        ("monday, tuesday by 06:00", THURSDAY - timedelta(days=2, hours=1), False),  # on Tuesday
        ("monday, tuesday by 06:00", THURSDAY - timedelta(days=4), True),  # on Sunday
        ("monday by 06:00", THURSDAY - timedelta(days=9), False),  # since the Monday before the last
        ("monday by 06:00", THURSDAY - timedelta(days=11), True),
    ],
)
def test_a_file_is_missing_if_none_came_between_the_last_two_deadlines(
    text: str, arrived: datetime | None, *, missing: bool
) -> None:
    assert bool(parse_expectation(text, PARIS).missing(THURSDAY, arrived)) is missing


def test_the_message_has_the_times_of_the_job_and_the_change_of_clocks_is_kept() -> None:
    expected = parse_expectation("daily by 06:00", PARIS)
    summer = datetime(2026, 10, 25, 4, 59, tzinfo=UTC)  # the night in which clocks go back: 06:00 is 05:00 UTC now

    assert expected.deadlines(summer)[1] == datetime(2026, 10, 24, 4, 0, tzinfo=UTC)
    assert expected.missing(THURSDAY, datetime(2026, 11, 24, 20, 15, tzinfo=UTC)) == (
        "nothing came by November 26, 06:00 (expect = 'daily by 06:00'); the last file came on November 24, 21:15"
    )


@pytest.mark.parametrize("text", ["", "06:00", "daily", "daily by 25:00", "sometimes by 06:00", "daily at 06:00"])
def test_what_cannot_be_read_is_said_with_what_can(text: str) -> None:
    with pytest.raises(SettingsError, match="daily by 06:00"):
        parse_expectation(text, None)


def test_a_deadline_is_told_of_once_and_none_from_before_the_watch(tmp_path: Path) -> None:
    settings = Settings("iclosed", state_dir=tmp_path)
    reminder = Reminder(parse_expectation("daily by 06:00", PARIS), settings, "nightly", THURSDAY)
    tomorrow = THURSDAY + timedelta(days=1)

    told = [reminder.due(moment) for moment in (THURSDAY, tomorrow, tomorrow + timedelta(minutes=1))]
    record_arrival(settings, "nightly")

    assert told == [
        "",
        "nightly: nothing came by November 27, 06:00 (expect = 'daily by 06:00'); none came yet",
        "",
    ]
    assert last_arrival(settings, "another") is None
    known = last_arrival(settings, "nightly")
    assert known is not None
    assert abs((datetime.now(UTC) - known).total_seconds()) < 60


def test_doctor_says_what_did_not_come_and_a_run_of_the_job_counts(tmp_path: Path, sandbox: str) -> None:
    (tmp_path / "people.csv").write_text("Email\nana@example.com\n", encoding="utf-8")
    (tmp_path / "importer.toml").write_text(
        f'[jobs.nightly]\nvendor = "iclosed"\nbase_url = "{sandbox}/iclosed"\nstate-dir = "state"\n'
        'timezone = "UTC"\nexpect = "daily by 00:00"\n'
    )

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "importer", *words, "--job", "nightly"],
            cwd=tmp_path, env={**os.environ, "ICLOSED_API_KEY": "iclosed-k"}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    before, imported, after = call("doctor"), call("run", "people.csv", "--output", "out"), call("doctor")

    assert imported.returncode == 0, imported.stderr
    assert "nothing came by" in before.stdout
    assert "none came yet" in before.stdout
    assert (before.returncode, after.returncode) == (0, 0)
    assert "arrival       the last file came on" in after.stdout
