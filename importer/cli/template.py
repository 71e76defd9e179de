"""``contact-importer template``."""

from __future__ import annotations

from pathlib import Path

import click

from importer.cli.output import echo
from importer.errors import SettingsError


@click.command()
@click.argument("vendor", metavar="NAME|FILE.yaml")
@click.option(
    "-o", "--to", type=click.Path(path_type=Path), required=True, metavar="FILE.xlsx|.csv", help="The file to write."
)
@click.option("--operation", default="create", show_default=True, help="The operation that the file is for.")
def template(vendor: str, to: Path, operation: str) -> None:
    """Write an empty file to fill in, with a column for each field.

    A workbook has the limits of the fields as comments, lists to choose from, and examples.
    """
    from importer.pipeline import make_template
    from importer.settings import Settings

    if to.suffix.lower() not in (".xlsx", ".csv"):
        raise SettingsError(f"{to}: a template is an .xlsx or a .csv; name it so")
    make_template(Settings(vendor, operation=operation), to)
    echo(f"wrote {to}; fill it in, then: contact-importer check {to} --vendor {vendor}")
