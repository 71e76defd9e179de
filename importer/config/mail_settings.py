"""The section ``[mail]`` of importer.toml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from importer.config.api_keys import read_source
from importer.config.settings_file import MAIL_KEYS
from importer.errors import SettingsError
from importer.model.mail_server import PORTS, SECURITY, MailServer

LAST_PORT = 65_535


def read_mail_server(section: Mapping[str, Any]) -> MailServer | None:
    """Return the mail server, or None where there is no such section. Raises SettingsError.

    ``password`` names the source of the password, as ``key`` names that of a vendor's key.
    """
    if not section:
        return None
    for name in ("host", "from"):
        if not section.get(name):
            raise SettingsError(f"[mail] in importer.toml needs {name!r}; it may have {', '.join(MAIL_KEYS)}")
    security = next((known for known in SECURITY if known == section.get("security", SECURITY[0])), None)
    if security is None:
        raise SettingsError(f"[mail] in importer.toml: security is one of {', '.join(SECURITY)}")
    port = str(section.get("port", PORTS[security]))
    if not (port.isascii() and port.isdecimal() and 0 < int(port) <= LAST_PORT):
        raise SettingsError("[mail] in importer.toml: port is a whole number, such as 587")
    password = read_source("password", str(section["password"])) if "password" in section else None
    if bool(section.get("user")) != bool(password):
        raise SettingsError("[mail] in importer.toml: user and password go together")
    return MailServer(str(section["host"]), str(section["from"]), int(port), security, section.get("user"), password)
