"""API keys of the web app: typed once, kept in the keyring or until the server ends, never sent back to a browser.

A kept key goes only to the address that it was typed for, or to an address that the vendor, importer.toml or the
environment names: whoever can type an address must not be able to have the key sent there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from importer.config.api_keys import FoundKey, find_key, store_key
from importer.config.settings_file import find_config, read_config
from importer.errors import SettingsError
from importer.files import write_atomic
from importer.web.i18n import N_, PageError
from importer.web.origin import parse_origin
from schemas.contract import Vendor

ORIGINS_FILE = "addresses.json"  # by vendor the origins that a key was typed for


class Credentials:
    """The keys and base URLs of the vendors."""

    def __init__(self, config: Path | None, state_dir: Path) -> None:
        self._vendors = read_config(find_config(config), None).vendors
        self._typed: dict[str, str] = {}
        self._origins_file = state_dir / ORIGINS_FILE

    def find_key(self, vendor: str) -> FoundKey | None:
        """Return the key of a vendor, if there is one. Raises SettingsError when a configured source has none."""
        if vendor in self._typed:
            return FoundKey(self._typed[vendor])
        return find_key(vendor, None, self._vendors.get(vendor, {}).get("key"))

    def try_find_key(self, vendor: str) -> tuple[FoundKey | None, SettingsError | None]:
        """Return the key of a vendor, and the error instead of raising it."""
        try:
            return self.find_key(vendor), None
        except SettingsError as error:
            return None, error

    def get_key_for(self, vendor: Vendor, url: str | None) -> str | None:
        """Return the key that may be sent to a URL. Raises PageError when the kept key is for another one."""
        found = self.find_key(vendor.name)
        if found is None or url is None:
            return found.key if found else None
        allowed = {parse_origin(self.find_base_url(vendor)), parse_origin(vendor.published_url or "")}
        allowed.update(self._typed_origins(vendor.name))
        if parse_origin(url) not in allowed - {""}:
            raise PageError(N_("The API key that is kept here is for another address. Type the key for this one."))
        return found.key

    def store_key(self, vendor: str, key: str, url: str | None, *, remember: bool) -> bool:
        """Keep a key that was typed for a URL, in the keyring if ``remember``. Return False if that refused it."""
        self._typed[vendor] = key
        if url:
            self._allow_origin(vendor, url)
        if not remember:
            return True
        try:
            store_key(vendor, key)
        except SettingsError:
            return False
        return True

    def find_base_url(self, vendor: Vendor) -> str:
        """Return the vendor's base URL by environment, importer.toml or contract; empty where it must be typed."""
        variable = os.environ.get(vendor.base_url_variable)
        configured = self._vendors.get(vendor.name, {}).get("base_url")
        return str(variable or configured or vendor.base_url or "")

    def suggest_base_url(self, vendor: Vendor) -> str:
        """Return the base URL to show first: the configured one, else the one last used, else the published one."""
        used = self._read_origins().get(f"{vendor.name} last")
        return self.find_base_url(vendor) or (used if isinstance(used, str) else "") or vendor.published_url or ""

    def remember_base_url(self, vendor: str, url: str) -> None:
        """Remember the base URL that a run went to, to show it for the next one. It does not get the key by that."""
        write_atomic(self._origins_file, json.dumps({**self._read_origins(), f"{vendor} last": url}))

    def _typed_origins(self, vendor: str) -> list[str]:
        origins = self._read_origins().get(vendor, [])
        return [origin for origin in origins if isinstance(origin, str)] if isinstance(origins, list) else []

    def _allow_origin(self, vendor: str, url: str) -> None:
        origins = {*self._typed_origins(vendor), parse_origin(url)} - {""}
        write_atomic(self._origins_file, json.dumps({**self._read_origins(), vendor: sorted(origins)}))

    def _read_origins(self) -> dict[str, object]:
        try:
            found = json.loads(self._origins_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
