"""Build the settings of a run from options, environment, importer.toml and the key's source."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from importer.cli.settings_file_command import KEY, MAIL, RATE_GROUP, origin_of
from importer.errors import SettingsError
from importer.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from importer.model.mail_server import MailServer
    from schemas.contract import Vendor

# Options that become settings under the same name.
_COPIED = (
    "vendor", "operation", "output", "state_dir", "columns", "constants", "sheet", "header_row", "delimiter",
    "encoding", "mapping", "region", "timezone", "date_order", "clean", "blank", "where", "strict", "duplicates",
    "send_changed", "update_changed", "match", "match_by", "fill_empty", "ask_anyway", "on_invalid", "limit",
    "concurrency", "rate", "share", "timeout", "max_tries", "patience", "keep_going", "wait", "report_formats",
    "notify", "mail", "mail_errors", "new_journal", "ca_file", "answers", "accept_proposals", "save_mapping",
)  # fmt: skip


def build_settings(ctx: click.Context, chosen: dict[str, Any]) -> Settings:
    """Build the settings from options, environment, importer.toml and the key's source. Raises SettingsError."""
    return build_settings_with_origins(ctx, chosen)[0]


def build_settings_with_origins(ctx: click.Context, chosen: dict[str, Any]) -> tuple[Settings, dict[str, str]]:
    """Build the settings, and name the origins of ``base_url`` and ``api_key``. Raises SettingsError."""
    from importer.config.api_keys import find_key
    from schemas.contract import ContractError
    from schemas.registry import load_vendor

    try:
        vendor = load_vendor(chosen["vendor"])
    except ContractError as error:
        raise SettingsError(f"--vendor: {error}") from error
    base_url, origin = _base_url(ctx, chosen, vendor)
    by_option = ctx.get_parameter_source("api_key_file") is ParameterSource.COMMANDLINE
    key = find_key(vendor.name, chosen["api_key_file"], ctx.meta.get(KEY), file_first=by_option)
    settings = Settings(
        **{option: chosen[option] for option in _COPIED},
        suppress=_suppression_lists(ctx, chosen),
        base_url=base_url,
        rate_group=ctx.meta.get(RATE_GROUP),
        api_key=key.key if key else None,
        mail_server=find_mail_server(chosen, ctx.meta[MAIL]),
    )
    return settings, {"base_url": origin, "api_key": key.where if key else ""}


def find_mail_server(chosen: dict[str, Any], section: Mapping[str, Any]) -> MailServer | None:
    """Return the mail server of importer.toml, if mail is asked for. Raises SettingsError."""
    from importer.config.mail_settings import read_mail_server

    return read_mail_server(section) if chosen["mail"] else None


def _suppression_lists(ctx: click.Context, chosen: dict[str, Any]) -> tuple[str, ...]:
    """Return the lists of the job, which no option replaces, and those of the command line."""
    of_job = (ctx.default_map or {}).get("suppress", ())
    paths = (*([of_job] if isinstance(of_job, str) else of_job), *chosen["suppress"])
    return tuple(dict.fromkeys(os.path.abspath(path) for path in paths))  # noqa: PTH100  # without following links


def _base_url(ctx: click.Context, chosen: dict[str, Any], vendor: Vendor) -> tuple[str | None, str]:
    """Return the address and its origin: option, else environment, else importer.toml."""
    named = os.environ.get(vendor.base_url_variable)
    if named and ctx.get_parameter_source("base_url") is not ParameterSource.COMMANDLINE:
        return named, f"environment {vendor.base_url_variable}"
    return chosen["base_url"] or None, origin_of(ctx, "base_url")
