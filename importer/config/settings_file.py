"""Read importer.toml: settings by vendor and by job.

``[vendors.NAME]`` has ``base_url``, ``rate``, ``concurrency``, ``timeout``, ``rate_group`` (vendors and accounts of one
group share one rate) and ``key`` (a source of the key, never the key itself); ``[jobs.NAME]`` has any option of
``run``, and ``expect``. The command line and the environment override both. ``[mail]`` is the mail server. ``[state]``
has ``journal``, the address of a PostgreSQL journal, and ``journal_key``, the source of its key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from importer.errors import SettingsError

FILE = "importer.toml"
STATE_KEYS = ("journal", "journal_key")
MAIL_KEYS = ("host", "port", "security", "user", "password", "from")
JOB_KEYS = ("expect",)  # of a job, without an option
VENDOR_KEYS = ("base_url", "rate", "concurrency", "timeout", "rate_group", "key")
# Paths are relative to the settings file, not to the working folder.
PATH_OPTIONS = ("api_key_file", "output", "state_dir", "mapping", "metrics_file", "suppress")
Section = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Config:
    """The sections of a settings file; empty when there is no file."""

    path: Path | None = None
    vendors: Mapping[str, Section] = field(default_factory=dict)
    jobs: Mapping[str, Section] = field(default_factory=dict)
    state: Section = field(default_factory=dict)
    mail: Section = field(default_factory=dict)

    def job(self, name: str) -> Section:
        """Return the options of a job. Raises SettingsError when there is none of that name."""
        if name not in self.jobs:
            near = _nearest(name, self.jobs)
            where = f"{self.path} has" if self.path else f"there is no {FILE}, so there are"
            known = f"did you mean {near!r}?" if near else f"known are {', '.join(self.jobs) or 'none'}"
            raise SettingsError(f"--job {name}: {where} no such job; {known}")
        return self.jobs[name]


def find_config(chosen: Path | None) -> Path | None:
    """Return the chosen file, else the one in the working folder, else the one in the user's configuration folder.

    Raises SettingsError when the chosen one does not exist.
    """
    if chosen is not None:
        if not chosen.is_file():
            raise SettingsError(f"--config {chosen}: there is no such file")
        return chosen
    import platformdirs

    for folder in (Path(), platformdirs.user_config_path("contact-importer")):
        if (folder / FILE).is_file():
            return folder / FILE
    return None


def read_config(path: Path | None, options: Collection[str] | None) -> Config:
    """Read a settings file. ``options`` are the names that a job may contain; None allows any.

    Raises SettingsError with the place of the mistake and the nearest valid name.
    """
    if path is None:
        return Config()
    from importer.files import read_toml

    try:
        content = read_toml(path)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: cannot be read ({error})") from error
    _reject_unknown(content, ("vendors", "jobs", "state", "mail"), str(path))
    folder = path.absolute().parent
    found: dict[str, dict[str, Section]] = {}
    for kind, known in (("vendors", VENDOR_KEYS), ("jobs", options)):
        sections = _table(content.get(kind, {}), f"{path}: {kind}")
        found[kind] = {
            name: _section(_table(section, f"{path}: [{kind}.{name}]"), known, f"{path}: [{kind}.{name}]", folder)
            for name, section in sections.items()
        }
    state = _section(_table(content.get("state", {}), f"{path}: state"), STATE_KEYS, f"{path}: [state]", folder)
    mail = _section(_table(content.get("mail", {}), f"{path}: mail"), MAIL_KEYS, f"{path}: [mail]", folder)
    return Config(path, found["vendors"], found["jobs"], state, mail)


def _section(section: Section, known: Collection[str] | None, where: str, folder: Path) -> Section:
    plain = {name.replace("-", "_"): value for name, value in section.items()}
    _reject_unknown(plain, known, where)
    return {name: _value(value, name, folder, f"{where} {name}") for name, value in plain.items()}


def _value(value: Any, name: str, folder: Path, where: str) -> Any:
    """Return a value in the form of the command line: text, list of texts, or boolean."""
    if name in ("key", "password") and not isinstance(value, str):
        raise SettingsError(f"{where}: must be text, such as env:NAME")
    if isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return [f"{left}={right}" for left, right in value.items()]
    if isinstance(value, list):
        return [_place(str(entry), folder) if name in PATH_OPTIONS else str(entry) for entry in value]
    if not isinstance(value, str | int | float):
        raise SettingsError(f"{where}: the value is neither text, number, list nor true or false")
    if name in PATH_OPTIONS or (name == "vendor" and str(value).endswith((".yaml", ".yml"))):
        return _place(str(value), folder)
    return str(value)


def _place(path: str, folder: Path) -> str:
    """Return a path that is relative to the settings file."""
    return str(folder / Path(path).expanduser())


def _table(value: Any, where: str) -> Section:
    if not isinstance(value, dict):
        raise SettingsError(f"{where}: must be a table")
    return value


def _reject_unknown(found: Collection[str], known: Collection[str] | None, where: str) -> None:
    for name in found:
        if known is not None and name not in known:
            near = _nearest(name, known)
            hint = f"did you mean {near}?" if near else f"known are {', '.join(sorted(known))}"
            raise SettingsError(f"{where} has the unknown key {name!r}; {hint}")


def _nearest(name: str, known: Collection[str]) -> str | None:
    import difflib

    return next(iter(difflib.get_close_matches(name, known, 1)), None)
