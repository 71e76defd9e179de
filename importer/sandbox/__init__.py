"""The vendors' APIs on loopback, made from the same documents as the checks, but without sharing their code."""

from __future__ import annotations
