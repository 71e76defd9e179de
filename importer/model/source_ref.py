"""Reference to a source: the data that says what is imported, without opening it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STANDARD_INPUT = "-"


def printable_path(path: Path) -> str:
    """Return a path as text that can be stored: bytes of its name that are no UTF-8 become replacement characters."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Refers to a source by its URI: the path of a file, or ``-`` for standard input.

    ``location`` is the path on disk where it is no UTF-8 and the URI shows it with replacement characters.
    """

    uri: str
    location: str | None = None

    @classmethod
    def of(cls, file: Path | str) -> SourceRef:
        """Return the reference to a file."""
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
        return Path(self.uri).name

    @property
    def stem(self) -> str:
        """The name without its suffixes, from which the output folder gets its name."""
        if self.uri == STANDARD_INPUT:
            return "stdin"
        path = Path(self.uri)
        return Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem
