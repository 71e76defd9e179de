"""Files on their way: uploaded, with what a person has chosen for them so far, and not yet a run.

Each lies in a folder of its own below the state folder: ``draft.json``, ``upload/`` with the file, ``mapping.toml``,
``check/`` with the rows and reports of its last check, ``reports/`` of its run.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import secrets
import shutil
import threading
import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from importer.errors import SettingsError
from importer.settings import Correction, DateOrder, Duplicates, Settings

LONGEST_NAME = 120
RECORD = "draft.json"
_ID = re.compile(r"[0-9a-f]{16}")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]')


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen for a file besides its mapping; the words are those of ``Settings``."""

    region: str | None = None
    timezone: str | None = None
    date_order: DateOrder | None = None
    sheet: str | None = None
    header_row: int | None = None
    limit: int | None = None
    strict: bool = False
    duplicates: Duplicates = "skip"
    send_changed: bool = False
    update_changed: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A file on its way. ``revision`` counts what was chosen for it, ``checked`` is the last one that was checked."""

    id: str
    folder: Path
    name: str
    vendor: str
    operation: str
    created: float
    """Unix seconds."""
    choices: Choices = Choices()
    corrections: tuple[Correction, ...] = ()
    revision: int = 0
    checked: int | None = None
    reported: str = ""
    """What the reports beside the last check are of: see ``state``."""
    run: str | None = None
    base_url: str | None = None
    practice: bool = False
    """Whether its run goes to the practice copy of the API."""

    @property
    def file(self) -> Path:
        """The uploaded file."""
        return self.folder / "upload" / self.name

    @property
    def mapping(self) -> Path:
        """Its mapping file, which may not be there yet."""
        return self.folder / "mapping.toml"

    @property
    def check(self) -> Path:
        """The folder of its last check: the rows."""
        return self.folder / "check"

    @property
    def check_reports(self) -> Path:
        """The folder of its last check's reports."""
        return self.folder / "check" / "reports"

    @property
    def reports(self) -> Path:
        """The folder of its run's reports."""
        return self.folder / "reports"

    @property
    def is_checked(self) -> bool:
        """Whether the rows that are kept are of what is chosen now."""
        return self.checked == self.revision

    @property
    def state(self) -> str:
        """A digest of what is chosen and corrected by now."""
        entries = sorted((entry.row, entry.column, entry.text) for entry in self.corrections)
        said = json.dumps([self.revision, entries]).encode()
        return hashlib.blake2b(said, digest_size=8).hexdigest()

    @property
    def is_reported(self) -> bool:
        """Whether there are reports of what is chosen and corrected by now."""
        return self.is_checked and self.reported == self.state

    def settings(self, state_dir: Path, output: Path) -> Settings:
        """What was chosen, as the settings of a check or a run."""
        chosen = {entry.name: getattr(self.choices, entry.name) for entry in fields(Choices)}
        return Settings(
            self.vendor,
            self.operation,
            output=output,
            state_dir=state_dir,
            mapping=self.mapping if self.mapping.exists() else None,
            corrections=self.corrections,
            **chosen,
        )


class Drafts:
    """The drafts of a state folder. Every change is on disk before it is told."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "drafts"
        self._lock = threading.RLock()

    def begin(self, name: str, vendor: str, operation: str) -> Draft:
        """A new draft, with an empty folder for its file."""
        draft_id = secrets.token_hex(8)
        draft = Draft(draft_id, self._folder / draft_id, safe_name(name), vendor, operation, time.time())
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (draft.folder, draft.file.parent):  # of several at once only the last would get the mode
            folder.mkdir(mode=0o700)
        self._write(draft)
        return draft

    def get(self, draft_id: str) -> Draft:
        """A draft. Raises SettingsError when there is none of that id."""
        gone = "this file is not here any more; upload it again"
        if not _ID.fullmatch(draft_id):
            raise SettingsError(gone)
        try:
            data = json.loads((self._folder / draft_id / RECORD).read_text(encoding="utf-8"))
            return self._read(draft_id, data)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SettingsError(gone) from error

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

        Another sheet or header row makes it another table: its cells were never corrected.
        """
        with self._lock:
            draft = self.get(draft_id)
            if mapping is not None:
                write_private(draft.mapping, mapping)
            same = (choices.sheet, choices.header_row) == (draft.choices.sheet, draft.choices.header_row)
            kept = draft.corrections if same else ()
            return self.change(draft_id, choices=choices, revision=draft.revision + 1, corrections=kept)

    def correct(self, draft_id: str, correction: Correction | None, at: tuple[int, int]) -> Draft:
        """The draft with another text in the cell ``at`` (row, column); with None the file's own again."""
        with self._lock:
            draft = self.get(draft_id)
            others = tuple(entry for entry in draft.corrections if (entry.row, entry.column) != at)
            return self.change(draft_id, corrections=(*others, correction) if correction else others)

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


def safe_name(name: str) -> str:
    """A file's name without what would lead elsewhere, cannot be seen or is too long; its ending stays."""
    plain = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .") or "contacts"
    stem, dot, ending = plain.rpartition(".")
    if len(plain.encode()) <= LONGEST_NAME:
        return plain
    ending = dot + ending[:20] if dot else ""
    short = (stem or plain).encode()[: LONGEST_NAME - len(ending.encode())].decode(errors="ignore")
    return short + ending


def write_private(path: Path, text: str) -> None:
    """Write a file so that it is there as a whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.chmod(0o600)
    part.replace(path)
