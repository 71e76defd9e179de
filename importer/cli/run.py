"""``contact-importer run``."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.file_arguments import expand_patterns
from importer.cli.options import import_options
from importer.cli.parameter_types import FileOrAddress
from importer.cli.run_settings import build_settings
from importer.cli.settings_file_command import SettingsFileCommand
from importer.cli.startup import fast_imports, import_sending

if TYPE_CHECKING:
    from importer.model.summary import Summary
    from importer.settings import Settings


EXAMPLES = """\b
Examples:
  contact-importer run leads.csv --vendor iclosed --sandbox
  contact-importer run leads.xlsx --vendor clemta --set company_id=64b8f1a2
  contact-importer run next.csv --vendor iclosed --mapping leads.toml --yes
  contact-importer run errors.xlsx --vendor iclosed
"""


@click.command(cls=SettingsFileCommand, epilog=EXAMPLES)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FileOrAddress())
@import_options
@click.pass_context
def run(ctx: click.Context, /, files: tuple[Path | str, ...], **chosen: Any) -> None:
    """Check every row of FILE, send the valid ones, report on all.

    FILE is a path, - for standard input, or an address (s3://, https://, …). Several files, or a pattern such as
    'leads/*.csv', are imported one after the other. No row is sent twice.
    """
    files = expand_patterns(files)
    settings = build_settings(ctx, chosen)
    from importer.reading import prefetched_source

    with contextlib.ExitStack() as stack:
        source = stack.enter_context(prefetched_source(files[0], settings))
        with fast_imports():
            import_sending()
            from importer.automation.expectation import record_arrival
            from importer.cli.observers import make_observer
            from importer.cli.several_files import do_each
            from importer.cli.summary_text import print_summary
            from importer.pipeline import run_import

        if chosen["sandbox"]:
            settings = stack.enter_context(use_sandbox(settings))
        ask = not chosen["yes"] and not chosen["sandbox"]

        def import_file(file: Path | str, settings: Settings) -> Summary:
            with make_observer(chosen, ask=ask) as observer:
                summary = run_import(source if file == files[0] else file, settings, observer)
            record_arrival(settings, chosen["job"])
            return summary

        if len(files) > 1:
            ctx.exit(do_each(files, settings, chosen, import_file))
        summary = import_file(files[0], settings)
    print_summary(summary, chosen)
    ctx.exit(int(summary.exit_code))


@contextlib.contextmanager
def use_sandbox(settings: Settings) -> Iterator[Settings]:
    """Start a sandbox for a block, and yield the settings with its address.

    The key is new each time. The journal therefore sees a new target, and never takes rows sent to an earlier sandbox
    for done.
    """
    from importer.sandbox.app import build_app
    from importer.sandbox.server import running
    from schemas.registry import load_vendor

    vendor = load_vendor(settings.vendor)
    with running(build_app([vendor])) as address:
        yield replace(
            settings,
            base_url=f"{address}/{vendor.name}",
            api_key=vendor.practice_key(f"sandbox{secrets.token_hex(8)}"),
            practice=True,
        )
