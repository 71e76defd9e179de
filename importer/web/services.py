"""The services that all pages share: drafts, background tasks, credentials, the sandbox."""

from __future__ import annotations

import contextlib
import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request

from importer.drafts.draft import Draft
from importer.drafts.saved_mappings import SavedMappings
from importer.drafts.store import DraftStore
from importer.runs.history import is_run
from importer.web.authentication import Authenticator
from importer.web.background_tasks import TaskRegistry
from importer.web.credentials import Credentials
from importer.web.i18n import N_, PageError
from importer.web.unfinished_runs import UnfinishedRuns
from schemas.contract import ContractError, Vendor
from schemas.registry import load_all, load_vendor


class SandboxInstance:
    """The sandbox of all vendors for practice runs, started on first use and ended with the server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stack = contextlib.ExitStack()
        self._address = ""
        self._secret = secrets.token_hex(8)

    @property
    def is_running(self) -> bool:
        """Return whether the sandbox has been started."""
        return bool(self._address)

    def get_base_url(self, vendor: Vendor) -> str:
        """Return the base URL of a vendor's sandbox, which is started if it is not running."""
        from importer.sandbox.app import build_app
        from importer.sandbox.server import running

        with self._lock:
            if not self._address:
                self._address = self._stack.enter_context(running(build_app()))
            return f"{self._address}/{vendor.name}"

    def get_key(self, vendor: Vendor) -> str:
        """Return a key that the sandbox accepts.

        Each server has its own, because each has its own contacts: the journal must take it for another account.
        """
        return vendor.practice_key(f"practice{self._secret}")

    def close(self) -> None:
        """End the sandbox."""
        self._stack.close()


@dataclass(slots=True)
class WebServices:
    """The services that all pages share."""

    state_dir: Path
    authenticator: Authenticator
    credentials: Credentials
    drafts: DraftStore
    mappings: SavedMappings
    unfinished: UnfinishedRuns
    tasks: TaskRegistry = field(default_factory=TaskRegistry)
    sandbox: SandboxInstance = field(default_factory=SandboxInstance)
    is_closing: bool = False

    def get_draft(self, draft_id: str) -> Draft:
        """Return a draft. Raises SettingsError when there is none of that id.

        A draft whose run was killed before the journal knew it can be imported again.
        """
        draft = self.drafts.get(draft_id)
        return draft if draft.run is None or self.has_run(draft.run) else self.drafts.change(draft_id, run=None)

    def has_run(self, run: str) -> bool:
        """Return whether a run is stored, or is starting and not stored yet."""
        return self.is_running(run) or is_run(self.state_dir, run)

    def is_running(self, run: str) -> bool:
        """Return whether a task of this process works on a run."""
        task = self.tasks.find_by_run(run)
        return task is not None and not task.is_finished

    def get_vendor(self, draft: Draft) -> Vendor:
        """Return the contract that a draft is for."""
        return load_vendor(draft.vendor)

    def find_vendor(self, name: str) -> Vendor | None:
        """Return the contract of a run; None for one that was read from a file with ``--vendor FILE``."""
        try:
            return load_vendor(name)
        except ContractError:
            return None

    def can_update(self, draft: Draft) -> bool:
        """Return whether the vendor can update contacts that were created before with other values."""
        vendor = self.get_vendor(draft)
        is_create = draft.operation == "create" and not vendor.operations[draft.operation].repeatable
        return is_create and vendor.can_update

    def resolve_destination(self, draft: Draft) -> tuple[str | None, str | None]:
        """Return the base URL and the key for a draft's run. Raises SettingsError."""
        vendor = self.get_vendor(draft)
        if draft.practice:
            return self.sandbox.get_base_url(vendor), self.sandbox.get_key(vendor)
        url = draft.base_url or self.credentials.find_base_url(vendor) or None
        return url, self.credentials.get_key_for(vendor, url)

    def get_run_key(self, run: str, vendor: str) -> str | None:
        """Return the key to resume a run with. Raises SettingsError for a run to a sandbox that has ended."""
        draft = self.drafts.of_run(run)
        if draft is not None and draft.practice:
            if not self.sandbox.is_running:
                raise PageError(N_("This was a practice run, and the practice copy is gone. Import the file again."))
            return self.sandbox.get_key(load_vendor(vendor))
        found = self.credentials.find_key(vendor)
        return found.key if found else None  # a run has its own base URL, and accepts only the key that it began with

    def close(self) -> None:
        """Stop every task and the sandbox."""
        self.is_closing = True
        self.tasks.stop_all()
        self.sandbox.close()


def get_services(request: Request) -> WebServices:
    """Return the services of the application that serves a request."""
    services: WebServices = request.app.state.services
    return services


def list_import_kinds() -> list[tuple[str, Vendor, str]]:
    """Return every vendor's name and contract with each of its operations."""
    vendors = [(name, vendor) for name, vendor in load_all() if isinstance(vendor, Vendor)]
    return [(name, vendor, operation) for name, vendor in vendors for operation in vendor.operations]
