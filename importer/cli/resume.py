"""``contact-importer resume``."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from importer.cli.loading import loading
from importer.cli.options import load_key


@click.command()
@click.argument("run", required=False)
@click.option("--api-key-file", type=click.Path(path_type=Path), metavar="FILE", help="As for run.")
@click.option("--state-dir", type=click.Path(path_type=Path), metavar="DIR", help="As for run.")
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="As for run."
)
@click.pass_context
def resume(  # noqa: PLR0913 - click hands over each option
    ctx: click.Context,
    /,
    run: str | None,
    api_key_file: Path | None,
    state_dir: Path | None,
    *,
    yes: bool,
    as_json: bool,
    quiet: bool,
    log_format: str,
) -> None:
    """Go on with RUN, or with the latest run that did not end. Its file is not needed.

    What was sent is not sent again; the reports, in the run's own folder, cover the whole file.
    """
    with loading():
        import_module("importer.sending.session")
        from importer.cli.progress import make_observer
        from importer.cli.terminal import print_summary
        from importer.pipeline import resume_run
        from importer.reopen import find_run
        from importer.settings import Settings

    record = find_run(run, state_dir)
    settings = Settings(record.vendor, state_dir=state_dir, api_key=load_key(api_key_file, record.vendor))
    chosen = {"quiet": quiet, "log_format": log_format, "as_json": as_json}
    with make_observer(chosen, ask=not yes) as observer:
        summary = resume_run(record.id, settings, observer)
    print_summary(summary, chosen)
    ctx.exit(int(summary.exit_code))
