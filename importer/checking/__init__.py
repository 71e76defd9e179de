"""Checks frames of fields against the operation's pandera schema: problems, and the rows that are invalid."""

from __future__ import annotations

from importer.checking.checker import Checked, Checker
from importer.checking.non_records import ContactColumn, NonRecords, find_repeated_headers
from importer.checking.shared_contacts import sharing_problems
from importer.checking.unidentified import Unidentified
from importer.model.provenance import FieldSource

__all__ = [
    "Checked", "Checker", "ContactColumn", "FieldSource", "NonRecords", "Unidentified", "find_repeated_headers",
    "sharing_problems",
]  # fmt: skip
