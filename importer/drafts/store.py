"""The drafts of a state folder.

Each has a folder of its own: ``draft.json``, ``upload/`` with the file, ``mapping.toml``, ``check/`` with the rows
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
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from importer.drafts.draft import Choices, Draft, safe_name
from importer.drafts.edit import Edits, edits_from_data
from importer.errors import SettingsError
from importer.files import OWNER_ONLY_FOLDER, make_private_folder, write_atomic
from importer.settings import Correction

RECORD = "draft.json"
EDITED = tuple(entry.name for entry in fields(Edits))
_ID = re.compile(r"[0-9a-f]{16}")


class DraftStore:
    """The drafts of a state folder. A method returns only when its change is on disk."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "drafts"
        self._lock = threading.RLock()
        self._starting: set[str] = set()

    @property
    def folder(self) -> Path:
        """The folder that the drafts' own folders lie in."""
        return self._folder

    def begin(self, name: str, vendor: str, operation: str) -> Draft:
        """Create the folder for an upload. It becomes a draft with ``keep``, once its file is complete."""
        draft_id = secrets.token_hex(8)
        draft = Draft(draft_id, self._folder / draft_id, safe_name(name), vendor, operation, time.time())
        make_private_folder(self._folder)
        for folder in (draft.folder, draft.file.parent):  # mkdir(parents=True) gives the mode to the last one only
            folder.mkdir(mode=OWNER_ONLY_FOLDER)
        return draft

    def keep(self, draft: Draft) -> None:
        """Store a new draft whose file is complete."""
        self._write(draft)

    def copy(self, draft: Draft) -> Draft:
        """Create a new draft of the same file, with the same choices and corrections."""
        other = self.begin(draft.name, draft.vendor, draft.operation)
        for path in draft.file.parent.iterdir():
            shutil.copyfile(path, other.file.parent / path.name)
        if draft.mapping.exists():
            shutil.copyfile(draft.mapping, other.mapping)
        edited = {name: getattr(draft, name) for name in EDITED}
        other = replace(other, choices=draft.choices, base_url=draft.base_url, revision=1, **edited)
        self.keep(other)
        return other

    def discard(self, draft: Draft) -> None:
        """Delete a draft, or an upload that never became one."""
        shutil.rmtree(draft.folder, ignore_errors=True)

    def sweep(self, before: float) -> int:
        """Delete uploads older than ``before`` that never became drafts. Return the bytes freed."""
        freed = 0
        for folder in self._folder.glob("*/"):
            if not (folder / RECORD).exists() and folder.stat().st_mtime < before:
                freed += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
                shutil.rmtree(folder, ignore_errors=True)
        return freed

    def get(self, draft_id: str) -> Draft:
        """Return a draft. Raises SettingsError when there is none of that id."""
        if not _ID.fullmatch(draft_id):
            raise SettingsError.of_kind("draft_gone")
        try:
            data = json.loads((self._folder / draft_id / RECORD).read_text(encoding="utf-8"))
            return self._read(draft_id, data)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError.of_kind("draft_gone") from error

    def every(self) -> list[Draft]:
        """Return every draft, the latest first."""
        found = []
        for path in self._folder.glob(f"*/{RECORD}"):
            with contextlib.suppress(SettingsError):
                found.append(self.get(path.parent.name))
        return sorted(found, key=lambda draft: -draft.created)

    def of_run(self, run: str) -> Draft | None:
        """Return the draft that became this run, or None."""
        return next((draft for draft in self.every() if draft.run == run), None)

    def change(self, draft_id: str, **changes: Any) -> Draft:
        """Change fields of a draft, and return it."""
        with self._lock:
            draft = replace(self.get(draft_id), **changes)
            self._write(draft)
            return draft

    def choose(self, draft_id: str, choices: Choices, mapping: str | None = None) -> Draft:
        """Replace the choices and, unless it is None, the mapping file; the draft must then be checked again.

        Another sheet, header row or delimiter makes it another table, so its corrections are dropped. Nothing changes
        where nothing else was chosen. Raises SettingsError when the draft is being imported.
        """
        with self._lock:
            draft = self._editable(draft_id)
            if choices == draft.choices and mapping is not None and mapping == draft.mapping_text():
                return self.change(draft_id, unsaved={})
            if mapping is not None:
                write_atomic(draft.mapping, mapping)
            edits = draft.everything_edited if choices.table == draft.choices.table else Edits()
            if mapping is not None and draft.answers:  # they have lines of the mapping that was
                edits = Edits(edits.corrections, edits.removed, (), tuple(e for e in edits.edits if not e.answers))
            revision = draft.revision + 1
            return self.change(draft_id, choices=choices, revision=revision, unsaved={}, **_fields_of(edits))

    def correct(
        self, draft_id: str, correction: Correction | None, at: tuple[int, int], revision: int | None = None
    ) -> Draft:
        """Correct the cell ``at`` (row, column), or with None restore the file's own text.

        Raises SettingsError when the draft is being imported, or when its choices have changed since ``revision``: the
        same position may be another cell by now.
        """
        with self._lock:
            draft = self._editable(draft_id)
            if revision is not None and revision != draft.revision:
                raise SettingsError.of_kind("draft_changed")
            others = tuple(entry for entry in draft.corrections if (entry.row, entry.column) != at)
            return self.change(draft_id, corrections=(*others, correction) if correction else others)

    def edit(self, draft_id: str, change: Callable[[Edits], Edits], revision: int | None = None) -> Draft:
        """Change what was edited, and return the draft; with other answers it must be checked again.

        Raises SettingsError as ``correct`` does.
        """
        with self._lock:
            draft = self._editable(draft_id)
            if revision is not None and revision != draft.revision:
                raise SettingsError.of_kind("draft_changed")
            edits = change(draft.everything_edited)
            asks_again = edits.answers != draft.answers
            return self.change(draft_id, revision=draft.revision + asks_again, **_fields_of(edits))

    def start(self, draft_id: str, state: str, **changes: Any) -> Draft:
        """Freeze the draft for its import, and set where it goes.

        Raises SettingsError when its state is no longer ``state``: only what was shown is sent.
        """
        with self._lock:
            draft = self._editable(draft_id)
            if draft.state != state or not draft.is_reported:
                raise SettingsError.of_kind("draft_changed")
            changed = self.change(draft_id, **changes)
            self._starting.add(draft_id)
            return changed

    def set_run(self, draft_id: str, run: str | None) -> None:
        """Store the run that the draft has become, or None when it did not start."""
        with self._lock:
            self.change(draft_id, run=run)
            self._starting.discard(draft_id)

    def _editable(self, draft_id: str) -> Draft:
        draft = self.get(draft_id)
        if draft.run is not None or draft_id in self._starting:
            raise SettingsError.of_kind("draft_imported")
        return draft

    def remove(self, draft_id: str) -> None:
        """Delete a draft with everything in its folder."""
        with self._lock:
            shutil.rmtree(self.get(draft_id).folder, ignore_errors=True)

    def _write(self, draft: Draft) -> None:
        data = {name: value for name, value in asdict(draft).items() if name not in ("id", "folder")}
        write_atomic(draft.folder / RECORD, json.dumps(data, ensure_ascii=False))

    def _read(self, draft_id: str, data: dict[str, Any]) -> Draft:
        edited = edits_from_data({name: data.pop(name) for name in EDITED if name in data})
        choices = Choices(**data.pop("choices"))
        sheets = tuple((str(name), int(rows)) for name, rows in data.pop("sheets", ()))
        return Draft(draft_id, self._folder / draft_id, choices=choices, sheets=sheets, **edited, **data)


def _fields_of(edits: Edits) -> dict[str, Any]:
    return {name: getattr(edits, name) for name in EDITED}
