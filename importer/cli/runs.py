"""``contact-importer runs``, ``runs show`` and ``runs prune``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.journal_option import JOURNAL
from importer.cli.output import echo, echo_json
from importer.cli.parameter_types import Duration

if TYPE_CHECKING:
    from importer.runs.history import StoredRun

_FOLDER = click.option("--state-dir", type=click.Path(path_type=Path), metavar="DIR", help="As for run.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def state_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where the runs are."""
    return _FOLDER(JOURNAL(command))


@click.group(invoke_without_command=True)
@state_options
@AS_JSON
@click.pass_context
def runs(ctx: click.Context, state_dir: Path | None, *, as_json: bool) -> None:
    """List the runs, the latest first, show one, or prune old ones."""
    if ctx.invoked_subcommand:
        return
    from importer.journal import RunState
    from importer.runs.history import list_runs

    found = list_runs(state_dir)
    if as_json:
        echo_json([_to_json(stored) for stored in found])
        return
    for stored in found:
        record = stored.record
        where = f"{record.vendor} {record.operation}"
        none_yet = "nothing yet" if record.state == RunState.RUNNING else "no reports yet; resume writes them"
        counts = ", ".join(f"{count:,} {status}" for status, count in record.counts.items() if count)
        echo(f"{record.id}  {record.state:<11} {where:<17} {record.file_name}: {counts or none_yet}")
    if not found:
        echo("There are no runs yet.")


@runs.command()
@click.argument("run")
@state_options
@AS_JSON
def show(run: str, state_dir: Path | None, *, as_json: bool) -> None:
    """Show RUN: its file, its counts, its reports, and how to resume it."""
    from importer.runs.history import show_run

    stored = show_run(run, state_dir)
    if as_json:
        echo_json(_to_json(stored))
        return
    record = stored.record
    facts = {
        "run": record.id,
        "state": record.state,
        "file": f"{record.file_name} (sha256 {record.file_sha256})",
        "to": f"{record.vendor} {record.operation} at {record.target.partition('#')[0]}",
        "began": _format_time(record.started),
        "ended": _format_time(record.ended) if record.ended else "–",
        "rows": f"{record.rows:,}",
        **{f"  {status}": f"{count:,}" for status, count in record.counts.items() if count},
        "reports": record.output if stored.has_reports else "deleted" if record.counts else "not written yet",
        "rows kept": "yes" if stored.has_rows else "no, pruned; what was sent is still known",
    }
    for name, text in facts.items():
        echo(f"{name:<16} {text}")
    if record.state in ("interrupted", "stopped"):
        echo(f"\nTo resume: contact-importer resume {record.id}")


@runs.command()
@click.option(
    "--older-than", type=Duration(), required=True, metavar="30d", help="Prune runs that ended longer ago than this."
)
@click.option("--unfinished", is_flag=True, help="Also prune runs that could be resumed or have uncertain rows.")
@state_options
def prune(older_than: float, state_dir: Path | None, *, unfinished: bool) -> None:
    """Delete the personal data of old runs.

    Deleted are rows, request bodies and reports. Kept is what prevents sending a row twice: digests of requests and
    contacts, the vendor's ids, times and counts.
    """
    from importer.runs.history import prune_runs

    pruned = prune_runs(state_dir, older_than, unfinished=unfinished)
    for run, reason in pruned.skipped:
        echo(f"kept {run}: {reason}")
    echo(f"pruned {len(pruned.runs)} runs, {pruned.freed / 1e6:,.1f} MB; what prevents sending a row twice is kept")


def _to_json(stored: StoredRun) -> dict[str, Any]:
    return asdict(stored.record) | {"has_rows": stored.has_rows, "has_reports": stored.has_reports}


def _format_time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"
