"""The files on their way that a state folder has.

Each lies in a folder of its own: ``draft.json``, ``upload/`` with the file, ``mapping.toml``, ``check/`` with the rows
and reports of its last check, ``corrected/`` with the rows of its check with corrections, ``reports/`` of its run.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import shutil
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from importer.drafts.draft import Choices, Draft, safe_name, write_private
from importer.errors import SettingsError
from importer.settings import Correction

RECORD = "draft.json"
_ID = re.compile(r"[0-9a-f]{16}")


class Drafts:
    """The drafts of a state folder. Every change is on disk before it is told."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "drafts"
        self._lock = threading.RLock()
        self._starting: set[str] = set()

    def begin(self, name: str, vendor: str, operation: str) -> Draft:
        """An empty folder for a file; it is no draft before ``keep`` says that the file is there."""
        draft_id = secrets.token_hex(8)
        draft = Draft(draft_id, self._folder / draft_id, safe_name(name), vendor, operation, time.time())
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (draft.folder, draft.file.parent):  # of several at once only the last would get the mode
            folder.mkdir(mode=0o700)
        return draft

    def keep(self, draft: Draft) -> None:
        """The file of a new draft is there."""
        self._write(draft)

    def again(self, draft: Draft) -> Draft:
        """A new draft of the same file, with the same choices and corrections."""
        other = self.begin(draft.name, draft.vendor, draft.operation)
        for path in draft.file.parent.iterdir():
            shutil.copyfile(path, other.file.parent / path.name)
        if draft.mapping.exists():
            shutil.copyfile(draft.mapping, other.mapping)
        other = replace(
            other, choices=draft.choices, corrections=draft.corrections, base_url=draft.base_url, revision=1
        )
        self.keep(other)
        return other

    def discard(self, draft: Draft) -> None:
        """Delete what there is of a file."""
        shutil.rmtree(draft.folder, ignore_errors=True)

    def sweep(self, before: float) -> int:
        """Delete folders from before then that never became drafts; the bytes they took."""
        freed = 0
        for folder in self._folder.glob("*/"):
            if not (folder / RECORD).exists() and folder.stat().st_mtime < before:
                freed += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
                shutil.rmtree(folder, ignore_errors=True)
        return freed

    def get(self, draft_id: str) -> Draft:
        """A draft. Raises SettingsError when there is none of that id."""
        if not _ID.fullmatch(draft_id):
            raise SettingsError.of_kind("draft_gone")
        try:
            data = json.loads((self._folder / draft_id / RECORD).read_text(encoding="utf-8"))
            return self._read(draft_id, data)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError.of_kind("draft_gone") from error

    def every(self) -> list[Draft]:
        """Every draft, the latest first."""
        found = []
        for path in self._folder.glob(f"*/{RECORD}"):
            with contextlib.suppress(SettingsError):
                found.append(self.get(path.parent.name))
        return sorted(found, key=lambda draft: -draft.created)

    def of_run(self, run: str) -> Draft | None:
        """The draft that became this run."""
        return next((draft for draft in self.every() if draft.run == run), None)

    def change(self, draft_id: str, **changes: Any) -> Draft:
        """The draft with these fields changed."""
        with self._lock:
            draft = replace(self.get(draft_id), **changes)
            self._write(draft)
            return draft

    def choose(self, draft_id: str, choices: Choices, mapping: str | None = None) -> Draft:
        """The draft with other choices and, unless it is None, another mapping file; it must be checked again.

        Another sheet or header row makes it another table: its cells were never corrected. Raises SettingsError when
        it is being imported.
        """
        with self._lock:
            draft = self._free(draft_id)
            if mapping is not None:
                write_private(draft.mapping, mapping)
            same = (choices.sheet, choices.header_row) == (draft.choices.sheet, draft.choices.header_row)
            kept = draft.corrections if same else ()
            return self.change(draft_id, choices=choices, revision=draft.revision + 1, corrections=kept)

    def correct(
        self, draft_id: str, correction: Correction | None, at: tuple[int, int], revision: int | None = None
    ) -> Draft:
        """The draft with another text in the cell ``at`` (row, column); with None the file's own again.

        Raises SettingsError when it is being imported, or when something else was chosen since ``revision``: then it
        may be another cell that is meant.
        """
        with self._lock:
            draft = self._free(draft_id)
            if revision is not None and revision != draft.revision:
                raise SettingsError.of_kind("draft_changed")
            others = tuple(entry for entry in draft.corrections if (entry.row, entry.column) != at)
            return self.change(draft_id, corrections=(*others, correction) if correction else others)

    def start(self, draft_id: str, state: str, **changes: Any) -> Draft:
        """Nothing is to be changed any more but where it goes: it is being imported as it was in this ``state``.

        Raises SettingsError when it is another by now.
        """
        with self._lock:
            draft = self._free(draft_id)
            if draft.state != state or not draft.is_reported:
                raise SettingsError.of_kind("draft_changed")
            changed = self.change(draft_id, **changes)
            self._starting.add(draft_id)
            return changed

    def started(self, draft_id: str, run: str | None) -> None:
        """It became this run, or none."""
        with self._lock:
            self.change(draft_id, run=run)
            self._starting.discard(draft_id)

    def _free(self, draft_id: str) -> Draft:
        draft = self.get(draft_id)
        if draft.run is not None or draft_id in self._starting:
            raise SettingsError.of_kind("draft_imported")
        return draft

    def remove(self, draft_id: str) -> None:
        """Delete a draft with all that lies in its folder."""
        with self._lock:
            shutil.rmtree(self.get(draft_id).folder, ignore_errors=True)

    def _write(self, draft: Draft) -> None:
        data = {name: value for name, value in asdict(draft).items() if name not in ("id", "folder")}
        write_private(draft.folder / RECORD, json.dumps(data, ensure_ascii=False))

    def _read(self, draft_id: str, data: dict[str, Any]) -> Draft:
        corrections = tuple(Correction(**entry) for entry in data.pop("corrections"))
        choices = Choices(**data.pop("choices"))
        return Draft(draft_id, self._folder / draft_id, choices=choices, corrections=corrections, **data)
