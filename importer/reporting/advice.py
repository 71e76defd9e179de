"""What the statuses mean, and what a person does next: the terminal and the page say the same."""

from __future__ import annotations

from importer.errors import ExitCode
from importer.model.status import NEEDS_REVIEW, Status
from importer.model.summary import Summary

MEANINGS = {
    Status.CREATED: "the vendor confirmed them",
    Status.UPDATED: "the vendor confirmed them",
    Status.ALREADY_DONE: "confirmed in an earlier run, not sent again",
    Status.DUPLICATE: "the same as an earlier row, not sent",
    Status.CHANGED: "sent before with other values, held back",
    Status.INVALID: "break the vendor's rules, not sent",
    Status.REJECTED: "the vendor refused them",
    Status.FAILED: "could not be sent, certainly not applied",
    Status.UNCERTAIN: "may or may not have been applied, never sent again by themselves",
    Status.NOT_ATTEMPTED: "not sent, because the run stopped before them",
    Status.VALID: "would be sent",
}


def verdict(summary: Summary) -> str:
    """How it ended, in one sentence."""
    counts = summary.counts
    need = sum(counts.get(status, 0) for status in NEEDS_REVIEW)
    uncertain = counts.get(Status.UNCERTAIN, 0)
    cases = (
        (not summary.rows, "The file has no rows below its header."),
        (summary.exit_code == ExitCode.INTERRUPTED, "The run was interrupted; it can be gone on with."),
        (uncertain, f"Of {_rows(uncertain)} nobody knows whether the vendor has them."),
        (
            summary.stopped or counts.get(Status.NOT_ATTEMPTED),
            "The run stopped early; it can be gone on with.",
        ),
        (need, f"{_rows(need)} of {summary.rows:,} {'needs' if need == 1 else 'need'} a person."),
        (summary.exit_code == ExitCode.NEEDS_REVIEW, "Some rows are in the file twice."),
        (summary.target is None, "A rehearsal: every row would be taken."),
    )
    return next((words for holds, words in cases if holds), "Every row is in.")


def next_steps(summary: Summary) -> list[str]:
    """What is left to do, most urgent first."""
    counts, steps = summary.counts, []
    if any(counts.get(status) for status in (Status.INVALID, Status.REJECTED, Status.CHANGED)):
        steps.append("Next: correct the filled cells in errors.xlsx and import that file.")
    if counts.get(Status.UNCERTAIN):
        steps.append(
            f"Uncertain rows are never sent again by themselves: contact-importer resolve {summary.run} settles them."
        )
    if counts.get(Status.NOT_ATTEMPTED) or counts.get(Status.FAILED):
        steps.append(
            f"To go on: contact-importer resume {summary.run} (or the same command again); what is done stays done."
        )
    if counts.get(Status.VALID) and not counts.get(Status.INVALID):
        steps.append("Next: say run instead of check.")
    return steps or ["Nothing is left to do."]


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
