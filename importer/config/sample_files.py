"""The sample files that the program brings with it, and their manifest."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from importer.errors import SettingsError

MANIFEST = "samples.toml"


def sample_folder() -> Path:
    """Return the folder of the samples: in the installed package, or beside it in a checkout. Raises SettingsError."""
    here = Path(__file__).parent.parent  # the package importer
    for folder in (here / "_sample_data", here.parent / "sample_data"):
        if (folder / MANIFEST).exists():
            return folder
    raise SettingsError("the sample files are not installed")


def samples() -> list[dict[str, Any]]:
    """Return the samples' manifest: file, vendor, operation, settings and expected counts of each."""
    manifest = tomllib.loads((sample_folder() / MANIFEST).read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = manifest["sample"]
    return entries
