"""The context of a run: everything that follows from its settings, resolved once and handed down."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from importer.errors import SettingsError
from importer.journal import Journal, open_journal
from importer.observer import Observer
from importer.reading import Source
from importer.reimport import Reimport, adopt_match, adopt_operation, detect
from importer.run_store.run_folder import state_folder
from importer.runs.file_settings import with_file_keys
from importer.runs.liveness import mark_dead_runs_interrupted
from importer.runs.match_rule import MatchRule, find_match_rule, find_preview_rule
from importer.settings import Settings
from schemas.contract import ContractError, Operation, Vendor
from schemas.registry import load_vendor

if TYPE_CHECKING:
    from importer.sending.target import Target


@dataclass(frozen=True)  # without slots, because cached_property keeps the target in the instance's __dict__
class RunContext:
    """A run's contract, settings, state folder and target.

    ``update_operation`` updates contacts that have changed, or that the vendor has already; ``match`` is how those are
    found. ``reimport`` is what is known of a source that is one of our own reports.
    """

    vendor: Vendor
    operation: Operation
    update_operation: Operation | None
    settings: Settings
    state_dir: Path
    reimport: Reimport | None = None
    match: MatchRule | None = None

    @property
    def can_update_changed(self) -> bool:
        """True if ``--update-changed`` would update changed contacts, and neither it nor ``--match`` was given."""
        return self.vendor.can_update and not self.settings.update_changed and self.match is None

    @cached_property
    def comparison(self) -> MatchRule:
        """The way in which a check compares rows with the vendor's contacts. Raises SettingsError."""
        return self.match or find_preview_rule(self.vendor, self.operation, self.settings)

    @cached_property
    def target(self) -> Target:
        """The checked address and key, needed only by what sends. Raises SettingsError."""
        from importer.sending.target import find_target  # late: a check needs neither an address nor a key

        return find_target(self.vendor, self.settings.base_url, self.settings.api_key, self.settings.ca_file)


def resolve_context(settings: Settings) -> RunContext:
    """Resolve the context of these settings. Raises SettingsError."""
    return _context(find_vendor(settings), settings)


def resolve_file_context(source: Source, settings: Settings, observer: Observer) -> RunContext:
    """Resolve the context of importing a source. A report of an earlier run brings that run's operation.

    The settings get what the mapping file says of the whole file.

    Raises SettingsError.
    """
    settings = with_file_keys(settings)
    vendor = find_vendor(settings)
    find_operation(vendor, settings)
    reimport = detect(source, vendor, settings.state_dir)
    settings = adopt_operation(reimport, source.ref, vendor, settings, observer)
    context = _context(vendor, adopt_match(reimport, settings, observer), reimport)
    _note_limits(context.operation, observer)
    return context


def _note_limits(operation: Operation, observer: Observer) -> None:
    """Say what the contract of a vendor that was made from its document cannot do."""
    if not operation.identity and operation.method != "DELETE":
        observer.on_note(
            "The vendor's contract names no identity: contacts sent before with other values are sent again."
        )
    if operation.left_out:
        count = len(operation.left_out)
        first = ", ".join(left.path for left in operation.left_out[:3]) + (" …" if count > 3 else "")
        observer.on_note(
            f"{count} optional part{'' if count == 1 else 's'} of the request cannot be filled from a cell ({first}); "
            "vendors show lists them."
        )


def find_vendor(settings: Settings) -> Vendor:
    """Load the contract of the vendor that the settings name. Raises SettingsError."""
    try:
        return load_vendor(settings.vendor)
    except ContractError as error:
        raise SettingsError(str(error)) from error


def find_operation(vendor: Vendor, settings: Settings) -> Operation:
    """Return the operation that the settings name. Raises SettingsError."""
    delete = vendor.delete_operation
    if delete is not None and settings.operation == delete.name:
        return delete
    operation = vendor.operations.get(settings.operation)
    if operation is None:
        raise SettingsError(
            f"{vendor.title}: has no operation {settings.operation!r}; it has {', '.join(vendor.operations)}"
        )
    return operation


def _context(vendor: Vendor, settings: Settings, reimport: Reimport | None = None) -> RunContext:
    operation = find_operation(vendor, settings)
    match = find_match_rule(vendor, operation, settings)
    update_operation = match.update if match else _find_update_operation(vendor, operation, settings)
    return RunContext(vendor, operation, update_operation, settings, state_folder(settings.state_dir), reimport, match)


@contextlib.contextmanager
def open_state(state_dir: Path, *, new_journal: bool = False) -> Iterator[Journal]:
    """Open the journal of a state folder for a block. Runs whose process has died are marked as interrupted."""
    journal = open_journal(state_dir, verify=True, new_journal=new_journal)
    try:
        mark_dead_runs_interrupted(journal)
        yield journal
    finally:
        journal.close()


def _find_update_operation(vendor: Vendor, operation: Operation, settings: Settings) -> Operation | None:
    """Return the operation that ``--update-changed`` needs; None without that option. Raises SettingsError."""
    if not settings.update_changed:
        return None
    if settings.send_changed:
        raise SettingsError("--update-changed and --send-changed cannot be combined")
    if operation.repeatable:
        raise SettingsError(f"--update-changed: {operation.name} updates contacts anyway; leave it out")
    if not vendor.can_update:
        raise SettingsError(f"--update-changed: {vendor.title} documents no way to update a contact")
    return vendor.update_operation
