"""The vendors that come with the importer, and any other document by its path."""

from __future__ import annotations

from pathlib import Path

from schemas.contract import ContractError, Vendor

FOLDER = Path(__file__).parent


def vendor_names() -> tuple[str, ...]:
    """The vendors that come with the importer."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def load_vendor(name_or_path: str | Path) -> Vendor:
    """Load a known vendor by name, or any document by its path.

    Raises ContractError when there is no such vendor or the document cannot be used.
    """
    from schemas.openapi import read_vendor

    text = str(name_or_path)
    known = FOLDER / f"{text.lower()}.yaml"
    if text.lower() in vendor_names():
        return read_vendor(known)
    if Path(text).suffix in {".yaml", ".yml", ".json"}:
        return read_vendor(Path(text))
    raise ContractError(
        f"there is no vendor {text!r}; known are {', '.join(vendor_names())}, or the path of an OpenAPI .yaml file"
    )
