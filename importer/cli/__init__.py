"""The command line: parse options, call the pipeline, print, exit."""

from __future__ import annotations

import click

from importer.cli.check import check
from importer.cli.config import config
from importer.cli.demo import demo
from importer.cli.doctor import doctor
from importer.cli.error_handler import run_command
from importer.cli.inbox import inbox
from importer.cli.journal import journal
from importer.cli.keys import keys
from importer.cli.mapping import mapping
from importer.cli.queue import enqueue, worker
from importer.cli.resolve import resolve
from importer.cli.resume import resume
from importer.cli.run import run
from importer.cli.runs import runs
from importer.cli.sandbox import sandbox
from importer.cli.template import template
from importer.cli.vendors import vendors
from importer.cli.web import web
from importer.version import VERSION

EPILOG = """\b
Start here:
  contact-importer demo                                  try it, without key or network
  contact-importer vendors show iclosed                  the fields a vendor takes
  contact-importer check contacts.csv --vendor iclosed   check the file; nothing is sent
  contact-importer run contacts.csv --vendor iclosed --base-url https://…
  contact-importer web                                   the same in the browser

\b
Exit codes:
  0 all rows are imported    2 wrong command, settings or file: nothing was sent
  3 some rows need attention    4 stopped early    5 some rows are uncertain
  130 interrupted    1 internal error
"""


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(VERSION, prog_name="contact-importer")
def cli() -> None:
    """Get a spreadsheet of contacts into a vendor's API, every row exactly once."""


for command in (
    run, check, mapping, resume, resolve, inbox, enqueue, worker, runs, journal, vendors, template, config, keys,
    doctor, sandbox, demo, web,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run the command line. Never returns."""
    run_command(cli)
