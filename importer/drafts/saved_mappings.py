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

    def save(self, vendor: str, operation: str, name: str, text: str) -> Path:
        """Save a mapping file, and return its path; one of the same name is replaced."""
        path = self._path(vendor, operation, name)
        make_private_folder(path.parent)
        write_atomic(path, text)
        return path

    def text(self, vendor: str, operation: str, name: str) -> str:
        """Return a saved mapping file. Raises SettingsError when there is none of that name."""
        return self.find(vendor, operation, name).read_text(encoding="utf-8")

    def rename(self, vendor: str, operation: str, name: str, new_name: str) -> Path:
        """Give a saved mapping another name, and return its path. Raises SettingsError when that name is taken."""
        path, new = self.find(vendor, operation, name), self._path(vendor, operation, new_name)
        if new.exists() and new != path:
            raise SettingsError.of_kind("mapping_name_taken", name=new.stem)
        return path.rename(new)

    def delete(self, vendor: str, operation: str, name: str) -> None:
        """Delete a saved mapping. Raises SettingsError when there is none of that name."""
        self.find(vendor, operation, name).unlink(missing_ok=True)

    def find(self, vendor: str, operation: str, name: str) -> Path:
        """Return the path of a saved mapping. Raises SettingsError when there is none of that name."""
        if name not in self.names(vendor, operation):
            raise SettingsError.of_kind("mapping_gone", name=name)
        return self._folder(vendor, operation) / f"{name}.toml"

    def _path(self, vendor: str, operation: str, name: str) -> Path:
        plain = name.replace("/", "_").replace("\\", "_")  # safe_name would take it for a path
        return self._folder(vendor, operation) / f"{safe_name(plain)}.toml"

    def _folder(self, vendor: str, operation: str) -> Path:
        return self._root / f"{safe_name(vendor)}-{safe_name(operation)}"
