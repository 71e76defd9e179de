"""``contact-importer demo``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.output import echo, link, style
from importer.errors import ExitCode

if TYPE_CHECKING:
    from importer.cli.demo_samples import DemoOutcome


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the reports.  [default: a new one here]",
)
@click.pass_context
def demo(ctx: click.Context, output: Path | None) -> None:
    """Import the sample files into a built-in copy of the APIs.

    Needs no key, no network and no settings.
    """
    from importer.cli.demo_samples import run_demo
    from importer.cli.observer import CliObserver

    folder = output or _unused_folder()
    failures, shown = 0, None
    echo("Importing the sample files into copies of the vendors' APIs on this machine:\n")
    for outcome in run_demo(folder, CliObserver()):
        echo(_describe(outcome))
        shown = shown or outcome.summary.outputs
        for failure in outcome.failures:
            failures += 1
            echo(style(f"NOT AS EXPECTED: {failure}", "red"))
    if shown:
        echo("\nA few rows of each file are wrong on purpose. Open next, of the first file:\n")
        echo(f"  {link(shown['report'])}   what became of every row, on one page")
        echo(f"  {link(shown['workbook'])}   the rows to fix, with the cells to correct in color")
        echo(f"\nThen your own file: {_program()} check FILE --vendor NAME. In the browser: {_program()} web")
    echo(f"The reports are in {folder}{'' if not failures else f'; {failures} results were not as expected'}")
    code: Any = ExitCode.INTERNAL if failures else ExitCode.DONE
    ctx.exit(int(code))


def _describe(outcome: DemoOutcome) -> str:
    """Return a line about a sample: its file, where it went, and how many rows ended how."""
    summary = outcome.summary
    counts = ", ".join(f"{count} {status}" for status, count in summary.counts.items() if count)
    to = f"{summary.vendor} {summary.operation}"
    return f"  {outcome.file:<27} → {to:<16} {summary.rows:>3} rows: {counts}"


def _program() -> str:
    """Return what to type to start the program: its name if it is on the path, else as it was started."""
    import shutil

    started = Path(sys.argv[0])
    is_module = started.name == "__main__.py"
    return "contact-importer" if is_module or shutil.which("contact-importer") else str(started)


def _unused_folder() -> Path:
    number = 1
    while (folder := Path(f"contact-importer-demo-{number}")).exists():
        number += 1
    return folder
