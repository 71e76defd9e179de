"""API keys: typed once, kept in the keyring or for as long as the server runs, never sent back to a browser."""

from __future__ import annotations

import os
from pathlib import Path

from importer.config import find_config, read_config
from importer.errors import SettingsError
from importer.keys import FoundKey, find_key, store_key
from schemas.contract import Vendor


class Credentials:
    """Where the keys and addresses of vendors come from, for the page."""

    def __init__(self, config: Path | None) -> None:
        self._vendors = read_config(find_config(config), None).vendors
        self._typed: dict[str, str] = {}

    def find(self, vendor: str) -> FoundKey | None:
        """The key of a vendor, if one is known. Raises SettingsError when a named place has none."""
        if vendor in self._typed:
            return FoundKey(self._typed[vendor], "")
        return find_key(vendor, None, self._vendors.get(vendor, {}).get("key"))

    def take(self, vendor: str, key: str, *, remember: bool) -> bool:
        """Keep a key that was typed; whether the keyring, if it was asked for, has it now."""
        self._typed[vendor] = key
        if not remember:
            return False
        try:
            store_key(vendor, key)
        except SettingsError:
            return False
        return True

    def address(self, vendor: Vendor) -> str:
        """The address that a vendor is known under here; empty where it must be typed."""
        named = os.environ.get(f"{vendor.name.upper().replace('-', '_')}_BASE_URL")
        configured = self._vendors.get(vendor.name, {}).get("base_url")
        return str(named or configured or vendor.base_url or "")
