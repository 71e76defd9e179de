"""Rows of a file that a check found to be ready and that nobody has sent, when its rows to fix are imported."""

from __future__ import annotations

from pathlib import Path

from importer.journal import Journal
from importer.reimport import OriginalFile


def describe_unsent_rows(original: OriginalFile | None, vendor: str, journal: Journal) -> str:
    """Return what is missing, and the command that sends it; an empty text if the file was run, or nothing is ready."""
    if original is None or not original.ready:
        return ""
    if any(run.file_sha256 == original.sha256 and run.vendor == vendor for run in journal.list_runs()):
        return ""
    rows = "1 row that is" if original.ready == 1 else f"{original.ready:,} rows that are"
    name = Path(original.path).name
    return f"{name} was only checked, never run: {rows} ready in it have not been sent; run {original.path} sends them"
