"""``contact-importer resume``."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from importer.cli.options import reopening_options
from importer.cli.settings_file_command import key_source
from importer.cli.startup import fast_imports


@click.command()
@click.argument("run", required=False)
@reopening_options
@click.pass_context
def resume(ctx: click.Context, /, run: str | None, **chosen: Any) -> None:
    """Go on with RUN, or with the latest run that did not end. Its file is not needed.

    What was sent is not sent again; the reports, in the run's own folder, cover the whole file.
    """
    with fast_imports():
        import_module("importer.sending.session")
        from importer.cli.observers import make_observer
        from importer.cli.summary_text import print_summary
        from importer.config.api_keys import find_key
        from importer.pipeline import resume_run
        from importer.runs.reopen import find_run
        from importer.settings import Settings

    record = find_run(run, chosen["state_dir"])
    key = find_key(record.vendor, chosen["api_key_file"], key_source(record.vendor, chosen["config"]))
    settings = Settings(
        record.vendor, state_dir=chosen["state_dir"], api_key=key.key if key else None, notify=chosen["notify"]
    )
    with make_observer(chosen, ask=not chosen["yes"]) as observer:
        summary = resume_run(record.id, settings, observer)
    print_summary(summary, chosen)
    ctx.exit(int(summary.exit_code))
