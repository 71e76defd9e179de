"""Options that decide how a source is read."""

from __future__ import annotations

from dataclasses import dataclass

from importer.settings import Settings


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The user's choices for reading a source; None means "detect it".

    ``internal_prefix`` is set for a workbook that this program wrote: sheets whose names begin with it are never
    chosen as the data, and columns whose names begin with it may be hidden without a note.
    """

    delimiter: str | None = None
    encoding: str | None = None
    header_row: int | None = None
    sheet: str | None = None
    internal_prefix: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> ReadOptions:
        """Return the reading options among the settings of a run."""
        return cls(settings.delimiter, settings.encoding, settings.header_row, settings.sheet)

    def is_internal(self, name: str) -> bool:
        """Return True for the name of a sheet or column that this program added."""
        return self.internal_prefix is not None and name.lower().startswith(self.internal_prefix)
