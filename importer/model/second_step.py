"""The messages and advice for a contact whose second step, such as a tag or a place on a list, was not done.

The row keeps the status of its contact. Its code and message, and so a problem in errors.csv, say what is open.
"""

from __future__ import annotations

from dataclasses import dataclass

from importer.model.status import NextStep, Status

CODE_PREFIX = "second_step_"


@dataclass(frozen=True, slots=True)
class StepProblem:
    """A message, in which ``{step}`` is the operation and ``{why}`` the reason, and what to do about it.

    ``next_step`` is what a person does with the run or its errors.xlsx, if anything.
    """

    message: str
    advice: str
    next_step: NextStep | None = None


STEP_PROBLEMS = {
    Status.REJECTED: StepProblem(
        "the contact is there, but the vendor refused {step}: {why}",
        "correct what the vendor names and import the row again: only the second step is sent",
        NextStep.CORRECT,
    ),
    Status.FAILED: StepProblem(
        "the contact is there, but {step} could not be sent: {why}",
        "resume the run when the vendor can be reached: only the second step is sent",
        NextStep.RESUME,
    ),
    Status.UNCERTAIN: StepProblem(
        "the contact is there, but {step} may or may not have been applied: {why}",
        "look at the contact at the vendor: the second step is never sent again by itself",
    ),
    Status.NOT_ATTEMPTED: StepProblem(
        "the contact is there, but {step} was not sent: the run stopped before it",
        "resume the run",
        NextStep.RESUME,
    ),
}


STEPS_TO_CORRECT = [
    CODE_PREFIX + status for status, problem in STEP_PROBLEMS.items() if problem.next_step is NextStep.CORRECT
]


def step_code(status: Status) -> str:
    """Return the code of a second step that ended in a status."""
    return CODE_PREFIX + status


def step_problem(code: str | None) -> StepProblem | None:
    """Return the problem of a code; None for a code of anything else."""
    return STEP_PROBLEMS[Status(code.removeprefix(CODE_PREFIX))] if code and code.startswith(CODE_PREFIX) else None
