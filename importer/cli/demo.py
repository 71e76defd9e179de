"""``contact-importer demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from importer.cli.output import echo, style
from importer.errors import ExitCode


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the reports.  [default: a new one here]",
)
@click.pass_context
def demo(ctx: click.Context, output: Path | None) -> None:
    """Import every sample file into a built-in copy of the APIs: no key, no network, no configuration."""
    from importer.cli.demo_samples import run_demo
    from importer.cli.observer import CliObserver
    from importer.cli.summary_text import summary_text

    folder = output or _unused_folder()
    failures = 0
    for outcome in run_demo(folder, CliObserver()):
        echo(style(f"── {outcome.file} ".ljust(78, "─"), "bold"))
        echo(summary_text(outcome.summary))
        for failure in outcome.failures:
            failures += 1
            echo(style(f"NOT AS EXPECTED: {failure}", "red"))
        echo()
    echo(f"The reports are in {folder}{'' if not failures else f'; {failures} results were not as expected'}")
    code: Any = ExitCode.INTERNAL if failures else ExitCode.DONE
    ctx.exit(int(code))


def _unused_folder() -> Path:
    number = 1
    while (folder := Path(f"contact-importer-demo-{number}")).exists():
        number += 1
    return folder
