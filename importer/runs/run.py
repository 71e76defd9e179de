"""One run: its context, its checked rows, and the manifest by which it is resumed without its file."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from importer.errors import JournalUnavailableError, SettingsError
from importer.files import make_private_folder, write_atomic
from importer.journal import RunRecord
from importer.model.source_ref import SourceRef
from importer.observer import Observer
from importer.runs.context import RunContext, resolve_context
from importer.runs.prepared import Prepared
from importer.settings import Settings, chosen
from schemas.contract import Operation, Vendor
from schemas.registry import current_reference, reference_of

# The settings that shape requests and reports, kept for a resume. Never the key.
KEPT_SETTINGS = (
    "operation", "base_url", "strict", "duplicates", "send_changed", "update_changed", "match", "match_by",
    "fill_empty", "ask_anyway", "on_invalid", "concurrency",
    "rate", "timeout", "max_tries", "patience", "keep_going", "report_formats", "ca_file",
    "share", "rate_group", "practice",
)  # fmt: skip

CONTRACT = "contract"  # the folder, within that of a run, of a document of the user's own

# The version of the manifest and of the spooled rows. A run of another version cannot be resumed.
PLAN_VERSION = 3


@dataclass(frozen=True, slots=True)
class ImportRun:
    """A run with context and checked rows. ``target_name`` is the target's name in the journal; None for a check.

    ``started`` (Unix seconds) and ``options`` are those of the first start, for a run that is resumed.
    """

    id: str
    source: SourceRef
    context: RunContext
    prepared: Prepared
    observer: Observer
    target_name: str | None = None
    started: float = 0.0
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def vendor(self) -> Vendor:
        """The vendor's contract."""
        return self.context.vendor

    @property
    def operation(self) -> Operation:
        """The operation that each row asks for."""
        return self.context.operation

    @property
    def settings(self) -> Settings:
        """The settings of the run."""
        return self.context.settings

    @property
    def output(self) -> Path:
        """The folder of the reports."""
        return self.settings.output or Path(f"{self.source.stem}-{self.id}")

    def record(self) -> RunRecord:
        """Return the run as the journal stores it, owned by this process."""
        now = time.time()
        idempotency = self.operation.idempotency
        return RunRecord(
            id=self.id,
            file_name=self.source.name,
            file_sha256=self.prepared.facts.sha256,
            vendor=self.vendor.name,
            operation=self.operation.name,
            target=self.target_name or "",
            contract=self.vendor.digest,
            output=str(self.output.absolute()),
            options={
                "repeatable": self.operation.repeatable,
                "send_changed": self.settings.send_changed,
                "idempotency_ttl": idempotency.ttl if idempotency else 0.0,
                "origin": self.prepared.origin,
                "origin_last": self.prepared.original.last if self.prepared.original else 0,
            },
            rows=self.prepared.rows,
            host=socket.gethostname(),
            pid=os.getpid(),
            started=self.started or now,
            heartbeat=now,
        )

    def read_settings(self) -> dict[str, Any]:
        """Return what is needed to read a report of this run as its file was read."""
        # Rows that were held back because of what the vendor has must not be created by the report alone.
        return {**self.prepared.read_settings(self.operation), "match": self.settings.match_settings}

    def manifest(self) -> dict[str, Any]:
        """Return what is needed to resume the run from its spooled rows, as JSON data."""
        return {
            "version": PLAN_VERSION,
            "file": self.source.uri,
            "output": str(self.output.absolute()),
            "vendor": reference_of(self.vendor),
            "contract": self.vendor.digest,
            "settings": {name: getattr(self.settings, name) for name in KEPT_SETTINGS},
            "said": chosen(self.settings),
            **self.prepared.manifest(self.operation),
        }


def keep_contract(vendor: Vendor, folder: Path) -> None:
    """Keep a document of the user's own with a run: it may be gone, or the run is resumed on another machine.

    Raises JournalUnavailableError.
    """
    if not Path(reference_of(vendor)).suffix:
        return
    try:
        make_private_folder(folder / CONTRACT)
        write_atomic(folder / CONTRACT / vendor.file.name, vendor.file.read_bytes())
    except OSError as error:
        raise JournalUnavailableError(f"the contract cannot be kept in {folder} ({error}); make room") from error


def find_contract(reference: str, folder: Path) -> str:
    """Return where a run's contract is now: where it was, else in the folder of the run."""
    found = current_reference(reference)
    kept = folder / CONTRACT / PurePath(found).name
    return str(kept) if kept.exists() and not Path(found).exists() else found


def load_run(
    record: RunRecord, manifest: Mapping[str, Any], folder: Path, settings: Settings, observer: Observer
) -> ImportRun:
    """Return a stored run, to be resumed with the key of ``settings``, and its output folder if that names one.

    Raises SettingsError when another version of the program began it, or when its contract has changed.
    """
    if manifest.get("version") != PLAN_VERSION:
        raise SettingsError(
            f"run {record.id} was begun by another version of this program; import the file again: what is done is not "
            "sent a second time"
        )
    kept: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in manifest["settings"].items()
    }
    kept["ca_file"] = settings.ca_file or kept.get("ca_file")
    vendor, output = find_contract(manifest["vendor"], folder), settings.output or Path(manifest["output"])
    context = resolve_context(replace(settings, vendor=vendor, output=output, **kept))
    if context.vendor.digest != manifest["contract"]:
        raise SettingsError(
            f"run {record.id} was checked against another version of {context.vendor.title}'s contract; "
            "import the file again: what is done is not sent a second time"
        )
    return ImportRun(
        id=record.id,
        source=SourceRef(manifest["file"]),
        context=context,
        prepared=Prepared.from_manifest(manifest, context.operation),
        observer=observer,
        target_name=record.target,
        started=record.started,
        options=manifest["said"],
    )
