"""``contact-importer enqueue`` and ``contact-importer worker``: imports on several machines, from one queue."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from importer.cli.journal_option import JOURNAL
from importer.cli.output import echo
from importer.cli.parameter_types import Duration
from importer.cli.settings_file_command import CONFIG
from importer.errors import SettingsError
from importer.journal_location import journal_url


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--job", required=True, metavar="NAME", help="A job of the workers' settings file, whose options apply.")
@JOURNAL
@CONFIG
def enqueue(files: tuple[Path, ...], job: str, **_: Any) -> None:
    """Put FILES into a queue, from which workers import them.

    The queue is in the journal's database, so that workers can be on any machine.

    A file that waits in the queue already is not put there twice.
    """
    with _queue() as url:
        from importer.automation.queue import enqueue_file

        for file in files:
            is_new = enqueue_file(url, file, job)
            echo(f"{file}: enqueued" if is_new else f"{file}: is in the queue already")


@click.command()
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="How many imports at once.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    metavar="DIR",
    help="Folder in which each import gets a folder for its reports.  [default: the working folder]",
)
@click.option("--drain", is_flag=True, help="End when the queue is empty.")
@click.option(
    "--retry-after",
    type=Duration(default_unit="s"),
    default=1200.0,
    show_default=True,
    metavar="S",
    help="Continue an import that stopped early after this long: seconds, or 20m.",
)
@JOURNAL
@CONFIG
def worker(jobs: int, output: Path, retry_after: float, config: Path | None, *, drain: bool, **_: Any) -> None:
    """Import the files in the queue, one at a time for each job.

    What a worker leaves when it dies another one finishes: no row is sent twice. Ctrl-C stops the imports; they are
    continued later.
    """
    with _queue() as url:
        from importer.automation.queue import Worker

        output.mkdir(parents=True, exist_ok=True)
        Worker(url, output.absolute(), config, retry_after).run(jobs, wait=not drain)


@contextlib.contextmanager
def _queue() -> Iterator[str]:
    """Return the address of the queue's database for a block. Raises SettingsError."""
    if not journal_url():
        raise SettingsError("a queue needs a journal on PostgreSQL: --journal postgresql://HOST/DATABASE")
    try:
        import procrastinate  # noqa: F401 - only to see that it is there
    except ImportError as error:
        raise SettingsError("a queue needs the extra queue: pip install '.[queue]' in the program's folder") from error
    yield journal_url()
