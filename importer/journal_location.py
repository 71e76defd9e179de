"""The place of the journal: the state folder, or a PostgreSQL database that several machines share.

A process has one journal, named by the environment, so that the processes that it starts have the same one.
"""

from __future__ import annotations

import os

URL_ENVIRONMENT = "CONTACT_IMPORTER_JOURNAL"
KEY_ENVIRONMENT = "CONTACT_IMPORTER_JOURNAL_KEY"


def choose_journal(url: str, key: str = "") -> None:
    """Use the PostgreSQL journal at this address, and keyed with ``key``, from now on. A blank text changes nothing."""
    for name, value in ((URL_ENVIRONMENT, url), (KEY_ENVIRONMENT, key)):
        if value:
            os.environ[name] = value


def journal_url() -> str:
    """Return the address of the PostgreSQL journal; blank for the journal of the state folder."""
    return os.environ.get(URL_ENVIRONMENT, "").strip()


def journal_key() -> str:
    """Return the key of the PostgreSQL journal's digests, as text; blank if there is none."""
    return os.environ.get(KEY_ENVIRONMENT, "").strip()
