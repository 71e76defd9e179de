"""``contact-importer doctor``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click

from importer.cli.options import import_options, settings_with_origins
from importer.cli.settings_file_command import SettingsFileCommand
from importer.cli.startup import fast_imports
from importer.errors import ExitCode


@click.command(cls=SettingsFileCommand)
@import_options
@click.pass_context
def doctor(ctx: click.Context, /, **chosen: Any) -> None:
    """Look whether a run would find what it needs: settings, key, host, clock, disk, journal. Creates nothing.

    Takes every option of run. Ends with 0 when a run could begin, with 2 when it could not.
    """
    settings, origins = settings_with_origins(ctx, chosen)
    with fast_imports():
        from importer.automation.preflight import Health, run_checks

    findings = []
    for finding in run_checks(settings, origins["api_key"]):
        findings.append(finding)
        if not chosen["as_json"] and not (chosen["quiet"] and finding.health is Health.GOOD):
            style = {Health.GOOD: "green", Health.DOUBTFUL: "yellow", Health.BAD: "red"}[finding.health]
            click.echo(f"{click.style(f'{finding.health:<9}', fg=style)} {finding.name:<13} {finding.words}")
    if chosen["as_json"]:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    bad = any(finding.health is Health.BAD for finding in findings)
    ctx.exit(int(ExitCode.USAGE if bad else ExitCode.DONE))
