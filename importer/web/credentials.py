"""API keys: typed once, kept in the keyring or for as long as the server runs, never sent back to a browser.

A key that is kept goes only where it was typed for, or where the vendor, importer.toml or the environment say that the
API is: whoever can type an address cannot have the key sent there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from importer.config.api_keys import FoundKey, find_key, store_key
from importer.config.settings_file import find_config, read_config
from importer.drafts.draft import write_private
from importer.errors import SettingsError
from importer.web.i18n import N_, PageError
from schemas.contract import Vendor

FILE = "addresses.json"


class Credentials:
    """Where the keys and addresses of vendors come from, for the page."""

    def __init__(self, config: Path | None, state_dir: Path) -> None:
        self._vendors = read_config(find_config(config), None).vendors
        self._typed: dict[str, str] = {}
        self._file = state_dir / FILE

    def find(self, vendor: str) -> FoundKey | None:
        """The key of a vendor, if one is known. Raises SettingsError when a named place has none."""
        if vendor in self._typed:
            return FoundKey(self._typed[vendor])
        return find_key(vendor, None, self._vendors.get(vendor, {}).get("key"))

    def look(self, vendor: str) -> tuple[FoundKey | None, SettingsError | None]:
        """The same, with what is wrong as data."""
        try:
            return self.find(vendor), None
        except SettingsError as error:
            return None, error

    def key_for(self, vendor: Vendor, url: str | None) -> str | None:
        """The key that may go to this address. Raises PageError when the one that is kept is for another."""
        found = self.find(vendor.name)
        if found is None or url is None:
            return found.key if found else None
        known = {_place(self.address(vendor)), _place(vendor.published_url or ""), *self._places(vendor.name)}
        if _place(url) not in known - {""}:
            raise PageError(N_("The API key that is kept here is for another address. Type the key for this one."))
        return found.key

    def take(self, vendor: str, key: str, url: str | None, *, remember: bool) -> bool:
        """Keep a key that was typed for an address; whether it is where it was to be kept."""
        self._typed[vendor] = key
        if url:
            self._allow(vendor, url)
        if not remember:
            return True
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

    def _places(self, vendor: str) -> list[str]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8")).get(vendor, [])
        except (OSError, ValueError, AttributeError):
            return []
        return [place for place in found if isinstance(place, str)] if isinstance(found, list) else []

    def _allow(self, vendor: str, url: str) -> None:
        try:
            every = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            every = {}
        places = [place for place in (*self._places(vendor), _place(url)) if place]
        write_private(self._file, json.dumps({**every, vendor: sorted(set(places))}))


def _place(url: str) -> str:
    """Scheme, host and port of an address; empty for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}:{port}" if parts.hostname else ""
