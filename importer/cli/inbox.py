"""``contact-importer inbox``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from importer.cli.options import import_options, settings_from
from importer.cli.settings_file_command import SettingsFileCommand
from importer.cli.startup import fast_imports
from importer.errors import ExitCode, SettingsError

ORDER = (
    ExitCode.INTERNAL,
    ExitCode.USAGE,
    ExitCode.INTERRUPTED,
    ExitCode.UNCERTAIN,
    ExitCode.STOPPED,
    ExitCode.NEEDS_REVIEW,
)
"""Exit codes, the highest concern first."""
AGAIN_SECONDS = 60.0
"""How long ``--watch`` waits before it goes on with a file that the vendor could not take."""


@click.command(cls=SettingsFileCommand)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--watch", is_flag=True, help="Stay, and import what is put there.")
@click.option(
    "--settle",
    type=click.FloatRange(min=0.0),
    default=2.0,
    show_default=True,
    metavar="S",
    help="Seconds without a change after which a file is complete.",
)
@import_options
@click.pass_context
def inbox(ctx: click.Context, /, folder: Path, *, watch: bool, settle: float, **chosen: Any) -> None:
    """Import every file in DIR, the oldest first; move it to done, attention or failed, its reports beside it.

    A file that was imported before, by its content, is moved and not sent. A file that the vendor cannot take now
    stays, and the next time goes on with it. Two of these at once do no harm: the second leaves all to the first.
    """
    if not folder.is_dir():
        raise SettingsError(f"{folder}: there is no such folder")
    settings = settings_from(ctx, chosen)
    with fast_imports():
        from importer.automation.inbox import alone, handle_all
        from importer.cli.observers import make_observer
        from importer.reporting import summary_json

    def go_through() -> list[int]:
        codes = []
        for handled in handle_all(folder, settings, settle, lambda: make_observer(chosen, ask=False)):
            codes.append(handled.exit_code)
            if chosen["as_json"] and handled.summary is not None:
                click.echo(json.dumps(summary_json(handled.summary), ensure_ascii=False))
            elif not chosen["quiet"]:
                click.echo(f"{handled.file.name} → {handled.now.relative_to(folder)}: {handled.words}")
        return codes

    with alone(folder) as mine:
        if not mine:
            click.echo(f"{folder}: another inbox is at work in it", err=True)
            ctx.exit(int(ExitCode.DONE))
        codes = go_through()
        if watch and ExitCode.INTERRUPTED not in codes:
            codes += _stay(folder, go_through)
    ctx.exit(int(next((code for code in ORDER if code in codes), ExitCode.DONE)))


def _stay(folder: Path, go_through: Callable[[], list[int]]) -> list[int]:
    """Go through the folder whenever something changes in it, and now and then, until somebody interrupts a run."""
    from watchfiles import watch as changes

    for _ in changes(folder, recursive=False, yield_on_timeout=True, rust_timeout=5_000):
        codes = go_through()
        if ExitCode.INTERRUPTED in codes:
            return codes
        if ExitCode.STOPPED in codes:
            time.sleep(AGAIN_SECONDS)  # the vendor is down, or refuses the key: asking at once again helps nobody
    return []
