"""The verdict on a run and its next steps, the same on the terminal and in report.html."""

from __future__ import annotations

from importer.errors import ExitCode
from importer.model.comparison import Difference
from importer.model.second_step import StepProblem, step_problem
from importer.model.status import NEEDS_REVIEW, NextStep, Status
from importer.model.summary import Summary

DELETION = "delete"  # the name of the operation that deletes contacts, in every contract


def verdict(summary: Summary) -> str:
    """Return how the run ended, in one sentence."""
    counts = summary.counts
    need = sum(counts.get(status, 0) for status in NEEDS_REVIEW)
    uncertain = counts.get(Status.UNCERTAIN, 0)
    open_steps = sum(_open_steps(summary).values())
    cases = (
        (not summary.rows, "The file has no rows below its header."),
        (summary.target is None and summary.stopped, "The check stopped before every row was looked up."),
        (summary.exit_code == ExitCode.INTERRUPTED and summary.practice, "The practice run was interrupted."),
        (summary.exit_code == ExitCode.INTERRUPTED, "The run was interrupted. Resume it to continue."),
        (summary.found_no_api, "The run stopped early: no API answered at this address."),
        (uncertain, _uncertain(uncertain, "deleted" if _deletes(summary) else "created")),
        (summary.stopped or counts.get(Status.NOT_ATTEMPTED), "The run stopped early. Resume it to continue."),
        (not need and open_steps, f"{_progress(summary)}; the second step of {open_steps:,} is open."),
        (need, f"{_progress(summary)}; {need:,} {'needs' if need == 1 else 'need'} attention."),
        (summary.exit_code == ExitCode.NEEDS_REVIEW, "Some rows are in the file twice."),
        (_finished(summary) == summary.rows, f"{_progress(summary)}."),
    )
    return next((text for holds, text in cases if holds), f"{_progress(summary)}; nothing needs attention.")


def _open_steps(summary: Summary) -> dict[StepProblem, int]:
    """Return how many contacts have a second step that was not done, by what became of it."""
    known = ((step_problem(code), count) for code, count in summary.problems.items())
    return {problem: count for problem, count in known if problem}


def _uncertain(count: int, done: str) -> str:
    be, it = ("is", "it") if count == 1 else ("are", "them")
    return f"{_rows(count)} {be} uncertain: the vendor may or may not have {done} {it}."


def _deletes(summary: Summary) -> bool:
    """Return True for the run that undoes another one."""
    return summary.operation == DELETION


def _finished(summary: Summary) -> int:
    """Return how many rows are imported, or of a check how many are ready."""
    imported = (Status.CREATED, Status.UPDATED, Status.ALREADY_DONE, Status.DELETED)
    done = (Status.VALID,) if summary.target is None else imported
    return sum(summary.counts.get(status, 0) for status in done)


def _progress(summary: Summary) -> str:
    done = _finished(summary)
    what = "deleted" if summary.counts.get(Status.DELETED) else "imported"
    what = "ready to send" if summary.target is None else what
    if done == summary.rows:
        return f"All {done:,} rows are {what}" if done > 1 else f"The row is {what}"
    return f"{done:,} of {_rows(summary.rows)} {'is' if done == 1 else 'are'} {what}"


def next_steps(summary: Summary) -> list[str]:
    """Return the next steps, the most urgent first."""
    if summary.target is None and summary.stopped:
        return ["Next: say check again when the vendor can be reached."]
    counts, steps = summary.counts, []
    wanted = {status.info.next_step for status, count in counts.items() if count}
    ready = counts.get(Status.VALID, 0)
    if ready:
        steps.append(_run_step(summary, ready))
    found = summary.comparison.counts if summary.comparison and not summary.match else {}
    if there := found.get(Difference.UPDATE, 0) + found.get(Difference.EXISTS, 0):
        steps.append(
            f"The vendor has the contacts of {_rows(there)} already, and run creates them again: --match skip-existing "
            "leaves them as they are, --match update-existing updates them."
        )
    open_steps = _open_steps(summary)
    wanted |= {problem.next_step for problem in open_steps}
    if NextStep.CORRECT in wanted:
        steps.append(f"{'Then' if ready else 'Next'}: correct the colored cells in errors.xlsx and import that file.")
    if summary.unsent:
        steps.append(f"Not sent yet: {summary.unsent}.")
    if _deletes(summary) and {NextStep.RESOLVE, NextStep.RESUME} & wanted:
        return [*steps, "To continue: write the same undo command again. Deleting a contact twice does no harm."]
    if NextStep.RESOLVE in wanted:
        steps.append(_how_to_resolve(summary))
    if NextStep.RESUME in wanted:
        steps.append(_how_to_resume(summary))
    return steps or ["Nothing is left to do."]


def _run_step(summary: Summary, ready: int) -> str:
    """Return the step after a check of a file with rows that are ready, naming those that stay behind."""
    need = sum(summary.counts.get(status, 0) for status in NEEDS_REVIEW)
    if not need:
        return "Next: write run instead of check."
    return (
        f"Next: run {summary.input['path']} sends the {_rows(ready)} that {'is' if ready == 1 else 'are'} ready; "
        f"{_rows(need)} {'stays' if need == 1 else 'stay'} behind, in errors.xlsx."
    )


def _how_to_resume(summary: Summary) -> str:
    if summary.found_no_api:
        return "Next: run the file again with the right --base-url. A resume would go to the same address."
    if summary.practice:
        return "To practice again: the same command. The copy of the API ended with this run."
    return f"To continue: contact-importer resume {summary.run}, or the same command again. No row is sent twice."


def _how_to_resolve(summary: Summary) -> str:
    """Return how uncertain rows are resolved: by asking where the vendor documents it, else by a person alone."""
    never = "Uncertain rows are never sent again by themselves."
    command = f"contact-importer resolve {summary.run}"
    marks = "--mark created=ID ROW, or --mark absent ROW"
    if summary.can_ask:
        return f"{never} {command} asks the vendor about them. For what stays uncertain, add what you found: {marks}."
    return (
        f"{never} {summary.title or 'The vendor'} cannot be asked: look there for each contact, then {command} {marks}."
    )


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
