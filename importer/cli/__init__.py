"""The command line: parse options, call the pipeline, print, exit."""

from __future__ import annotations

import click

from importer.cli.error_handler import run_command
from importer.cli.lazy_commands import SectionedGroup
from importer.version import VERSION

EPILOG = """\b
Start here:
  contact-importer demo                                  no key, no network
  contact-importer vendors show iclosed                  fields and limits
  contact-importer check contacts.csv --vendor iclosed   nothing is sent
  contact-importer run contacts.csv --vendor iclosed --sandbox

\b
Exit codes:
  0  all rows are imported         3  some rows need attention
  1  internal error                4  stopped early; resume continues
  2  wrong command, settings or    5  some rows are uncertain
     file: nothing was sent      130  interrupted; resume continues
"""
# A command is a module of its name in this package, and a line here. A test holds the summary against its docstring.
SECTIONS = {
    "Import a file": {
        "check": "Check FILE as run would, but send nothing.",
        "run": "Check every row of FILE, send the valid ones, report on all.",
        "resume": "Continue RUN, or the latest run that did not end.",
        "resolve": "Resolve the uncertain rows of RUN.",
        "undo": "Delete the contacts that RUN created; restore what it updated.",
        "runs": "List the runs, the latest first, show one, or prune old ones.",
    },
    "Prepare": {
        "vendors": "List the vendors, or show what one takes.",
        "template": "Write an empty file to fill in, with a column for each field.",
        "mapping": "Write a mapping file for FILE, ready to edit.",
        "keys": "Manage API keys in the system's keyring.",
    },
    "Unattended": {
        "inbox": "Import every file in DIR, and move each away with its reports.",
        "enqueue": "Put FILES into a queue, from which workers import them.",
        "worker": "Import the files in the queue, one at a time for each job.",
        "config": "Show the value of each option, and where it comes from.",
        "doctor": "Check that a run could start.",
        "journal": "Manage a journal on PostgreSQL, which several machines share.",
    },
    "Try it": {
        "demo": "Import the sample files into a built-in copy of the APIs.",
        "sandbox": "Serve copies of the vendors' APIs on this machine.",
        "web": "Serve the web app, for people who do not use a terminal.",
    },
}
MODULES = {"enqueue": "queue", "worker": "queue"}  # where the module has another name than the command


@click.group(
    cls=SectionedGroup,
    sections=SECTIONS,
    modules=MODULES,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, prog_name="contact-importer")
def cli() -> None:
    """Import a spreadsheet of contacts into a vendor's API, every row exactly once."""


def main() -> None:
    """Run the command line. Never returns."""
    run_command(cli)
