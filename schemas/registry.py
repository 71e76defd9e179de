"""Finds vendors: the ones that come with the importer by name, any other document by its path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from schemas.contract import ContractError, Vendor

FOLDER = Path(__file__).parent
OWN_FOLDER_VARIABLE = "CONTACT_IMPORTER_VENDORS"
DOCUMENT_SUFFIXES = {".yaml", ".yml", ".json"}


def vendor_names() -> tuple[str, ...]:
    """Return the names of the vendors that come with the importer."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def own_vendors_folder() -> Path:
    """Return the folder of the user's own vendors, which need not exist."""
    if named := os.environ.get(OWN_FOLDER_VARIABLE):
        return Path(named)
    import platformdirs

    return platformdirs.user_config_path("contact-importer") / "vendors"


def own_vendor_files() -> dict[str, Path]:
    """Return the files of the user's own vendors by name; a vendor that comes with the importer keeps its name."""
    known = vendor_names()
    try:
        files = sorted(own_vendors_folder().iterdir())
    except OSError:
        return {}
    # A vendor's published document may lie beside its overlay.
    return {
        file.stem.lower(): file
        for file in files
        if file.suffix in DOCUMENT_SUFFIXES and file.stem.lower() not in known and _is_contract(file)
    }


def _is_contract(file: Path) -> bool:
    """Return True for an overlay, and for a document with ``x-importer`` in it."""
    try:
        raw = file.read_bytes()
    except OSError:
        return False
    return b"x-importer" in raw


def load_all() -> Iterator[tuple[str, Vendor | ContractError]]:
    """Yield every vendor by name: those that come with the importer, then the user's own, or why one cannot be used."""
    for name in vendor_names():
        yield name, load_vendor(name)
    for name, file in own_vendor_files().items():
        try:
            yield name, load_vendor(file)
        except ContractError as error:
            yield name, error


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
    own = own_vendor_files()
    if text.lower() in own:
        return read_vendor(own[text.lower()])
    known = ", ".join((*vendor_names(), *own))
    raise ContractError(f"there is no vendor {text!r}; known are {known}, or the path of an OpenAPI .yaml file")


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
