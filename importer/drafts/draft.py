"""A file on its way: uploaded, with what a person has chosen for it so far, and not yet a run."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields
from pathlib import Path

from importer.settings import Correction, DateOrder, Duplicates, Settings

LONGEST_NAME = 120
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
    def corrected_check(self) -> Path:
        """The folder of its last check with the corrections: the rows."""
        return self.folder / "corrected"

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
