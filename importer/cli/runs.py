"""``contact-importer runs``, ``runs show`` and ``runs prune``."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from importer.runs.history import StoredRun

STATE_DIR = click.option("--state-dir", type=click.Path(path_type=Path), metavar="DIR", help="As for run.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class Age(click.ParamType[float]):
    """``30d``, ``12h``, ``2w`` → seconds."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse the text, or fail with an example."""
        if isinstance(value, float):
            return value
        found = re.fullmatch(r"(\d+)([smhdw])", str(value))
        if not found:
            self.fail(f"{value!r} is not an age such as 30d, 12h or 2w", param, ctx)
        return float(found[1]) * UNITS[found[2]]


@click.group(invoke_without_command=True)
@STATE_DIR
@AS_JSON
@click.pass_context
def runs(ctx: click.Context, state_dir: Path | None, *, as_json: bool) -> None:
    """List the runs, the latest first; show one; prune old ones."""
    if ctx.invoked_subcommand:
        return
    from importer.runs.history import list_runs

    found = list_runs(state_dir)
    if as_json:
        click.echo(json.dumps([_as_data(kept) for kept in found], ensure_ascii=False))
        return
    for kept in found:
        record = kept.record
        where = f"{record.vendor} {record.operation}"
        counts = ", ".join(f"{count:,} {status}" for status, count in record.counts.items() if count)
        click.echo(f"{record.id}  {record.state:<11} {where:<17} {record.file_name}: {counts or 'nothing yet'}")
    if not found:
        click.echo("There are no runs yet.")


@runs.command()
@click.argument("run")
@STATE_DIR
@AS_JSON
def show(run: str, state_dir: Path | None, *, as_json: bool) -> None:
    """What is known of RUN: its file, its counts, where its reports are, how it can go on."""
    from importer.runs.history import show_run

    kept = show_run(run, state_dir)
    if as_json:
        click.echo(json.dumps(_as_data(kept), ensure_ascii=False))
        return
    record = kept.record
    facts = {
        "run": record.id,
        "state": record.state,
        "file": f"{record.file_name} (sha256 {record.file_sha256})",
        "to": f"{record.vendor} {record.operation} at {record.target.partition('#')[0]}",
        "began": _moment(record.started),
        "ended": _moment(record.ended) if record.ended else "–",
        "rows": f"{record.rows:,}",
        **{f"  {status}": f"{count:,}" for status, count in record.counts.items() if count},
        "reports": record.output if kept.has_reports else "are not there any more",
        "its rows": "are kept" if kept.has_rows else "were pruned; what was sent is still known",
    }
    for name, text in facts.items():
        click.echo(f"{name:<16} {text}")
    if record.state in ("interrupted", "stopped"):
        click.echo(f"\nTo go on: contact-importer resume {record.id}")


@runs.command()
@click.option("--older-than", type=Age(), required=True, metavar="30d", help="Runs that ended before so long.")
@click.option("--unfinished", is_flag=True, help="Those, too, that could be resumed or have uncertain rows.")
@STATE_DIR
def prune(older_than: float, state_dir: Path | None, *, unfinished: bool) -> None:
    """Delete the rows, request bodies and reports of old runs: personal data goes.

    What is needed to never send a row twice stays: digests of requests and contacts, the vendor's ids, times, counts.
    """
    from importer.runs.history import prune_runs

    done = prune_runs(state_dir, older_than, unfinished=unfinished)
    for run, why in done.skipped:
        click.echo(f"left {run}: {why}")
    click.echo(
        f"pruned {len(done.runs)} runs, {done.freed / 1e6:,.1f} MB; what is needed to never send a row twice stays"
    )


def _as_data(kept: StoredRun) -> dict[str, Any]:
    return asdict(kept.record) | {"has_rows": kept.has_rows, "has_reports": kept.has_reports}


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"
