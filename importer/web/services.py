"""What all pages share: the files on their way, what is at work, the keys, the practice copy of the APIs."""

from __future__ import annotations

import contextlib
import secrets
import threading
from dataclasses import dataclass, field
from pathlib import Path

from importer.drafts.draft import Draft
from importer.drafts.saved_mappings import SavedMappings
from importer.drafts.store import DraftStore
from importer.runs.history import is_run
from importer.web.authentication import Access
from importer.web.background_tasks import TaskRegistry
from importer.web.credentials import Credentials
from importer.web.i18n import N_, PageError
from schemas.contract import Vendor
from schemas.registry import load_vendor, vendor_names


class SandboxInstance:
    """The vendors' APIs on this machine, begun when somebody first wants to practise."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stack = contextlib.ExitStack()
        self._address = ""
        self._secret = secrets.token_hex(8)

    @property
    def is_there(self) -> bool:
        """Whether it has been begun."""
        return bool(self._address)

    def address(self, vendor: Vendor) -> str:
        """Where a vendor's copy is."""
        from importer.sandbox.app import build_app
        from importer.sandbox.server import running

        with self._lock:
            if not self._address:
                self._address = self._stack.enter_context(running(build_app()))
            return f"{self._address}/{vendor.name}"

    def key(self, vendor: Vendor) -> str:
        """A key that it takes; another one each time the server begins, because its contacts are."""
        prefix = vendor.security.key_prefixes[0] if vendor.security and vendor.security.key_prefixes else ""
        return f"{prefix}practice{self._secret}"

    def close(self) -> None:
        """End it."""
        self._stack.close()


@dataclass(slots=True)
class WebServices:
    """Everything that the pages work with."""

    state_dir: Path
    access: Access
    credentials: Credentials
    drafts: DraftStore
    mappings: SavedMappings
    works: TaskRegistry = field(default_factory=TaskRegistry)
    practice: SandboxInstance = field(default_factory=SandboxInstance)
    closing: bool = False

    def draft(self, draft_id: str) -> Draft:
        """A file on its way. One whose run was killed before anything was known of it is on its way again.

        Raises SettingsError when there is none of that id.
        """
        draft = self.drafts.get(draft_id)
        return draft if draft.run is None or self.has_run(draft.run) else self.drafts.change(draft_id, run=None)

    def has_run(self, run: str) -> bool:
        """Whether there is a run of that id, be it only at work."""
        work = self.works.of_run(run)
        return (work is not None and not work.is_over) or is_run(self.state_dir, run)

    def vendor_of(self, draft: Draft) -> Vendor:
        """The contract that a file is for."""
        return load_vendor(draft.vendor)

    def destination(self, draft: Draft) -> tuple[str | None, str | None]:
        """Where a file's contacts go: the address and the key. Raises SettingsError."""
        vendor = self.vendor_of(draft)
        if draft.practice:
            return self.practice.address(vendor), self.practice.key(vendor)
        url = draft.base_url or self.credentials.address(vendor) or None
        return url, self.credentials.key_for(vendor, url)

    def key_of_run(self, run: str, vendor: str) -> str | None:
        """The key to go on with a run. Raises SettingsError for one to a practice copy that is gone."""
        draft = self.drafts.of_run(run)
        if draft is not None and draft.practice:
            if not self.practice.is_there:
                raise PageError(N_("This was a practice run, and the practice copy is gone. Import the file again."))
            return self.practice.key(load_vendor(vendor))
        found = self.credentials.find(vendor)
        return found.key if found else None  # the run has its address, and takes only the key that it began with

    def close(self) -> None:
        """Stop everything."""
        self.closing = True
        self.works.stop_all()
        self.practice.close()


def kinds_of_import() -> list[tuple[str, Vendor, str]]:
    """Every vendor with each of its operations."""
    vendors = [(name, load_vendor(name)) for name in vendor_names()]
    return [(name, vendor, operation) for name, vendor in vendors for operation in vendor.operations]
