"""The files of runs in the database: checked rows and plan, so that another machine can resume a run."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from importer.errors import JournalError
from importer.files import make_private_folder, write_atomic
from importer.journal.interface import PLAN
from importer.journal.postgres.session import Session

PATTERNS = ("*.parquet", "contract/*", PLAN)
_SAVE = (
    "INSERT INTO run_files (run, name, content) VALUES (%s, %s, %s) "
    "ON CONFLICT (run, name) DO UPDATE SET content = excluded.content"
)


class RunFiles:
    """The files of all runs, over one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def save(self, run: str, folder: Path) -> None:
        """Store the files of a folder, the plan last. Rows never change once they are stored. Raises JournalError."""
        stored = self._names(run) - {PLAN}
        for pattern in PATTERNS:
            for path in sorted(path for path in folder.glob(pattern) if _name(path, folder) not in stored):
                try:
                    content = path.read_bytes()
                except OSError as error:
                    raise JournalError(f"{path} cannot be read ({error})") from error
                self._session.change(_SAVE, (run, _name(path, folder), content))

    def load(self, run: str, folder: Path) -> bool:
        """Write the files of a run into a folder, the plan last; False when they are not all there."""
        names = self._names(run)
        if PLAN not in names:
            return False
        for name in sorted(names, key=lambda name: name == PLAN):
            rows = self._session.query("SELECT content FROM run_files WHERE run = %s AND name = %s", (run, name))
            for (content,) in rows:
                path = folder.joinpath(*PurePosixPath(name).parts[-2:])
                make_private_folder(path.parent)
                write_atomic(path, content)
        return True

    def runs(self) -> frozenset[str]:
        """Return the runs of which there are files."""
        return frozenset(run for (run,) in self._session.query("SELECT DISTINCT run FROM run_files"))

    def _names(self, run: str) -> set[str]:
        return {name for (name,) in self._session.query("SELECT name FROM run_files WHERE run = %s", (run,))}

    def remove(self, run: str) -> None:
        """Delete the files of a run."""
        self._session.change("DELETE FROM run_files WHERE run = %s", (run,))


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
