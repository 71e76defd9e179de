"""A frame of fields × the operation's pandera schema → problems in words, and the rows they keep back."""

from __future__ import annotations

from importer.checking.checker import Checked, Checker
from importer.checking.shared_contacts import sharing_problems
from importer.model.provenance import FieldSource

__all__ = ["Checked", "Checker", "FieldSource", "sharing_problems"]
