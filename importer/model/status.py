"""The status in which a row ends, and the exit code that the counts cause."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from importer.errors import ExitCode


class Status(StrEnum):
    """Where a row ends. ``VALID`` exists in a check only."""

    CREATED = "created"  # the vendor confirmed it; its id is known
    UPDATED = "updated"  # the same, for an operation that changes a contact
    ALREADY_DONE = "already_done"  # the same delivery was confirmed in an earlier run; not sent again
    DUPLICATE = "duplicate"  # the same body as an earlier row of this file; not sent
    CHANGED = "changed"  # this contact was confirmed in an earlier run with other values; held back
    INVALID = "invalid"  # breaks the documented contract; never sent
    REJECTED = "rejected"  # the vendor refused this row
    FAILED = "failed"  # certainly not applied, tries exhausted
    UNCERTAIN = "uncertain"  # may or may not have been applied; never sent again by itself
    NOT_ATTEMPTED = "not_attempted"  # the run stopped before it
    VALID = "valid"  # would be sent


RUN_STATUSES = tuple(status for status in Status if status is not Status.VALID)


NEEDS_REVIEW = (Status.CHANGED, Status.INVALID, Status.REJECTED, Status.FAILED)
"""The statuses whose rows go into errors.xlsx, and that end a run with exit code 3."""


def exit_code(counts: Mapping[Status, int], *, stopped: bool, duplicates_are_errors: bool) -> ExitCode:
    """The exit code that these counts cause (an interrupt, code 130, wins over all of them)."""
    if counts.get(Status.UNCERTAIN):
        return ExitCode.UNCERTAIN
    if stopped or counts.get(Status.NOT_ATTEMPTED):
        return ExitCode.STOPPED
    if any(counts.get(status) for status in NEEDS_REVIEW):
        return ExitCode.NEEDS_REVIEW
    if duplicates_are_errors and counts.get(Status.DUPLICATE):
        return ExitCode.NEEDS_REVIEW
    return ExitCode.DONE
