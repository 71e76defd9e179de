"""Reference to a source: the data that says what is imported, without opening it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Refers to a source by its URI: the path of a file, or ``-`` for standard input."""

    uri: str

    @classmethod
    def of(cls, file: Path | str) -> SourceRef:
        """Return the reference to a file."""
        return cls(str(Path(file)))

    def __str__(self) -> str:
        return self.uri

    @property
    def path(self) -> Path:
        """The file's path."""
        return Path(self.uri)

    @property
    def name(self) -> str:
        """The name to show, without the folder."""
        return self.path.name

    @property
    def stem(self) -> str:
        """The name without its suffixes, from which the output folder gets its name."""
        if self.uri == STANDARD_INPUT:
            return "stdin"
        packed = self.path.suffix.lower() == ".gz"
        return Path(self.path.stem).stem if packed else self.path.stem
