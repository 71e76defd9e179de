"""``contact-importer run``."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.options import import_options, settings_from
from importer.cli.settings_file_command import SettingsFileCommand
from importer.cli.startup import fast_imports

if TYPE_CHECKING:
    from importer.settings import Settings


@click.command(cls=SettingsFileCommand)
@click.argument("file", type=click.Path(path_type=Path))
@import_options
@click.pass_context
def run(ctx: click.Context, /, file: Path, **chosen: Any) -> None:
    """Import FILE (CSV or Excel): check every row, send the good ones, report on all.

    Nothing is ever sent twice because of a crash, a time-out or a second upload of the same file.
    """
    settings = settings_from(ctx, chosen)
    from importer.reading import prefetched_source

    with contextlib.ExitStack() as stack:
        source = stack.enter_context(prefetched_source(file, settings))
        with fast_imports():
            import_module("importer.sending.session")
            from importer.cli.observers import make_observer
            from importer.cli.summary_text import print_summary
            from importer.pipeline import run_import

        watching = make_observer(chosen, ask=not chosen["yes"] and not chosen["sandbox"])
        ready = stack.enter_context(sandboxed(settings)) if chosen["sandbox"] else settings
        summary = run_import(source, ready, stack.enter_context(watching))
    print_summary(summary, chosen)
    ctx.exit(int(summary.exit_code))


@contextlib.contextmanager
def sandboxed(settings: Settings) -> Iterator[Settings]:
    """The same settings, pointed at a sandbox of their own. Its key is new each time, so it is a target of its own."""
    from importer.sandbox.app import build_app
    from importer.sandbox.server import running
    from schemas.registry import load_vendor

    vendor = load_vendor(settings.vendor)
    prefix = vendor.security.key_prefixes[0] if vendor.security and vendor.security.key_prefixes else ""
    with running(build_app([vendor])) as address:
        yield replace(settings, base_url=f"{address}/{vendor.name}", api_key=f"{prefix}sandbox{secrets.token_hex(8)}")
