"""``contact-importer check``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.file_arguments import expand_patterns
from importer.cli.options import import_options
from importer.cli.parameter_types import FileOrAddress
from importer.cli.run_settings import build_settings
from importer.cli.settings_file_command import SettingsFileCommand
from importer.cli.startup import fast_imports

if TYPE_CHECKING:
    from importer.model.summary import Summary
    from importer.settings import Settings


EXAMPLES = """\b
Examples:
  contact-importer check leads.csv --vendor iclosed
  contact-importer check leads.xlsx --vendor iclosed --sheet 2 --region US
  contact-importer check leads.csv --vendor iclosed --map "Stage=status"
"""


@click.command(cls=SettingsFileCommand, epilog=EXAMPLES)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FileOrAddress())
@click.option(
    "--against-vendor",
    is_flag=True,
    help="Also look up each row at the vendor, and show what importing would create and change. Needs the key.",
)
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="Look up only N rows, spread over the file.")
@import_options
@click.pass_context
def check(
    ctx: click.Context,
    /,
    files: tuple[Path | str, ...],
    *,
    against_vendor: bool,
    sample: int | None,
    **chosen: Any,
) -> None:
    """Check FILE as run would, but send nothing. No key and no address are needed.

    Takes every option of run, and several files. To import them, write run instead of check.
    """
    if sample and not against_vendor:
        raise click.UsageError("--sample is how many rows --against-vendor looks up.")
    files = expand_patterns(files)
    settings = replace(build_settings(ctx, chosen), against_vendor=against_vendor, sample=sample)
    from importer.reading import prefetched_source

    with prefetched_source(files[0], settings) as source:
        with fast_imports():
            from importer.cli.observers import make_observer
            from importer.cli.several_files import do_each
            from importer.cli.summary_text import print_summary
            from importer.pipeline import check_file

        def check_one(file: Path | str, settings: Settings) -> Summary:
            with make_observer(chosen, ask=False) as observer:
                return check_file(source if file == files[0] else file, settings, observer)

        if len(files) > 1:
            ctx.exit(do_each(files, settings, chosen, check_one))
        summary = check_one(files[0], settings)
    print_summary(summary, chosen)
    ctx.exit(int(summary.exit_code))
