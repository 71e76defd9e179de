"""Reports that come back with corrections: recognises them and restores their original rows and options."""

from __future__ import annotations

from importer.reimport.detect import Reimport, detect
from importer.reimport.original_file import OriginalFile
from importer.reimport.original_rows import OriginalRows, restore_rows
from importer.reimport.target_operation import adopt_match, adopt_operation
from importer.reimport.trusted_plan import FOREIGN_PLAN

__all__ = [
    "FOREIGN_PLAN", "OriginalFile", "OriginalRows", "Reimport",
    "adopt_match", "adopt_operation", "detect", "restore_rows",
]  # fmt: skip
