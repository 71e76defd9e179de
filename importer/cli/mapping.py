"""``contact-importer mapping``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from importer.cli.options import import_options
from importer.cli.output import echo
from importer.cli.run_settings import build_settings
from importer.cli.settings_file_command import SettingsFileCommand
from importer.cli.startup import fast_imports


@click.command(cls=SettingsFileCommand)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--to", type=click.Path(path_type=Path), metavar="FILE.toml", help="Where to write it.  [default: -]"
)
@import_options
@click.pass_context
def mapping(ctx: click.Context, /, file: Path, to: Path | None, **chosen: Any) -> None:
    """Write a mapping file for FILE, ready to edit.

    Takes every option of run. Use the file with --mapping.
    """
    settings = build_settings(ctx, chosen)
    with fast_imports():
        from importer.pipeline import propose_mapping

        text = propose_mapping(file, settings)
    if to is None or str(to) == "-":
        echo(text.removesuffix("\n"))
        return
    from importer.errors import SettingsError

    try:
        with to.open("x", encoding="utf-8") as made:
            made.write(text)
    except FileExistsError:
        raise SettingsError(f"{to}: exists already; give another name, or delete it first") from None
    except OSError as error:
        raise SettingsError(f"{to}: cannot be written ({error.strerror})") from error
    if not chosen["quiet"]:
        echo(f"wrote {to}; edit it, then: contact-importer check {file} --vendor {settings.vendor} --mapping {to}")
