"""Do the same with several files, one after the other, and sum up what became of each."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.error_handler import Declined
from importer.cli.output import echo, echo_json, one_line
from importer.cli.summary_text import print_summary
from importer.errors import ExitCode, FileError, ImporterError, MappingError, SettingsError
from importer.model.source_ref import SourceRef
from importer.model.status import Status
from importer.model.summary import Summary

if TYPE_CHECKING:
    from importer.settings import Settings

Work = Callable[["Path | str", "Settings"], Summary]
# The highest concern comes first.
BY_CONCERN = (
    ExitCode.INTERNAL,
    ExitCode.USAGE,
    ExitCode.INTERRUPTED,
    ExitCode.UNCERTAIN,
    ExitCode.STOPPED,
    ExitCode.NEEDS_REVIEW,
    ExitCode.DONE,
)
MAX_NAME_CHARS = 40
ENDS_ALL = (ExitCode.INTERNAL, ExitCode.INTERRUPTED, ExitCode.STOPPED)


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """The end of one file: its summary, or the reason why there is none. Without an exit code it was not started."""

    file: Path | str
    exit_code: ExitCode | None = None
    summary: Summary | None = None
    reason: str = ""

    def to_data(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints of the file."""
        from importer.reporting import summary_json

        if self.summary is not None:
            return summary_json(self.summary)
        code = None if self.exit_code is None else int(self.exit_code)
        return {"input": {"path": SourceRef.of(self.file).uri}, "exit_code": code, "error": self.reason}


def settings_by_file(files: Sequence[Path | str], settings: Settings) -> Iterator[tuple[Path | str, Settings]]:
    """Yield each file with its settings: of several, each gets a folder of its own in that of ``--output``."""
    used: set[str] = set()
    for file in files:
        stem = SourceRef.of(file).stem or "file"
        names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
        name = next(name for name in names if name.casefold() not in used)
        used.add(name.casefold())
        yield file, replace(settings, output=settings.output / name) if settings.output else settings


def do_each(files: Sequence[Path | str], settings: Settings, chosen: dict[str, Any], work: Work) -> ExitCode:
    """Do the work for each file, print its summary and at the end a summary of all; return the exit code.

    A file that cannot be read, or whose columns do not fit, does not keep the others from being imported, except with
    ``--on-invalid abort``. After a stop, an interrupt or an error that would meet every file, the rest is not started.
    """
    if chosen.get("metrics_file") is not None:
        raise SettingsError("--metrics-file holds the metrics of one file. Import one file at a time.")
    outcomes: list[FileOutcome] = []
    goes_on = True
    for file, own in settings_by_file(files, settings):
        if not goes_on:
            outcomes.append(FileOutcome(file, reason="Not started."))
            continue
        outcome, goes_on = _do_one(file, own, work)
        outcomes.append(outcome)
        if outcome.summary is not None and not chosen["as_json"]:
            print_summary(outcome.summary, chosen)
            if not chosen["quiet"]:
                echo()
        elif outcome.summary is None:
            echo(outcome.reason, err=True)
    if chosen["as_json"]:
        echo_json([outcome.to_data() for outcome in outcomes])
    elif not chosen["quiet"]:
        echo(overview(outcomes))
    codes = {outcome.exit_code for outcome in outcomes}
    return next(code for code in BY_CONCERN if code in codes)


def _do_one(file: Path | str, settings: Settings, work: Work) -> tuple[FileOutcome, bool]:
    """Return the outcome of a file, and True if the next one may start."""
    try:
        summary = work(file, settings)
    except (KeyboardInterrupt, click.Abort) as error:
        reason = "Nothing was sent." if isinstance(error, Declined) else "Interrupted."
        return FileOutcome(file, ExitCode.INTERRUPTED, reason=reason), False
    except (FileError, MappingError) as error:
        shown = SourceRef.of(file).uri
        reason = str(error) if shown in str(error) else f"{shown}: {error}"
        return FileOutcome(file, error.exit_code, reason=f"Error: {reason}"), settings.on_invalid != "abort"
    except ImporterError as error:
        return FileOutcome(file, error.exit_code, reason=f"Error: {error}"), False
    code = ExitCode(summary.exit_code)
    return FileOutcome(file, code, summary), code not in ENDS_ALL


def overview(outcomes: Sequence[FileOutcome]) -> str:
    """Return a line for each file and the totals."""
    names = [one_line(SourceRef.of(outcome.file).uri) for outcome in outcomes]
    width = min(max(map(len, names)), MAX_NAME_CHARS)
    lines = [f"{len(outcomes):,} files:"]
    for name, outcome in zip(names, outcomes, strict=True):
        shown = name if len(name) <= width else f"…{name[1 - width :]}"
        lines.append(f"  {shown:<{width}}  {_describe(outcome)}")
    totals = sum((Counter(outcome.summary.counts) for outcome in outcomes if outcome.summary), Counter[Status]())
    lines.append(f"  {'together':<{width}}  {_describe_counts(totals)}")
    return "\n".join(lines)


def _describe(outcome: FileOutcome) -> str:
    if outcome.summary is None:
        known = outcome.exit_code is None or outcome.exit_code is ExitCode.INTERRUPTED
        return outcome.reason if known else "not imported: see its message above"
    stopped = f"; stopped: {outcome.summary.stopped}" if outcome.summary.stopped else ""
    return one_line(_describe_counts(outcome.summary.counts) + stopped)


def _describe_counts(counts: Mapping[Status, int]) -> str:
    rows = sum(counts.values())
    named = ", ".join(f"{counts[status]:,} {status}" for status in Status if counts.get(status))
    return f"{rows:>9,} row{'' if rows == 1 else 's'}{': ' if named else ''}{named}"
