"""Mapping files saved under a name, to be reused for the same vendor and operation."""

from __future__ import annotations

from pathlib import Path

from importer.drafts.draft import safe_name
from importer.errors import SettingsError
from importer.files import make_private_folder, write_atomic


class SavedMappings:
    """The saved mapping files of a state folder."""

    def __init__(self, state_dir: Path) -> None:
        self._root = state_dir / "mappings"

    def names(self, vendor: str, operation: str) -> list[str]:
        """Return the names of the saved mappings, sorted."""
        return sorted(path.stem for path in self._folder(vendor, operation).glob("*.toml"))

    def save(self, vendor: str, operation: str, name: str, text: str) -> None:
        """Save a mapping file; one of the same name is replaced."""
        folder = self._folder(vendor, operation)
        make_private_folder(folder)
        plain = name.replace("/", "_").replace("\\", "_")  # safe_name would take it for a path
        write_atomic(folder / f"{safe_name(plain)}.toml", text)

    def text(self, vendor: str, operation: str, name: str) -> str:
        """Return a saved mapping file. Raises SettingsError when there is none of that name."""
        if name not in self.names(vendor, operation):
            raise SettingsError(f"there is no saved mapping {name!r}")
        return (self._folder(vendor, operation) / f"{name}.toml").read_text(encoding="utf-8")

    def _folder(self, vendor: str, operation: str) -> Path:
        return self._root / f"{safe_name(vendor)}-{safe_name(operation)}"
