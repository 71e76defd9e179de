"""The option ``--journal``, and the table ``[state]`` of importer.toml that gives its default."""

from __future__ import annotations

import re
from typing import Any

import click

from importer.config.settings_file import find_config, read_config
from importer.errors import SettingsError
from importer.journal_location import choose_journal, journal_key, journal_url

CREDENTIAL = "journal_key"  # of systemd, or of the keyring
_SOURCES = ("env:", "file:", "credential:", "keyring")
_PASSWORD = re.compile(r"://[^/@?]*:[^/]*@|\bpassword\s*=", re.IGNORECASE)


def _choose(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    """Choose the journal of this process: option, else environment, else importer.toml. Raises SettingsError."""
    if ctx.resilient_parsing:  # the shell is completing a line
        return
    section: Any = read_config(find_config(ctx.params.get("config")), None).state
    url, key = value or "", section.get("journal_key", "")
    if not (url or journal_url()):
        url = section.get("journal", "")
    if url.startswith(_SOURCES):
        url = _read_source("journal", url)
    elif _PASSWORD.search(url):
        raise SettingsError(
            "--journal must not contain the password: every user of this machine could see it. Leave it to ~/.pgpass "
            "or PGPASSWORD, or set CONTACT_IMPORTER_JOURNAL."
        )
    choose_journal(url)
    if journal_url() and not journal_key():
        choose_journal("", _read_source("journal_key", key) if key else _stored_key())


def _read_source(setting: str, source: str) -> str:
    from importer.config.api_keys import read_source

    return read_source(setting, source)


def _stored_key() -> str:
    from importer.config.api_keys import find_stored

    found = find_stored(CREDENTIAL)
    return found.key if found else ""


JOURNAL = click.option(
    "--journal",
    metavar="postgresql://…",
    callback=_choose,
    expose_value=False,
    help="A PostgreSQL database that several machines share as their journal. Environment: CONTACT_IMPORTER_JOURNAL.",
)
