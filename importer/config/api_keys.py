"""Where an API key comes from: a file, the environment, systemd's credentials, the keyring. Never an argument."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from importer.errors import SettingsError

SERVICE = "contact-importer"
READABLE_BY_OTHERS = stat.S_IROTH
SOURCES = "env:NAME, file:PATH, credential:NAME, keyring or keyring:NAME"


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key, and the source and name under which it was found; both are blank for a key that was typed."""

    key: str = field(repr=False)
    source: str = ""
    name: str = ""

    @property
    def where(self) -> str:
        """Where the key was found, in English."""
        return f"{self.source} {self.name}".strip()


def find_key(vendor: str, file: Path | None, source: str | None, *, file_first: bool = True) -> FoundKey | None:
    """The key of a vendor, from the first place that has one.

    In turn: the file (if it counts more than the environment), ``<VENDOR>_API_KEY``, the file, the source that
    importer.toml names, systemd's credentials, the keyring if ``keys set`` put one there. Raises SettingsError when a
    place that was named has none, or is a file that others can read.
    """
    if file is not None and file_first:
        return _of_file(file, "--api-key-file")
    variable = f"{vendor.upper().replace('-', '_')}_API_KEY"
    if key := os.environ.get(variable, "").strip():
        return FoundKey(key, "environment", variable)
    if file is not None:
        return _of_file(file, "api_key_file")
    if source:
        return _of_source(vendor, source)
    return _of_credential(f"{vendor}_api_key") or (_of_keyring(vendor) if vendor in stored_names() else None)


def _of_source(vendor: str, source: str) -> FoundKey:
    kind, _, name = source.partition(":")
    found: FoundKey | None = None
    if kind == "env" and name:
        key = os.environ.get(name, "").strip()
        found = FoundKey(key, "environment", name) if key else None
    elif kind == "file" and name:
        found = _of_file(Path(name).expanduser(), "key")
    elif kind == "credential" and name:
        found = _of_credential(name)
    elif kind == "keyring":
        found = _of_keyring(name or vendor)
    else:
        raise SettingsError(f"key = {source.split(':', maxsplit=1)[0]!r}: is no place for a key; say {SOURCES}")
    if found is None:
        raise SettingsError(f"key = {source!r}: there is no key there")
    return found


def _of_file(file: Path, said: str) -> FoundKey:
    try:
        mode = file.stat().st_mode
        if os.name == "posix" and stat.S_ISREG(mode) and mode & READABLE_BY_OTHERS:
            raise SettingsError(f"{said} {file}: everybody on this machine can read it; chmod 600 {file}")
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{said} {file}: cannot be read ({error})") from error
    if not key:
        raise SettingsError(f"{said} {file}: is empty")
    return FoundKey(key, "file", str(file))


def _of_credential(name: str) -> FoundKey | None:
    """What systemd hands to a unit (``LoadCredential=``), under this name."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder or not (Path(folder) / name).is_file():
        return None
    key = (Path(folder) / name).read_text(encoding="utf-8").strip()
    return FoundKey(key, "systemd credential", name) if key else None


def _of_keyring(name: str) -> FoundKey | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        key = keyring.get_password(SERVICE, name)
    except KeyringError as error:
        raise SettingsError(f"the system's keyring cannot be read ({error}); give the key in another way") from error
    return FoundKey(key, "keyring", name) if key else None


def store_key(name: str, key: str) -> None:
    """Put a key into the system's keyring. Raises SettingsError when there is none."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, name, key)
    except KeyringError as error:
        raise SettingsError(
            f"the system's keyring does not take it ({error}); use a file or the environment"
        ) from error
    _remember({*stored_names(), name})


def delete_key(name: str) -> None:
    """Take a key out of the keyring. Raises SettingsError when it is not there."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(SERVICE, name)
    except KeyringError as error:
        raise SettingsError(f"there is no key {name!r} in the system's keyring ({error})") from error
    finally:
        _remember(stored_names() - {name})


def stored_names() -> set[str]:
    """The names of the keys that were put into the keyring, which itself has no list."""
    try:
        found = json.loads(_names_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {name for name in found if isinstance(name, str)} if isinstance(found, list) else set()


def _remember(names: set[str]) -> None:
    path = _names_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(json.dumps(sorted(names)), encoding="utf-8")


def _names_file() -> Path:
    return platformdirs.user_config_path(SERVICE) / "keys.json"
