"""``contact-importer check``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from importer.cli.options import import_options
from importer.cli.run_settings import build_settings
from importer.cli.settings_file_command import SettingsFileCommand
from importer.cli.startup import fast_imports


@click.command(cls=SettingsFileCommand)
@click.argument("file", type=click.Path(path_type=Path))
@import_options
@click.pass_context
def check(ctx: click.Context, /, file: Path, **chosen: Any) -> None:
    """Check FILE as run would, but send nothing. No key and no address are needed.

    Takes every option of run: replace check by run to import the file.
    """
    settings = build_settings(ctx, chosen)
    from importer.reading import prefetched_source

    with prefetched_source(file, settings) as source:
        with fast_imports():
            from importer.cli.observers import make_observer
            from importer.cli.summary_text import print_summary
            from importer.pipeline import check_file

        with make_observer(chosen, ask=False) as observer:
            summary = check_file(source, settings, observer)
    print_summary(summary, chosen)
    ctx.exit(int(summary.exit_code))
