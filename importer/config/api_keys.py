"""Find API keys: in a file, the environment, systemd's credentials or the keyring. Never in an argument."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from importer.errors import SettingsError
from importer.files import make_private_folder, write_atomic
from schemas.contract import api_key_variable

SERVICE = "contact-importer"
FEWEST_KEY_CHARACTERS = 16
_LIKE_KEY = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_\-+=]+")
LONGEST_NAME_SHOWN = 16  # of a file without a suffix, or of a credential
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
        """The place where the key was found, in English."""
        return f"{self.source} {self.name}".strip()


def looks_like_key(text: str) -> bool:
    """Return True for a text that may be a key which somebody put in a wrong place: no message may repeat it."""
    return len(text) >= FEWEST_KEY_CHARACTERS and bool(_LIKE_KEY.fullmatch(text))


def find_key(vendor: str, file: Path | None, source: str | None, *, file_first: bool = True) -> FoundKey | None:
    """Return the key of a vendor from the first source that has one, or None.

    The order is: the file with ``file_first``, ``<VENDOR>_API_KEY``, the file, the source that importer.toml names,
    systemd's credentials, the keyring if ``keys set`` stored one. Raises SettingsError when a named source has no key,
    or is a file that every user can read.
    """
    if file is not None and file_first:
        return _read_file(file, "--api-key-file")
    variable = api_key_variable(vendor)
    if key := os.environ.get(variable, "").strip():
        return FoundKey(key, "environment", variable)
    if file is not None:
        return _read_file(file, "api_key_file")
    if source:
        return _read_source(vendor, source, "key")
    return _read_credential(f"{vendor}_api_key") or (_read_keyring(vendor) if vendor in stored_names() else None)


def find_stored(name: str) -> FoundKey | None:
    """Return a secret that systemd passes, or that the keyring has under this name; None if neither has it."""
    return _read_credential(name) or (_read_keyring(name) if name in stored_names() else None)


def read_source(setting: str, source: str) -> str:
    """Return the secret that a setting of importer.toml names the source of. Raises SettingsError when it has none."""
    return _read_source(setting, source, setting).key


def _read_source(default: str, source: str, setting: str) -> FoundKey:
    kind, _, name = source.partition(":")
    found: FoundKey | None = None
    if kind == "env" and name:
        key = os.environ.get(name, "").strip()
        found = FoundKey(key, "environment", name) if key else None
    elif kind == "file" and name:
        found = _read_file(Path(name).expanduser(), setting)
    elif kind == "credential" and name:
        found = _read_credential(name)
    elif kind == "keyring":
        found = _read_keyring(name or default)
    else:
        raise SettingsError(
            f"{setting} in importer.toml is not a key source; use {SOURCES}. It must not contain the key itself."
        )
    if found is None:
        raise SettingsError(f"{setting} = {kind}:{_shown(name)}: this source has no key")
    return found


def _shown(name: str) -> str:
    """Return a name for a message. A long one without a dot or small letters may be the key itself: it is not shown."""
    last = Path(name).name
    is_name = len(last) < LONGEST_NAME_SHOWN or "." in last or last.replace("_", "").isupper()
    return name if is_name else "(not shown: it may be the key itself)"


def _read_file(file: Path, option: str) -> FoundKey:
    try:
        mode = file.stat().st_mode
        if os.name == "posix" and stat.S_ISREG(mode) and mode & READABLE_BY_OTHERS:
            raise SettingsError(f"{option} {file}: every user of this machine can read it; run chmod 600 {file}")
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise SettingsError(f"{option} {_shown(str(file))}: cannot be read ({reason})") from error
    if not key:
        raise SettingsError(f"{option} {file}: is empty")
    return FoundKey(key, "file", str(file))


def _read_credential(name: str) -> FoundKey | None:
    """Return a credential that systemd passes to the unit (``LoadCredential=``)."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder or not (Path(folder) / name).is_file():
        return None
    key = (Path(folder) / name).read_text(encoding="utf-8").strip()
    return FoundKey(key, "systemd credential", name) if key else None


def _read_keyring(name: str) -> FoundKey | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        key = keyring.get_password(SERVICE, name)
    except KeyringError as error:
        raise SettingsError(f"the system's keyring cannot be read ({error}); give the key in another way") from error
    return FoundKey(key, "keyring", name) if key else None


def store_key(name: str, key: str) -> None:
    """Store a key in the system's keyring. Raises SettingsError when there is no keyring."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, name, key)
    except KeyringError as error:
        raise SettingsError(
            f"the system's keyring does not take it ({error}); use a file or the environment"
        ) from error
    _update_names(lambda names: names | {name})


def delete_key(name: str) -> None:
    """Delete a key from the keyring. Raises SettingsError when it is not there."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(SERVICE, name)
    except KeyringError as error:
        raise SettingsError(f"there is no key {name!r} in the system's keyring ({error})") from error
    finally:
        _update_names(lambda names: names - {name})


def stored_names() -> set[str]:
    """Return the names of the keys in the keyring, from a list kept beside it: a keyring cannot list its entries."""
    try:
        found = json.loads(_names_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {name for name in found if isinstance(name, str)} if isinstance(found, list) else set()


def _update_names(change: Callable[[set[str]], set[str]]) -> None:
    from filelock import FileLock

    path = _names_file()
    make_private_folder(path.parent)
    with FileLock(path.with_name(f"{path.name}.lock")):  # the web app may store a key at the same moment
        write_atomic(path, json.dumps(sorted(change(stored_names()))))


def _names_file() -> Path:
    return platformdirs.user_config_path(SERVICE) / "keys.json"
