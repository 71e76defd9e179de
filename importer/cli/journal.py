"""``contact-importer journal``: make, update, look at and fill a journal on PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.journal_option import JOURNAL
from importer.cli.output import echo, echo_json
from importer.cli.settings_file_command import CONFIG
from importer.errors import SettingsError
from importer.journal_location import KEY_ENVIRONMENT, journal_key, journal_url

if TYPE_CHECKING:
    import psycopg


@click.group()
def journal() -> None:
    """Manage a journal on PostgreSQL, which several machines share."""


@journal.command()
@click.option("--queue", is_flag=True, help="Also make the queue of enqueue and worker.")
@JOURNAL
@CONFIG
def init(*, queue: bool, **_: Any) -> None:
    """Create the tables in an empty database, as their owner.

    Shows the key of the journal, once. Every machine needs the same key: without it, nothing that was sent is found.
    """
    with _connected() as connection:
        from importer.journal.postgres.digests import Digests, new_key, read_key
        from importer.journal.postgres.schema import initialize

        key = journal_key() or new_key()
        applied = initialize(connection, Digests(read_key(key)))
    if queue:
        from importer.automation.queue import prepare_queue

        prepare_queue(journal_url())
    echo("The journal is ready." if applied else "The journal was there already, and is up to date.")
    if not journal_key():
        echo(f"\nIts key, which is not shown again; keep it where you keep passwords:\n\n  {KEY_ENVIRONMENT}={key}\n")
        echo("Set it on every machine. It cannot be changed, because it is part of every digest in the journal.")


@journal.command()
@JOURNAL
@CONFIG
def migrate(**_: Any) -> None:
    """Bring the tables up to date with this program, as their owner."""
    with _connected() as connection:
        from importer.journal.postgres.schema import migrate as bring_up_to_date

        applied = bring_up_to_date(connection, journal_url())
    echo(f"Applied {applied} changes." if applied else "The journal is up to date.")


@journal.command()
@JOURNAL
@CONFIG
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(*, as_json: bool, **_: Any) -> None:
    """Show the server, the tables' version, and the journal's size."""
    with _connected() as connection:
        from importer.journal.postgres.status import read_status

        facts, warnings = read_status(connection, journal_url())
    if as_json:
        echo_json(facts | {"warnings": warnings})
        return
    for name, value in facts.items():
        echo(f"{name:<12} {value:,}" if isinstance(value, int) else f"{name:<12} {value}")
    for warning in warnings:
        echo(f"\n{warning}")


@journal.command()
@click.argument("source", metavar="JOURNAL.sqlite3", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@JOURNAL
@CONFIG
def copy(source: Path, **_: Any) -> None:
    """Copy the SQLite journal of a state folder into PostgreSQL.

    The old journal is never written again. Copying twice changes nothing.
    """
    with _connected() as connection:
        from importer.journal.postgres.copying import copy_journal
        from importer.journal.postgres.digests import Digests, read_key

        runs, deliveries = copy_journal(source, connection, Digests(read_key(journal_key())), journal_url())
    echo(f"Copied {runs:,} runs and {deliveries:,} deliveries. {source} is no longer used.")


@contextlib.contextmanager
def _connected() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Connect to the chosen journal for a block. Raises SettingsError when none is chosen."""
    if not journal_url():
        raise SettingsError("which journal? Use --journal postgresql://HOST/DATABASE or CONTACT_IMPORTER_JOURNAL.")
    from importer.journal.move import needs_psycopg

    with needs_psycopg():
        from importer.journal.postgres.connection import connect, write_errors
    with write_errors(journal_url()), connect(journal_url()) as connection:
        yield connection
