"""``contact-importer doctor``."""

from __future__ import annotations

from typing import Any

import click

from importer.cli.options import import_options
from importer.cli.output import echo, echo_json, style
from importer.cli.run_settings import build_settings_with_origins
from importer.cli.settings_file_command import EXPECT, SettingsFileCommand
from importer.cli.startup import fast_imports
from importer.errors import ExitCode


@click.command(cls=SettingsFileCommand)
@import_options
@click.pass_context
def doctor(ctx: click.Context, /, **chosen: Any) -> None:
    """Check that a run could start. Changes nothing.

    Looks at settings, key, host, clock, disk space and journal, and whether the files that a job expects came. Takes
    every option of run. The exit code is 0 when a run could start, and 2 when it could not.
    """
    settings, origins = build_settings_with_origins(ctx, chosen)
    with fast_imports():
        from importer.automation.preflight import Level, run_checks

    colors = {Level.OK: "green", Level.WARN: "yellow", Level.ERROR: "red"}
    results = []
    for result in run_checks(settings, origins["api_key"], chosen["job"], ctx.meta[EXPECT], practice=chosen["sandbox"]):
        results.append(result)
        if not chosen["as_json"] and not (chosen["quiet"] and result.level is Level.OK):
            level = style(f"{result.level:<9}", colors[result.level])
            echo(f"{level} {result.name:<13} {result.message}")
    if chosen["as_json"]:
        entries = [{"name": result.name, "health": result.level, "words": result.message} for result in results]
        echo_json(entries)
    failed = any(result.level is Level.ERROR for result in results)
    ctx.exit(int(ExitCode.USAGE if failed else ExitCode.DONE))
