"""Sends deliveries and judges the answers. Nothing leaves before the journal knows that it may have been sent."""

from __future__ import annotations
