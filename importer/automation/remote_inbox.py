"""The inbox over a bucket or an SFTP folder: each file is downloaded, imported, and moved there with its reports.

The reports, and the lock, are in a folder of the state folder, where resume finds them. Nothing on the other machine
keeps a second inbox away; a row that both want is sent once as long as both share a journal.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from importer.automation.inbox import MAX_SCANS, MakeObserver, ProcessedFile, process_file
from importer.errors import FileError
from importer.files import make_private_folder
from importer.reading import SUFFIXES
from importer.reading.remote import (
    LARGEST_DOWNLOAD_BYTES,
    Address,
    RemoteEntry,
    RemoteFiles,
    open_remote,
    parse_address,
)
from importer.run_store.run_folder import state_folder
from importer.settings import Settings


class RemoteInbox:
    """A remote folder, and the local one in which its files are imported. Raises FileError for a wrong address."""

    def __init__(self, url: str, settings: Settings) -> None:
        self._address = parse_address(url)
        self._settings = settings
        name = hashlib.sha256(self._address.shown.rstrip("/").encode()).hexdigest()[:16]
        self.folder = state_folder(settings.state_dir) / "inboxes" / name
        make_private_folder(self.folder)

    def import_waiting_files(self, settle_seconds: float, make_observer: MakeObserver) -> Iterator[ProcessedFile]:
        """Import every file that has not changed for ``settle_seconds``, the oldest first.

        Ends after a file that stays, because the vendor would not accept the others either. Raises FileError when the
        folder cannot be read or written.
        """
        remote = open_remote(self._address)
        for _ in range(MAX_SCANS):
            before = self._waiting(remote)
            if not before:
                return
            time.sleep(settle_seconds)  # no signal says that a file is complete; that it has stopped changing does
            after = {entry.name: entry for entry in self._waiting(remote)}
            for entry in before:
                if after.get(entry.name) != entry:
                    continue
                processed = self._import(remote, entry, make_observer)
                yield processed
                if processed.location == processed.file:
                    return

    def _waiting(self, remote: RemoteFiles) -> list[RemoteEntry]:
        """Return the files to import, the oldest first."""
        found = [entry for entry in remote.list_folder(self._address.path) if _is_table(entry.name)]
        return sorted(found, key=lambda entry: (entry.modified, entry.name))

    def _import(self, remote: RemoteFiles, entry: RemoteEntry, make_observer: MakeObserver) -> ProcessedFile:
        local = self.folder / entry.name
        try:
            self._download(remote, entry, local)
            processed = process_file(local, self._settings, make_observer)
            if processed.location != local:
                self._archive(remote, entry, processed)
            return processed
        finally:
            local.unlink(missing_ok=True)

    def _download(self, remote: RemoteFiles, entry: RemoteEntry, local: Path) -> None:
        if entry.size > LARGEST_DOWNLOAD_BYTES:
            raise FileError(f"{self._address.shown}: {entry.name} has more than {LARGEST_DOWNLOAD_BYTES >> 30} GB")
        try:
            local.touch(mode=0o600)
            with local.open("wb") as file:
                remote.download(_join(self._address, entry.name), file)
        except OSError as error:
            raise FileError(f"{entry.name}: cannot be saved in {self.folder} ({error.strerror})") from error

    def _archive(self, remote: RemoteFiles, entry: RemoteEntry, processed: ProcessedFile) -> None:
        """Write the reports beside the file's new place, then move it: what is cut off in between is done again."""
        place = processed.location.relative_to(self.folder)
        reports = list(processed.location.parent.glob(f"{processed.location.name}.error.txt"))
        if processed.summary is not None:
            reports += processed.summary.outputs.values()
        for report in reports:
            remote.upload(report, _join(self._address, report.relative_to(self.folder).as_posix()))
        remote.move(_join(self._address, entry.name), _join(self._address, place.as_posix()))
        processed.location.unlink(missing_ok=True)


def _is_table(name: str) -> bool:
    is_plain = PurePosixPath(name).name == name and "\\" not in name and "\0" not in name
    return is_plain and not name.startswith((".", "~$")) and name.lower().endswith(SUFFIXES)


def _join(address: Address, name: str) -> str:
    return f"{address.path.rstrip('/')}/{name}" if address.path.strip("/") else f"{address.path}{name}"
