"""One run's fixed facts, handed from stage to stage, and kept so that a run can go on without its file."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping as Lookup
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import Any

from importer.cleaning import Change
from importer.errors import SettingsError
from importer.journal import RunRecord
from importer.mapping import Mapping, field_mapping_from_data, field_mapping_to_data
from importer.model.source_ref import SourceRef
from importer.model.table import FileFacts
from importer.observer import Observer
from importer.runs.prepare import Prepared, find_operation
from importer.settings import Settings, chosen
from schemas.contract import Operation, Vendor

# What a run keeps of its settings: what shapes its requests and reports. Never the key.
KEPT = (
    "operation", "base_url", "strict", "duplicates", "send_changed", "update_changed", "on_invalid", "concurrency",
    "rate", "timeout", "max_tries", "patience", "keep_going", "report_formats",
)  # fmt: skip

PLAN_VERSION = 3
"""Of what a run keeps, its spooled rows too: a run of another version is not gone on with."""


@dataclass(frozen=True, slots=True)
class ImportRun:
    """A run with its contract and its checked rows. ``target`` is None for a check."""

    run: str
    source: SourceRef
    settings: Settings
    vendor: Vendor
    operation: Operation
    prepared: Prepared
    observer: Observer
    target: str | None = None
    started: float = 0.0
    """Of a run that goes on: when it first began, in Unix seconds."""
    said: Lookup[str, str] = field(default_factory=dict)
    """Of a run that goes on: what was chosen when it began."""

    @property
    def output(self) -> Path:
        """The folder of its reports."""
        return self.settings.output or Path(f"{self.source.stem}-{self.run}")

    def record(self) -> RunRecord:
        """The run as the journal remembers it, owned by this process."""
        now = time.time()
        return RunRecord(
            id=self.run,
            file_name=self.source.name,
            file_sha256=self.prepared.facts.sha256,
            vendor=self.vendor.name,
            operation=self.operation.name,
            target=self.target or "",
            contract=self.vendor.digest,
            output=str(self.output.absolute()),
            options={
                "repeatable": self.operation.repeatable,
                "send_changed": self.settings.send_changed,
                "idempotency_ttl": self.operation.idempotency.ttl if self.operation.idempotency else 0.0,
            },
            rows=self.prepared.rows,
            host=socket.gethostname(),
            pid=os.getpid(),
            started=self.started or now,
            heartbeat=now,
        )

    def reading(self) -> dict[str, Any]:
        """How the file was read: what it takes to read rows of it again as they were read."""
        mapping = self.prepared.mapping
        return {
            "operation": self.operation.name,
            "document": self.operation.document,
            "hints": self.prepared.hints,
            "orders": self.prepared.orders,
            "last": self.prepared.last,
            "columns": mapping.columns,
            "feeds": [field_mapping_to_data(feed) for feed in mapping.feeds],
            "country": mapping.country,
        }

    def plan(self) -> dict[str, Any]:
        """What it takes to go on with the spooled rows without their file."""
        mapping, facts = self.prepared.mapping, self.prepared.facts
        return {
            "version": PLAN_VERSION,
            "file": self.source.uri,
            "output": str(self.output.absolute()),
            "vendor": str(self.vendor.file.absolute()),
            "contract": self.vendor.digest,
            "settings": {name: getattr(self.settings, name) for name in KEPT},
            **self.reading(),
            "said": chosen(self.settings),
            "unused": mapping.unused,
            "notes": mapping.notes,
            "facts": facts.to_data(),
            "rows": self.prepared.rows,
            "invalid": self.prepared.invalid,
            "changes": self.prepared.changes,
            "changed": {name: astuple(change) for name, change in self.prepared.changed.items()},
        }


def load_run(record: RunRecord, plan: dict[str, Any], settings: Settings, observer: Observer) -> ImportRun:
    """The job of a run that is to go on, with the key of these settings. Raises SettingsError when it cannot."""
    if plan.get("version") != PLAN_VERSION:
        raise SettingsError(
            f"run {record.id} was begun by another version of this program; import the file again: what is done is not "
            "sent a second time"
        )
    before: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in plan["settings"].items()
    }
    kept = replace(settings, vendor=plan["vendor"], output=Path(plan["output"]), **before)
    vendor, operation = find_operation(kept)
    if vendor.digest != plan["contract"]:
        raise SettingsError(
            f"run {record.id} was checked against another version of {vendor.title}'s contract; "
            "import the file again: what is done is not sent a second time"
        )
    prepared = prepared_of(plan, operation)
    source = SourceRef(plan["file"])
    return ImportRun(
        record.id, source, kept, vendor, operation, prepared, observer, record.target, record.started, plan["said"]
    )


def prepared_of(plan: dict[str, Any], operation: Operation) -> Prepared:
    """What was known of the rows once they were checked. Raises SettingsError when the operation is another one."""
    feeds = []
    for data in plan["feeds"]:
        field = operation.field(data["field"])
        if field is None:
            raise SettingsError(f"the rows that are kept feed {data['field']}, which {operation.name} does not have")
        feeds.append(field_mapping_from_data(data, field))
    return Prepared(
        facts=FileFacts.from_data(plan["facts"]),
        mapping=Mapping(
            tuple(feeds), tuple(plan["columns"]), tuple(plan["unused"]), tuple(plan["notes"]), plan["country"]
        ),
        rows=plan["rows"],
        invalid=plan["invalid"],
        changes=plan["changes"],
        changed={name: Change(*change) for name, change in plan["changed"].items()},
        orders=plan["orders"],
        hints=plan["hints"],
        last=plan["last"],
        seconds={"read": 0.0, "check": 0.0},
    )
