"""A command whose options can stand in importer.toml: option, environment, job, vendor, default, in this order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from importer.config.settings_file import Config, find_config, read_config
from importer.errors import SettingsError

NOT_IN_A_JOB = {"file", "to", "config", "job", "help"}
KEY = "key"


CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="Settings file.  [default: ./importer.toml, else the user's]",
)
JOB = click.option("--job", metavar="NAME", help="A job of the settings file: its options count as if given here.")


def key_source(vendor: str, config: Path | None) -> str | None:
    """Where the settings file says that the key of a vendor is. Raises SettingsError."""
    section = read_config(find_config(config), None).vendors.get(vendor, {})
    return section.get(KEY)


class SettingsFileCommand(click.Command):
    """Reads importer.toml before its options, so that what stands there is what they are by default."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As ``click.Command``; a value that is wrong in the file is said to be there."""
        if ctx.resilient_parsing:  # the shell is completing a line
            return super().parse_args(ctx, args)
        said, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        config, job = self._config(said), said.get("job")
        section = dict(config.job(job)) if job else {}
        options = {_spelled(name): name for name in self._names()}
        chosen = {options[name]: value for name, value in section.items()}
        vendor = said.get("vendor") or chosen.get("vendor") or ""
        of_vendor = dict(config.vendors.get(Path(vendor).stem, {}))
        origins = {options.get(name, name): f"[vendors.{Path(vendor).stem}] of {config.path}" for name in of_vendor}
        origins |= dict.fromkeys(chosen, f"[jobs.{job}] of {config.path}")
        ctx.meta["origins"] = origins
        ctx.meta[KEY] = of_vendor.pop(KEY, None)
        ctx.default_map = {**{options[name]: value for name, value in of_vendor.items()}, **chosen}
        try:
            return super().parse_args(ctx, args)
        except click.BadParameter as error:
            name = error.param.name if error.param else None
            if name and ctx.get_parameter_source(name) is ParameterSource.DEFAULT_MAP:
                raise SettingsError(f"{origins.get(name, config.path)}: {_spelled(name)}: {error.message}") from error
            raise

    def _config(self, said: dict[str, Any]) -> Config:
        named = said.get("config")
        options = [_spelled(name) for name in self._names() if name not in NOT_IN_A_JOB]
        return read_config(find_config(Path(named) if isinstance(named, str) else None), options)

    def _names(self) -> list[str]:
        return [parameter.name for parameter in self.params if parameter.name]


def _spelled(parameter: str) -> str:
    """The name that an option has in the file."""
    return {
        "columns": "map",
        "constants": "set",
        "report_formats": "report_format",
        "as_json": "json",
    }.get(parameter, parameter)


def origin_of(ctx: click.Context, name: str) -> str:
    """Where the value of a parameter comes from, in words."""
    source = ctx.get_parameter_source(name)
    if source is ParameterSource.COMMANDLINE:
        return "option"
    if source is ParameterSource.ENVIRONMENT:
        return "environment"
    if source is ParameterSource.DEFAULT_MAP:
        return str(ctx.meta["origins"].get(name, "importer.toml"))
    return "default"
