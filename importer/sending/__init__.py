"""Good rows → requests → outcomes. Nothing leaves before the journal knows that it may have."""

from __future__ import annotations
