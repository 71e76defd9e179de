"""A draft: an uploaded file with the choices made for it so far. It becomes a run when it is imported."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from importer.drafts.edit import Edit, Edits, KeptAnswer, with_answers
from importer.settings import Correction, DateOrder, Duplicates, Settings

MAX_NAME_BYTES = 120
MAX_SUFFIX_CHARS = 20
# Control characters, separators of paths, characters Windows forbids, and marks that reverse the direction of text.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u202a-\u202e\u2066-\u2069]')


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of a draft besides its mapping, under their names in ``Settings``."""

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
    encoding: str | None = None
    delimiter: str | None = None

    @property
    def table(self) -> tuple[str | None, int | None, str | None]:
        """The choices that decide which cells there are: sheet, header row and delimiter."""
        return self.sheet, self.header_row, self.delimiter


@dataclass(frozen=True, slots=True)
class Draft:
    """An uploaded file with its choices. It counts its revisions, so that a page can tell that it shows an old one."""

    id: str
    folder: Path
    name: str
    vendor: str
    operation: str
    created: float  # Unix seconds
    choices: Choices = Choices()
    corrections: tuple[Correction, ...] = ()
    removed: tuple[int, ...] = ()  # rows, by number
    answers: tuple[KeptAnswer, ...] = ()
    edits: tuple[Edit, ...] = ()  # the actions behind these, which can be undone
    revision: int = 0  # of the choices and answers; corrections and removed rows do not count
    checked: int | None = None  # the revision that was last checked
    reported: str = ""  # the ``state`` that the reports of the last check belong to
    run: str | None = None
    base_url: str | None = None
    practice: bool = False  # its run goes to the practice copy of the API
    sheets: tuple[tuple[str, int], ...] = ()  # of a workbook: the visible sheets with data, and their rows
    unsaved: Mapping[str, str] = field(default_factory=dict)  # the fields of the columns' form, until it is sent

    @property
    def file(self) -> Path:
        """The uploaded file."""
        return self.folder / "upload" / self.name

    @property
    def mapping(self) -> Path:
        """The path of its mapping file, which may not exist yet."""
        return self.folder / "mapping.toml"

    def mapping_text(self) -> str:
        """Return its mapping file; blank where there is none yet."""
        try:
            return self.mapping.read_text(encoding="utf-8")
        except OSError:
            return ""

    @property
    def check(self) -> Path:
        """The folder with the rows of its last check."""
        return self.folder / "check"

    @property
    def corrected_check(self) -> Path:
        """The folder with the rows of its last check that included the corrections."""
        return self.folder / "corrected"

    @property
    def check_reports(self) -> Path:
        """The folder with the reports of its last check."""
        return self.folder / "check" / "reports"

    @property
    def reports(self) -> Path:
        """The folder with the reports of its run."""
        return self.folder / "reports"

    @property
    def has_edits(self) -> bool:
        """True when cells were corrected or rows removed."""
        return bool(self.corrections or self.removed)

    @property
    def everything_edited(self) -> Edits:
        """The corrections, removed rows and answers, with the actions behind them."""
        return Edits(self.corrections, self.removed, self.answers, self.edits)

    @property
    def is_checked(self) -> bool:
        """True when the stored check is one of the current choices."""
        return self.checked == self.revision

    @property
    def state(self) -> str:
        """A digest of the current choices and corrections."""
        entries = sorted((entry.row, entry.column, entry.text) for entry in self.corrections)
        content = json.dumps([self.revision, entries, *([self.removed] if self.removed else [])]).encode()
        return hashlib.blake2b(content, digest_size=8).hexdigest()

    @property
    def is_reported(self) -> bool:
        """True when the stored reports are of the current choices and corrections."""
        return self.is_checked and self.reported == self.state

    def settings(self, state_dir: Path, output: Path) -> Settings:
        """Return the settings of a check or a run of this draft."""
        chosen = {entry.name: getattr(self.choices, entry.name) for entry in fields(Choices)}
        settings = Settings(
            self.vendor,
            self.operation,
            output=output,
            state_dir=state_dir,
            mapping=self.mapping if self.mapping.exists() else None,
            corrections=self.corrections,
            removed=self.removed,
            **chosen,
        )
        return with_answers(settings, self.answers)


def safe_name(name: str) -> str:
    """Return a file's name without folders and invisible or forbidden characters, shortened before its suffix."""
    plain = _UNSAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .") or "contacts"
    stem, dot, suffix = plain.rpartition(".")
    if len(plain.encode()) <= MAX_NAME_BYTES:
        return plain
    suffix = dot + suffix[:MAX_SUFFIX_CHARS] if dot else ""
    short = (stem or plain).encode()[: MAX_NAME_BYTES - len(suffix.encode())].decode(errors="ignore")
    return short + suffix
