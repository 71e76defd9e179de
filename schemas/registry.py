"""Finds vendors: the ones that come with the importer by name, any other document by its path."""

from __future__ import annotations

from pathlib import Path

from schemas.contract import ContractError, Vendor

FOLDER = Path(__file__).parent
DOCUMENT_SUFFIXES = {".yaml", ".yml", ".json"}


def vendor_names() -> tuple[str, ...]:
    """Return the names of the vendors that come with the importer."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def load_vendor(name_or_path: str | Path) -> Vendor:
    """Load a known vendor by name, in any case, or a document by its path.

    Raises ContractError when there is no such vendor or the document cannot be used.
    """
    # Imported here because it loads PyYAML, and most importers of this module only want names.
    from schemas.openapi import read_vendor

    text = str(name_or_path)
    if text.lower() in vendor_names():
        return read_vendor(FOLDER / f"{text.lower()}.yaml")
    if Path(text).suffix in DOCUMENT_SUFFIXES:
        return read_vendor(Path(text))
    raise ContractError(
        f"there is no vendor {text!r}; known are {', '.join(vendor_names())}, or the path of an OpenAPI .yaml file"
    )
