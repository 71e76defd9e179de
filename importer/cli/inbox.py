"""``contact-importer inbox``."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from importer.cli.options import import_options
from importer.cli.output import echo, echo_json
from importer.cli.parameter_types import Duration, FileOrAddress
from importer.cli.run_settings import build_settings
from importer.cli.settings_file_command import EXPECT, SettingsFileCommand
from importer.cli.startup import fast_imports
from importer.errors import ExitCode, FileError, SettingsError
from importer.model.source_ref import SourceRef
from importer.observer import Observer

# The exit code of several files is the first of these that occurred.
EXIT_CODES_BY_CONCERN = (
    ExitCode.INTERNAL,
    ExitCode.USAGE,
    ExitCode.INTERRUPTED,
    ExitCode.UNCERTAIN,
    ExitCode.STOPPED,
    ExitCode.NEEDS_REVIEW,
)
WATCH_TIMEOUT_MS = 5_000  # some network folders report no changes
REMOTE_POLL_SECONDS = 15.0  # a bucket and an SFTP server report no changes
RETRY_SECONDS = 60.0  # between attempts on a file that the vendor could not take


@click.command(cls=SettingsFileCommand)
@click.argument("folder", metavar="DIR", type=FileOrAddress())
@click.option("--watch", is_flag=True, help="Keep running, and import files as they arrive.")
@click.option(
    "--settle",
    type=Duration(default_unit="s"),
    default=2.0,
    show_default=True,
    metavar="S",
    help="A file is complete once it has not changed for this long: seconds, or 1m.",
)
@import_options
@click.pass_context
def inbox(ctx: click.Context, /, folder: Path | str, *, watch: bool, settle: float, **chosen: Any) -> None:
    """Import every file in DIR, and move each away with its reports.

    The oldest comes first. Each is moved to done, attention or failed, with its reports beside it. A file whose
    content was imported before is moved, not sent. When the vendor is unavailable, the file stays and the next inbox
    run continues it. DIR may be a folder in a bucket or on an SFTP server: s3://, gs://, az://, sftp://.

    Starting a second inbox in the same folder is safe: it leaves everything to the first.
    """
    if isinstance(folder, Path) and not folder.is_dir():
        raise SettingsError(f"{folder}: there is no such folder")
    settings = build_settings(ctx, chosen)
    if chosen["sandbox"]:
        raise SettingsError(
            "--sandbox would move the files away without importing them; to practice, use run FILE --sandbox"
        )
    with fast_imports():
        from importer.automation.expectation import make_reminder, record_arrival
        from importer.automation.inbox import exclusive_access, import_waiting_files
        from importer.automation.remote_inbox import RemoteInbox
        from importer.cli.observers import make_observer
        from importer.reporting import summary_json

    remind = make_reminder(ctx.meta[EXPECT], settings, chosen["job"])

    def observe() -> AbstractContextManager[Observer]:
        return make_observer(chosen, ask=False)

    remote = RemoteInbox(folder, settings) if isinstance(folder, str) else None
    place = remote.folder if remote else Path(folder)

    def import_files() -> list[int]:
        codes = []
        remind(observe)
        for handled in (
            remote.import_waiting_files(settle, observe)
            if remote
            else import_waiting_files(place, settings, settle, observe)
        ):
            codes.append(handled.exit_code)
            record_arrival(settings, chosen["job"])
            if chosen["as_json"] and handled.summary is not None:
                echo_json(summary_json(handled.summary))
            elif not chosen["quiet"]:
                echo(f"{handled.file.name} → {handled.location.relative_to(place)}: {handled.message}")
        return codes

    with exclusive_access(place) as is_exclusive:
        if not is_exclusive:
            echo(f"{SourceRef.of(folder)}: another inbox is running in it", err=True)
            ctx.exit(int(ExitCode.DONE))
        codes = import_files()
        if watch and ExitCode.INTERRUPTED not in codes:
            codes += _watch_remote(import_files) if remote else _watch(place, import_files)
    ctx.exit(int(next((code for code in EXIT_CODES_BY_CONCERN if code in codes), ExitCode.DONE)))


def _watch(folder: Path, import_files: Callable[[], list[int]]) -> list[int]:
    """Import files whenever the folder changes, and every few seconds, until a run is interrupted."""
    from watchfiles import watch as changes

    for _ in changes(folder, recursive=False, yield_on_timeout=True, rust_timeout=WATCH_TIMEOUT_MS):
        codes = import_files()
        if ExitCode.INTERRUPTED in codes:
            return codes
        if ExitCode.STOPPED in codes:
            time.sleep(RETRY_SECONDS)  # the vendor is down or refuses the key: retrying at once would not help
    return []


def _watch_remote(import_files: Callable[[], list[int]]) -> list[int]:
    """Import files every few seconds, until a run is interrupted. A network that fails is tried again."""
    while True:
        time.sleep(REMOTE_POLL_SECONDS)
        try:
            codes = import_files()
        except FileError as error:
            echo(str(error), err=True)
            continue
        if ExitCode.INTERRUPTED in codes:
            return codes
        if ExitCode.STOPPED in codes:
            time.sleep(RETRY_SECONDS)  # as for a folder
