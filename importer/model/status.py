"""The status in which a row ends, with everything that depends on it alone.

To add a status, add a member. Its texts are marked for the web app's catalogue; what the reports, the terminal and
the web app show of it, and the exit code that it causes, come from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

from importer.errors import ExitCode
from importer.model.catalogue import N_, numbered


class NextStep(StrEnum):
    """What a person does with rows of a status."""

    CORRECT = "correct"  # in errors.xlsx, which is then imported
    RESOLVE = "resolve"  # find out whether the vendor has them
    RESUME = "resume"  # the same run, which sends them


@dataclass(frozen=True, slots=True)
class StatusInfo:
    """What is known of a status.

    ``meaning`` continues "N rows:", ``advice`` is the hint of such a row in errors.csv (rows without one are listed
    only where they have problems of their own). ``sent_as`` is how a sent row counts in the timeline. Colours are those
    of report.html; ``dark_colour`` is for dark screens, where another one is needed.
    """

    label: str
    meaning: str
    colour: str
    dark_colour: str = ""
    advice: str = ""
    exit_code: ExitCode = ExitCode.DONE
    sent_as: Literal["done", "refused", "uncertain"] | None = None
    next_step: NextStep | None = None
    is_good: bool = False


_NO_INFO = StatusInfo("", "", "")


class Status(StrEnum):
    """The status in which a row ends. ``VALID`` exists in a check only."""

    info: StatusInfo

    def __new__(cls, name: str, info: StatusInfo = _NO_INFO) -> Self:  # a look-up by value passes no info
        """Make a member whose value is the name alone."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.info = info
        return member

    # The vendor confirmed it; its id is known.
    CREATED = (
        "created",
        StatusInfo(
            label=numbered("created"),
            meaning=N_("the vendor confirmed them"),
            colour="#2e9e63",
            sent_as="done",
            is_good=True,
        ),
    )
    # The same, for an operation that changes a contact.
    UPDATED = (
        "updated",
        StatusInfo(
            label=numbered("updated"),
            meaning=N_("the vendor confirmed them"),
            colour="#2e9e63",
            sent_as="done",
            is_good=True,
        ),
    )
    # The contact is no longer at the vendor: undo deleted it.
    DELETED = (
        "deleted",
        StatusInfo(
            label=numbered("deleted"),
            meaning=N_("the vendor confirmed that they are deleted"),
            colour="#5f6b80",
            dark_colour="#8591a7",
            sent_as="done",
            is_good=True,
        ),
    )
    # The same delivery was confirmed in an earlier run; not sent again.
    ALREADY_DONE = (
        "already_done",
        StatusInfo(
            label=numbered("already done"),
            meaning=N_("confirmed in an earlier run, not sent again"),
            colour="#7cb89a",
        ),
    )
    # A look-up found this contact at the vendor, and there was nothing to change; not sent.
    EXISTS = (
        "exists",
        StatusInfo(
            label=numbered("exists"),
            meaning=N_("the vendor has them already, not sent"),
            colour="#5b9bb0",
            dark_colour="#6fb0c5",
        ),
    )
    # The same body as an earlier row of this file; not sent.
    DUPLICATE = (
        "duplicate",
        StatusInfo(
            label=numbered("duplicate"),
            meaning=N_("the same as an earlier row, not sent"),
            colour="#9aa3b2",
            dark_colour="#737d8f",
        ),
    )
    # No record of the file (a repeated header, a total), left out on purpose, or on a suppression list; not sent.
    SKIPPED = (
        "skipped",
        StatusInfo(
            label=numbered("skipped"),
            meaning=N_("not to be sent; result.csv says why"),
            colour="#b9b3a4",
            dark_colour="#6f6a5e",
        ),
    )
    # This contact was confirmed in an earlier run with other values; not sent.
    CHANGED = (
        "changed",
        StatusInfo(
            label=numbered("changed"),
            meaning=N_("sent before with other values, not sent again"),
            colour="#8a63c9",
            dark_colour="#a585dd",
            advice="compare it with the contact that exists; --update-changed updates that one where the vendor "
            "documents how, --send-changed creates a second contact",
            exit_code=ExitCode.NEEDS_REVIEW,
            next_step=NextStep.CORRECT,
        ),
    )
    # A look-up cannot tell which contact of the vendor, or which row of the file, is meant; never touched.
    AMBIGUOUS = (
        "ambiguous",
        StatusInfo(
            label=numbered("ambiguous"),
            meaning=N_("several contacts or rows may be meant, not touched"),
            colour="#b0752f",
            dark_colour="#cf9350",
            advice="leave one of the contacts or rows, or match by a field that tells them apart (--match-by)",
            exit_code=ExitCode.NEEDS_REVIEW,
            next_step=NextStep.CORRECT,
        ),
    )
    # Breaks the documented contract; never sent.
    INVALID = (
        "invalid",
        StatusInfo(
            label=numbered("invalid"),
            meaning=N_("break the vendor's rules, not sent"),
            colour="#d9483b",
            exit_code=ExitCode.NEEDS_REVIEW,
            next_step=NextStep.CORRECT,
        ),
    )
    # The vendor refused this row.
    REJECTED = (
        "rejected",
        StatusInfo(
            label=numbered("rejected"),
            meaning=N_("the vendor refused them"),
            colour="#a8322a",
            dark_colour="#c94a41",
            advice="correct what the vendor names and send the row again",
            exit_code=ExitCode.NEEDS_REVIEW,
            sent_as="refused",
            next_step=NextStep.CORRECT,
        ),
    )
    # Certainly not applied, tries exhausted.
    FAILED = (
        "failed",
        StatusInfo(
            label=numbered("failed"),
            meaning=N_("could not be sent, certainly not applied"),
            colour="#c96f2b",
            advice="nothing was applied; send the row again when the vendor can be reached",
            exit_code=ExitCode.NEEDS_REVIEW,
            sent_as="refused",
            next_step=NextStep.RESUME,
        ),
    )
    # May or may not have been applied; never sent again by itself.
    UNCERTAIN = (
        "uncertain",
        StatusInfo(
            label=numbered("uncertain"),
            meaning=N_("may or may not have been applied, never sent again by themselves"),
            colour="#e0a100",
            advice="check the vendor's list of contacts before you send it again",
            exit_code=ExitCode.UNCERTAIN,
            sent_as="uncertain",
            next_step=NextStep.RESOLVE,
        ),
    )
    # The run stopped before it.
    NOT_ATTEMPTED = (
        "not_attempted",
        StatusInfo(
            label=numbered("not attempted"),
            meaning=N_("not sent, because the run stopped before them"),
            colour="#5f6b80",
            dark_colour="#8591a7",
            exit_code=ExitCode.STOPPED,
            next_step=NextStep.RESUME,
        ),
    )
    # Would be sent.
    VALID = (
        "valid",
        StatusInfo(label=numbered("ready to send"), meaning=N_("would be sent"), colour="#2e9e63", is_good=True),
    )


