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


def reference_of(vendor: Vendor) -> str:
    """Return a text by which a later process finds the contract again: a built-in name, else an absolute path.

    A path into this package would be wrong as soon as the program is installed elsewhere.
    """
    return vendor.file.stem if vendor.file.parent == FOLDER else str(vendor.file.absolute())


def current_reference(reference: str) -> str:
    """Return where a contract that was stored as ``reference`` is now: its name or its path.

    Earlier versions stored built-in vendors by the path of their document, too. Where that document is gone, the
    built-in vendor of its name is meant; the caller compares digests.
    """
    path = Path(reference)
    return path.stem if path.suffix and not path.exists() and path.stem in vendor_names() else reference
