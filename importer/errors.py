"""The exceptions that stop a run. A bad row is data, not an exception.

    ImporterError
    ├── SetupError            exit 2: nothing was sent; correct the command, the settings or the file
    │   ├── FileError             the file cannot be read as a table
    │   │   └── UndecidedEncodingError    its letters fit several encodings
    │   ├── MappingError          the columns do not match the fields
    │   │   └── UnansweredQuestionsError  (importer.questions) only a person can answer these
    │   ├── SettingsError         vendor, key, address or an option is missing or wrong
    │   └── JournalUnavailableError   the journal cannot be opened, or belongs to a newer version
    │       └── JournalLostError          it is damaged, gone or another one; --new-journal gives it up
    ├── ReportError           exit 4: the reports could not be written; what was sent is known; resume writes them
    ├── JournalError          exit 4: the journal could not be written; nothing unwritten was sent; resume later
    │   └── DamagedRowsError      a file of the run's folder is damaged or gone
    └── InternalError         exit 1: a bug, such as counts that do not add up

``cli/error_handler.py`` turns them into a line of text and an exit code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Self

from importer.model.problem import message_of


class ExitCode(IntEnum):
    """The exit codes of the process. The most serious one wins: see ``model.status.exit_code``."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    NEEDS_REVIEW = 3
    STOPPED = 4
    UNCERTAIN = 5
    INTERRUPTED = 130


EXIT_CODE_MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.DONE: "All rows are imported; a check found nothing to fix.",
    ExitCode.INTERNAL: "A bug in this program. The journal still knows what was sent.",
    ExitCode.USAGE: "Wrong command, settings or file. Nothing was sent.",
    ExitCode.NEEDS_REVIEW: "Some rows need attention: they are in errors.xlsx.",
    ExitCode.STOPPED: "The run stopped early, such as for a refused key. `resume` continues it.",
    ExitCode.UNCERTAIN: "Some rows are uncertain: the vendor may or may not have created them.",
    ExitCode.INTERRUPTED: "Interrupted. `resume` continues the run.",
}


class ImporterError(Exception):
    """The base of all errors that stop a run. ``str()`` says what is wrong, where, and what to do.

    For whoever shows the error in another language, ``code`` is that of a kind in ``model.problem``, and ``template`` a
    text of the catalogue. Both are blank where the text is neither.
    """

    exit_code = ExitCode.INTERNAL
    code = ""
    params: Mapping[str, Any] = {}
    template = ""
    values: Mapping[str, Any] = {}

    @classmethod
    def of_kind(cls, code: str, **params: Any) -> Self:
        """Return the error of a problem kind, with its English text."""
        error = cls(message_of(code, params))
        error.code, error.params = code, params
        return error

    @classmethod
    def said(cls, template: str, **values: Any) -> Self:
        """Return the error of a text of the catalogue with its values.

        A value ``…_text`` is a text of the catalogue, too. The value ``cli`` is for the command line alone.
        """
        error = cls(template % values)
        error.template, error.values = template, values
        return error


class SetupError(ImporterError):
    """The run cannot start, and nothing was sent. The message says what to correct."""

    exit_code = ExitCode.USAGE


class FileError(SetupError):
    """The file is missing, empty or not a table; name another file, sheet, delimiter or encoding."""


class UndecidedEncodingError(FileError):
    """A text's letters fit several encodings; ``rivals`` are each an encoding and one word as it reads there."""

    rivals: Sequence[tuple[str, str]] = ()


class MappingError(SetupError):
    """A column or field is unknown, or a required field has no column; use --map or --set."""


class SettingsError(SetupError):
    """A vendor, key, address or option is missing or wrong.

    ``option`` and ``remedy`` are for the command line; a caller with another way to give the setting shows ``reason``.
    """

    def __init__(self, reason: str, *, option: str = "", remedy: str = "") -> None:
        super().__init__(f"{option} {reason}{remedy}" if option else f"{reason}{remedy}")
        self.reason = reason

    @classmethod
    def said(cls, template: str, *, option: str = "", remedy: str = "", **values: Any) -> Self:
        """Return the error of a text of the catalogue; option and remedy stay untranslated, and are not shown there."""
        error = cls(template % values, option=option, remedy=remedy)
        error.template, error.values = template, values
        return error


class JournalUnavailableError(SetupError):
    """The journal cannot be opened; check the state folder."""


class JournalLostError(JournalUnavailableError):
    """The journal is damaged, or it is not there while its runs are. Restore it, or give it up with --new-journal."""


class JournalOutdatedError(JournalLostError):
    """The journal is an older copy: runs began or ended after it was made. Restore a newer one, or accept it."""


class JournalError(ImporterError):
    """The journal could not be written, so sending stopped. Make room, then resume."""

    exit_code = ExitCode.STOPPED


class DamagedRowsError(JournalError):
    """A file of a run's folder is damaged or gone. Restore it, or import the original file again."""


class ReportError(ImporterError):
    """The reports could not be written. Make room, then resume: nothing is sent twice for it."""

    exit_code = ExitCode.STOPPED


class InternalError(ImporterError):
    """A bug in this program. Report it; the journal still knows what was sent."""
