"""Import every sample file into a sandbox, and compare the counts with those expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importer.config.sample_files import sample_folder, samples
from importer.model.status import Status
from importer.model.summary import Summary
from importer.observer import Observer
from importer.pipeline import run_import
from importer.sandbox.app import build_app
from importer.sandbox.server import running
from importer.settings import Settings
from schemas.registry import load_vendor


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """One sample's summary, and its counts that were not as expected."""

    file: str
    summary: Summary
    failures: tuple[str, ...]


def run_demo(folder: Path, observer: Observer) -> Iterator[DemoOutcome]:
    """Import the samples in turn. Reports and journal go into subfolders of ``folder``."""
    vendors = {entry["vendor"]: load_vendor(entry["vendor"]) for entry in samples()}
    app = build_app(list(vendors.values()))
    with running(app) as address:
        for entry in samples():
            settings = Settings(
                vendor=entry["vendor"],
                operation=entry.get("operation", "create"),
                base_url=f"{address}/{entry['vendor']}",
                api_key="iclosed-demo",
                output=folder / Path(entry["file"]).name.replace(".", "-"),
                state_dir=folder / "state",
                columns=tuple(entry.get("map", {}).items()),
                constants=tuple(entry.get("set", {}).items()),
                region=entry.get("region"),
                rate=1000.0,
                concurrency=8,
            )
            summary = run_import(sample_folder() / entry["file"], settings, observer)
            yield DemoOutcome(entry["file"], summary, tuple(_compare(entry, summary)))


def _compare(entry: dict[str, Any], summary: Summary) -> Iterator[str]:
    expected = {Status(name): count for name, count in entry["counts"].items()}
    for status, count in summary.counts.items():
        if count != expected.get(status, 0):
            yield f"{count} rows are {status}, {expected.get(status, 0)} expected"
    if sum(summary.counts.values()) != summary.rows:
        yield "the counts do not add up"
