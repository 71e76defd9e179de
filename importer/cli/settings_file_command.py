"""A command that reads its options from importer.toml, too.

The precedence is: option, environment, job, vendor, default.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from importer.cli.grouped_help import GroupedHelpCommand
from importer.config.settings_file import JOB_KEYS, Config, find_config, read_config
from importer.errors import SettingsError

# A job with new_journal would forget what it sent each time its journal is lost, with nobody to decide that.
OPTIONS_OUTSIDE_JOBS = {"file", "files", "to", "config", "job", "help", "help_all", "new_journal", "journal"}
KEY, RATE_GROUP = "key", "rate_group"  # of a vendor, without an option
MAIL = "mail"  # the section of that name
EXPECT = "expect"  # of a job, without an option


CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    is_eager=True,  # it says where the journal is, which --journal looks up
    help="Settings file.  [default: ./importer.toml, else the user's]",
)
JOB = click.option("--job", metavar="NAME", help="Take the options of a job in importer.toml.")


def key_source(vendor: str, config: Path | None) -> str | None:
    """Return the source of a vendor's key that the settings file names, if any. Raises SettingsError."""
    section = read_config(find_config(config), None).vendors.get(vendor, {})
    return section.get(KEY)


class SettingsFileCommand(GroupedHelpCommand):
    """A command whose defaults come from importer.toml, and whose help is in groups."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as ``click.Command`` does. A wrong value from the file is reported with its section of the file."""
        if ctx.resilient_parsing:  # the shell is completing a line
            return super().parse_args(ctx, args)
        raw, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        if raw.get("help") or raw.get("help_all"):
            return super().parse_args(ctx, args)  # help is there whatever is wrong with the settings file
        config, job = self._config(raw), raw.get("job")
        section = dict(config.job(job)) if job else {}
        ctx.meta[EXPECT] = section.pop(EXPECT, None)
        options = {_file_key(name): name for name in self._names()}
        chosen = {options[name]: value for name, value in section.items()}
        vendor = raw.get("vendor") or chosen.get("vendor") or ""
        of_vendor = dict(config.vendors.get(Path(vendor).stem, {}))
        origins = {options.get(name, name): f"[vendors.{Path(vendor).stem}] of {config.path}" for name in of_vendor}
        origins |= dict.fromkeys(chosen, f"[jobs.{job}] of {config.path}")
        ctx.meta["origins"] = origins
        ctx.meta[MAIL] = config.mail
        ctx.meta.update({name: of_vendor.pop(name, None) for name in (KEY, RATE_GROUP)})
        ctx.default_map = {**{options[name]: value for name, value in of_vendor.items()}, **chosen}
        try:
            return super().parse_args(ctx, args)
        except click.BadParameter as error:
            name = error.param.name if error.param else None
            message = _without_key(error.message, ctx.default_map.get(name or ""), raw.get(name or ""))
            if name and ctx.get_parameter_source(name) is ParameterSource.DEFAULT_MAP:
                raise SettingsError(f"{origins.get(name, config.path)}: {_file_key(name)}: {message}") from error
            if message == error.message:
                raise
            raise click.BadParameter(message, error.ctx, error.param, error.param_hint) from error

    def _config(self, raw: dict[str, Any]) -> Config:
        named = raw.get("config")
        options = [_file_key(name) for name in self._names() if name not in OPTIONS_OUTSIDE_JOBS]
        return read_config(find_config(Path(named) if isinstance(named, str) else None), [*options, *JOB_KEYS])

    def _names(self) -> list[str]:
        return [parameter.name for parameter in self.params if parameter.name]


def _without_key(message: str, *values: Any) -> str:
    """Return a message about a wrong value without that value, if it may be a key: it would be in logs."""
    from importer.config.api_keys import looks_like_key

    texts = [text for value in values for text in (value if isinstance(value, list | tuple) else [value])]
    for text in texts:
        if isinstance(text, str) and looks_like_key(text):
            message = message.replace(text, "(a value that looks like a key)")
    return message


def _file_key(parameter: str) -> str:
    """Return the name of an option in the file."""
    return {
        "columns": "map",
        "constants": "set",
        "answers": "answer",
        "report_formats": "report_format",
        "as_json": "json",
    }.get(parameter, parameter)


def origin_of(ctx: click.Context, name: str) -> str:
    """Return the origin of a parameter's value, as text."""
    source = ctx.get_parameter_source(name)
    if source is ParameterSource.COMMANDLINE:
        return "option"
    if source is ParameterSource.ENVIRONMENT:
        return "environment"
    if source is ParameterSource.DEFAULT_MAP:
        return str(ctx.meta["origins"].get(name, "importer.toml"))
    return "default"
