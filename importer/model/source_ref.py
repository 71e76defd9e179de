"""Reference to a source: the data that says what is imported, without opening it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

STANDARD_INPUT = "-"


def printable_path(path: Path) -> str:
    """Return a path as text that can be stored: bytes of its name that are no UTF-8 become replacement characters."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_GOOGLE_SHEET = re.compile(r"(https://docs\.google\.com/spreadsheets/d/[\w-]+)[^#]*(#gid=\d+)?")


def is_remote(text: str) -> bool:
    """Return True for the address of a file on another machine, such as s3://bucket/leads.csv."""
    return _SCHEME.match(text) is not None


def without_secrets(url: str) -> str:
    """Return an address without what may be secret: a password, and a query, which may be a signature."""
    if sheet := _GOOGLE_SHEET.match(url):
        return sheet[1] + (sheet[2] or "")
    scheme, _, rest = url.partition("://")
    server, slash, path = re.split(r"[?#]", rest, maxsplit=1)[0].partition("/")
    user, at, host = server.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}{at}{host}{slash}{path}"


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Refers to a source by its URI: the path of a file, an address, or ``-`` for standard input.

    ``location`` is what is opened where it differs from the URI, which is shown and stored: a path that is no UTF-8, or
    an address with a signature.
    """

    uri: str
    location: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, file: Path | str) -> SourceRef:
        """Return the reference to a file."""
        if isinstance(file, str) and is_remote(file):
            return cls(without_secrets(file), file)
        path = Path(file)
        uri = printable_path(path)
        return cls(uri, None if uri == str(path) else str(path))

    def __str__(self) -> str:
        return self.uri

    @property
    def path(self) -> Path:
        """The file's path."""
        return Path(self.location or self.uri)

    @property
    def name(self) -> str:
        """The name to show, without the folder."""
        return self._shown_path.name

    @property
    def stem(self) -> str:
        """The name without its suffixes, from which the output folder gets its name."""
        if self.uri == STANDARD_INPUT:
            return "stdin"
        path = self._shown_path
        return Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem

    @property
    def _shown_path(self) -> Path | PurePosixPath:
        return PurePosixPath(unquote(urlsplit(self.uri).path)) if is_remote(self.uri) else Path(self.uri)
