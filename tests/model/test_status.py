"""A status is described once; exit codes and next steps follow from its description."""

from __future__ import annotations

import json
import pickle

import pytest

from importer.errors import ExitCode
from importer.model.status import NEEDS_REVIEW, RUN_STATUSES, Status, exit_code


def test_a_status_is_its_name() -> None:
    assert Status("created") is Status.CREATED
    assert json.dumps({Status.CREATED: Status.VALID}) == '{"created": "valid"}'
    assert pickle.loads(pickle.dumps(Status.UNCERTAIN)) is Status.UNCERTAIN


def test_a_run_ends_in_every_status_but_that_of_a_check() -> None:
    assert set(Status) - set(RUN_STATUSES) == {Status.VALID}
    assert set(NEEDS_REVIEW) == {
        Status.CHANGED,
        Status.AMBIGUOUS,
        Status.INVALID,
        Status.REJECTED,
        Status.FAILED,
    }


@pytest.mark.parametrize("status", Status)
def test_every_status_is_described(status: Status) -> None:
    assert status.info.label
    assert status.info.meaning
    assert status.info.colour.startswith("#")


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({Status.CREATED: 1, Status.DUPLICATE: 2, Status.INVALID: 0}, ExitCode.DONE),
        ({Status.CREATED: 1, Status.INVALID: 1}, ExitCode.NEEDS_REVIEW),
        ({Status.INVALID: 1, Status.NOT_ATTEMPTED: 1}, ExitCode.STOPPED),
        ({Status.INVALID: 1, Status.NOT_ATTEMPTED: 1, Status.UNCERTAIN: 1}, ExitCode.UNCERTAIN),
    ],
)
def test_the_highest_concern_decides_the_exit_code(counts: dict[Status, int], code: ExitCode) -> None:
    assert exit_code(counts, stopped=False, duplicates_are_errors=False) == code
    assert exit_code(counts, stopped=True, duplicates_are_errors=False) == max(code, ExitCode.STOPPED)


def test_duplicates_count_only_where_they_are_errors() -> None:
    counts = {Status.DUPLICATE: 1}

    assert exit_code(counts, stopped=False, duplicates_are_errors=False) is ExitCode.DONE
    assert exit_code(counts, stopped=False, duplicates_are_errors=True) is ExitCode.NEEDS_REVIEW
