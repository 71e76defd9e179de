"""``contact-importer resume``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from importer.cli.options import reopening_options
from importer.cli.reopen import reopen_settings
from importer.cli.startup import fast_imports, import_sending


@click.command()
@click.argument("run", required=False)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder for the reports.  [default: the run's own]",
)
@reopening_options
@click.pass_context
def resume(ctx: click.Context, /, run: str | None, **chosen: Any) -> None:
    """Continue RUN, or the latest run that did not end. The input file is not needed.

    Rows that were sent are not sent again. The reports cover the whole file.
    """
    with fast_imports():
        import_sending()
        from importer.cli.observers import make_observer
        from importer.cli.summary_text import print_summary
        from importer.pipeline import resume_run

    run_id, settings = reopen_settings(run, chosen)
    with make_observer(chosen, ask=not chosen["yes"]) as observer:
        summary = resume_run(run_id, settings, observer)
    print_summary(summary, chosen)
    ctx.exit(int(summary.exit_code))