RUN_STATUSES = tuple(status for status in Status if status is not Status.VALID)
# Their rows go into errors.xlsx, and they end a run with exit code 3.
NEEDS_REVIEW = tuple(status for status in Status if status.info.exit_code is ExitCode.NEEDS_REVIEW)
# The highest concern wins.
_BY_CONCERN = (ExitCode.UNCERTAIN, ExitCode.STOPPED, ExitCode.NEEDS_REVIEW)


def exit_code(
    counts: Mapping[Status, int], *, stopped: bool, duplicates_are_errors: bool, has_open_steps: bool = False
) -> ExitCode:
    """Return the exit code that these counts cause (an interrupt, code 130, wins over all of them).

    ``has_open_steps`` is True if second steps of contacts were not done.
    """
    caused = {status.info.exit_code for status, count in counts.items() if count}
    if has_open_steps:
        caused.add(ExitCode.NEEDS_REVIEW)
    if stopped:
        caused.add(ExitCode.STOPPED)
    if duplicates_are_errors and counts.get(Status.DUPLICATE):
        caused.add(ExitCode.NEEDS_REVIEW)
    return next((code for code in _BY_CONCERN if code in caused), ExitCode.DONE)


def confirmed_status(method: str, *, repeatable: bool) -> Status:
    """Return the status of a row whose request the vendor confirmed, by the request's method."""
    if method == "DELETE":
        return Status.DELETED
    return Status.UPDATED if repeatable else Status.CREATED
