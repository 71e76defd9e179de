"""Mapping files that were saved under a name, to be used again for the same vendor and operation."""

from __future__ import annotations

from pathlib import Path

from importer.drafts.draft import safe_name, write_private
from importer.errors import SettingsError


class Mappings:
    """The saved mapping files of a state folder."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "mappings"

    def names(self, vendor: str, operation: str) -> list[str]:
        """The names that there are."""
        return sorted(path.stem for path in self._of(vendor, operation).glob("*.toml"))

    def save(self, vendor: str, operation: str, name: str, text: str) -> None:
        """Save a mapping file; one of the same name is replaced."""
        folder = self._of(vendor, operation)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        plain = name.replace("/", "_").replace("\\", "_")  # it is a name, not a path
        write_private(folder / f"{safe_name(plain)}.toml", text)

    def text(self, vendor: str, operation: str, name: str) -> str:
        """A saved mapping file. Raises SettingsError when there is none of that name."""
        if name not in self.names(vendor, operation):
            raise SettingsError(f"there is no saved mapping {name!r}")
        return (self._of(vendor, operation) / f"{name}.toml").read_text(encoding="utf-8")

    def _of(self, vendor: str, operation: str) -> Path:
        return self._folder / f"{safe_name(vendor)}-{safe_name(operation)}"
