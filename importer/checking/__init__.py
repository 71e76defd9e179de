"""A frame of fields × the operation's pandera schema → problems in words, and the rows they keep back."""

from __future__ import annotations

from importer.checking.checker import Checked, Checker
from importer.checking.sharing import sharing_problems
from importer.origins import Origin

__all__ = ["Checked", "Checker", "Origin", "sharing_problems"]
