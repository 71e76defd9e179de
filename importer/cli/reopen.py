"""The settings of the commands that reopen a run: ``resume`` and ``resolve``."""

from __future__ import annotations

from typing import Any

from importer.cli.run_settings import find_mail_server
from importer.cli.settings_file_command import key_source
from importer.config.settings_file import find_config, read_config
from importer.settings import Settings


def reopen_settings(run: str | None, chosen: dict[str, Any]) -> tuple[str, Settings]:
    """Return the id of the run to reopen, and the settings with its vendor's key. None is the latest unfinished run.

    Raises SettingsError when there is no such run, or the named source of the key has none.
    """
    from importer.config.api_keys import find_key
    from importer.runs.reopen import find_run

    record = find_run(run, chosen["state_dir"])
    key = find_key(record.vendor, chosen["api_key_file"], key_source(record.vendor, chosen["config"]))
    settings = Settings(
        record.vendor,
        state_dir=chosen["state_dir"],
        api_key=key.key if key else None,
        output=chosen.get("output"),
        notify=chosen["notify"],
        mail=chosen["mail"],
        mail_errors=chosen["mail_errors"],
        mail_server=find_mail_server(chosen, read_config(find_config(chosen["config"]), None).mail),
        ca_file=chosen["ca_file"],
    )
    return record.id, settings
