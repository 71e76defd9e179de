"""``contact-importer config``."""

from __future__ import annotations

from typing import Any

import click

from importer.cli.options import import_options
from importer.cli.output import echo
from importer.cli.run_settings import build_settings_with_origins
from importer.cli.settings_file_command import SettingsFileCommand, origin_of

HIDDEN = {"as_json", "quiet", "yes", "config", "job"}


@click.command(cls=SettingsFileCommand)
@import_options
@click.pass_context
def config(ctx: click.Context, /, **chosen: Any) -> None:
    """Show the value of each option, and where it comes from.

    Keys are masked. Precedence: option, environment, job, vendor, default.
    """
    settings, origins = build_settings_with_origins(ctx, chosen)
    lines = [("api_key", "••••••••" if settings.api_key else "none", origins["api_key"])]
    for name, given in chosen.items():
        if name in HIDDEN:
            continue
        value = settings.base_url if name == "base_url" else given
        text = "••••••••" if name == "notify" and value else _format(value)
        lines.append((name, text, origins.get(name) or origin_of(ctx, name)))
    width = max(len(value) for _, value, _ in lines)
    for name, value, origin in lines:
        echo(f"{name:<15} {value:<{min(width, 40)}}  {origin}")


def _format(value: Any) -> str:
    if value is None or value == ():
        return "–"
    if isinstance(value, tuple):
        return ", ".join("=".join(entry) if isinstance(entry, tuple) else str(entry) for entry in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
