"""What can stop a run. A bad row is data; only these are exceptions.

    ImporterError
    ├── SetupError            exit 2: nothing was sent; mend the command, the settings or the file
    │   ├── FileError             the file cannot be read as a table
    │   ├── MappingError          columns and fields do not come together
    │   ├── SettingsError         vendor, key, address or an option is missing or wrong
    │   └── JournalUnavailableError   the journal cannot be opened, or belongs to a newer version
    ├── ReportError           exit 4: the reports could not be written; what was sent is known; resume writes them
    ├── JournalError          exit 4: the journal could not be written; nothing unwritten was sent; resume later
    └── InternalError         exit 1: a mistake of this program, such as counts that do not add up

``cli/failures.py`` is the one place that turns them into a line of text and an exit code.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Self

from importer.model.problem import message_of


class ExitCode(IntEnum):
    """What the process says when it ends. The highest concern wins: see ``records.exit_code``."""

    DONE = 0
    INTERNAL = 1
    USAGE = 2
    NEEDS_REVIEW = 3
    STOPPED = 4
    UNCERTAIN = 5
    INTERRUPTED = 130


class ImporterError(Exception):
    """Anything that stops a run. ``str()`` says where, what, and what to do.

    ``code`` is that of a kind in ``model.problem``, for whoever shows the error in another language; blank where the
    text is not of such a kind.
    """

    exit_code = ExitCode.INTERNAL
    code = ""
    params: Mapping[str, Any] = {}

    @classmethod
    def of_kind(cls, code: str, **params: Any) -> Self:
        """Return the error of a problem kind, with its English text."""
        error = cls(message_of(code, params))
        error.code, error.params = code, params
        return error


class SetupError(ImporterError):
    """The run cannot begin. Nothing was sent. The message says what to mend."""

    exit_code = ExitCode.USAGE


class FileError(SetupError):
    """The file is missing, empty or not a table; name another file, sheet, delimiter or encoding."""


class MappingError(SetupError):
    """A column or field is unknown, or a required field is fed by nothing; use --map or --set."""


class SettingsError(SetupError):
    """A vendor, key, address or option is missing or wrong."""


class JournalUnavailableError(SetupError):
    """The journal cannot be opened; check the state folder, or use --state-dir."""


class JournalError(ImporterError):
    """The journal could not be written, so sending stopped. Make room, then resume."""

    exit_code = ExitCode.STOPPED


class ReportError(ImporterError):
    """The reports could not be written. Make room, then resume: nothing is sent twice for it."""

    exit_code = ExitCode.STOPPED


class InternalError(ImporterError):
    """A mistake of this program. Report it; the journal still knows what was sent."""
