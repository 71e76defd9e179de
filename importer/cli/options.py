"""The options that ``run`` and ``check`` share, and how they become Settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from importer.cli.settings_file_command import CONFIG, JOB, KEY, origin_of
from importer.errors import SettingsError
from importer.settings import Settings

Command = Callable[..., Any]


class Rate(click.ParamType[float]):
    """``20/s``, ``100/min``, ``5000/h`` → requests a second."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse the text, or fail with an example."""
        from schemas.contract import parse_rate

        try:
            return parse_rate(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Pair(click.ParamType[tuple[str, str]]):
    """``left=right``, split at the last or the first ``=``."""

    name = "pair"

    def __init__(self, shape: str, *, last: bool) -> None:
        self._shape = shape
        self._last = last

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split the text, or fail with the shape it should have."""
        if isinstance(value, tuple):
            return value
        left, sign, right = value.rpartition("=") if self._last else value.partition("=")
        if not sign or not left.strip() or (self._last and not right.strip()):
            self.fail(f"{value!r} is not {self._shape}", param, ctx)
        return left, right.strip() if self._last else right


_WATCHING = (
    click.option("--verbose", is_flag=True, help="A line for each row, too."),
    click.option("--log-values", is_flag=True, help="With what the vendor said of it: it may quote personal data."),
    click.option(
        "--metrics-file",
        type=click.Path(path_type=Path),
        metavar="FILE.prom",
        help="Write the numbers of the run for Prometheus' node_exporter.",
    ),
)

_OPTIONS = (
    CONFIG,
    JOB,
    click.option(
        "--vendor", required=True, metavar="NAME|FILE.yaml", help="The vendor, or an OpenAPI document of one."
    ),
    click.option(
        "--operation", default="create", show_default=True, help="What to do with each row: create or update."
    ),
    click.option("--base-url", metavar="URL", help="Where the API is; also <VENDOR>_BASE_URL."),
    click.option("--sandbox", is_flag=True, help="Send to a built-in copy of the API on this machine."),
    click.option(
        "--api-key-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="A file with the API key; also <VENDOR>_API_KEY.",
    ),
    click.option(
        "--output",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder for the reports.  [default: ./<file>-<run id>/]",
    ),
    click.option(
        "--state-dir",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder of the journal; also CONTACT_IMPORTER_STATE_DIR.",
    ),
    click.option(
        "--mapping",
        type=click.Path(path_type=Path),
        metavar="FILE.toml",
        help="A file that says which column feeds which field.",
    ),
    click.option(
        "--map",
        "columns",
        multiple=True,
        type=Pair('of the form "Column=field"', last=True),
        metavar='"Column=field"',
        help="Say which column feeds a field. Can be repeated.",
    ),
    click.option(
        "--set",
        "constants",
        multiple=True,
        type=Pair("of the form field=value", last=False),
        metavar="field=value",
        help="The same value in every row. Can be repeated.",
    ),
    click.option("--sheet", metavar="NAME|NUMBER", help="The sheet of a workbook.  [default: the first with data]"),
    click.option("--header-row", type=click.IntRange(min=1), metavar="N", help="The row that names the columns."),
    click.option("--delimiter", metavar="C", help="What separates the cells of a CSV file.  [default: found out]"),
    click.option("--encoding", metavar="NAME", help="The encoding of a CSV file.  [default: UTF-8]"),
    click.option("--region", metavar="CC", help="Country of phone numbers without a country code, such as MA."),
    click.option("--timezone", metavar="AREA/CITY", help="Zone of times without an offset, such as Africa/Casablanca."),
    click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="Order of dates that are not ISO."),
    click.option("--clean/--no-clean", default=True, show_default=True, help="Bring values into the vendor's form."),
    click.option("--strict", is_flag=True, help="Warnings keep a row back, too."),
    click.option(
        "--duplicates",
        type=click.Choice(["skip", "send", "error"]),
        default="skip",
        show_default=True,
        help="What to do with rows that are the same as an earlier one.",
    ),
    click.option("--send-changed", is_flag=True, help="Send contacts that were sent before with other values."),
    click.option(
        "--update-changed", is_flag=True, help="Update contacts that were sent before with other values (ClearTalk)."
    ),
    click.option(
        "--on-invalid",
        type=click.Choice(["skip", "abort"]),
        default="skip",
        show_default=True,
        help="Whether invalid rows are left out, or nothing is sent.",
    ),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N rows of the file."),
    click.option("--concurrency", type=click.IntRange(1, 1024), metavar="N", help="Requests at once."),
    click.option("--rate", type=Rate(), metavar="20/s|100/min", help="Requests in a time; fixed, not learned."),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0.1),
        default=30.0,
        show_default=True,
        metavar="S",
        help="Seconds to wait for an answer.",
    ),
    click.option(
        "--max-tries",
        type=click.IntRange(min=1),
        default=5,
        show_default=True,
        metavar="N",
        help="Tries of a row that could not be sent.",
    ),
    click.option(
        "--patience",
        type=click.FloatRange(min=1),
        default=900.0,
        show_default=True,
        metavar="S",
        help="Seconds of nothing but 'too many requests' after which the run stops.",
    ),
    click.option(
        "--report-format",
        "report_formats",
        type=click.Choice(["csv", "xlsx", "parquet", "jsonl"]),
        multiple=True,
        default=("csv",),
        show_default=True,
        help="Format of result and errors. Can be repeated.",
    ),
    click.option("--keep-going", is_flag=True, help="Go on when all the first rows are refused for the same cause."),
    click.option(
        "--notify",
        metavar="URL",
        envvar="CONTACT_IMPORTER_NOTIFY",
        help="A webhook (such as Slack's) that gets the summary when a run ends; also CONTACT_IMPORTER_NOTIFY.",
    ),
    click.option("--wait", is_flag=True, help="Wait for another run of the same file to end, then begin."),
    click.option("--yes", is_flag=True, help="Do not ask before sending."),
    click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON."),
    click.option("--quiet", is_flag=True, help="Print nothing but errors."),
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How progress is written to standard error without a terminal.",
    ),
    *_WATCHING,
)


def import_options(command: Command) -> Command:
    """Add the shared options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_REOPENING = (
    CONFIG,
    click.option("--api-key-file", type=click.Path(path_type=Path), metavar="FILE", help="As for run."),
    click.option("--state-dir", type=click.Path(path_type=Path), metavar="DIR", help="As for run."),
    click.option("--notify", metavar="URL", envvar="CONTACT_IMPORTER_NOTIFY", help="As for run."),
    click.option("--yes", is_flag=True, help="Do not ask before sending."),
    click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON."),
    click.option("--quiet", is_flag=True, help="Print nothing but errors."),
    click.option(
        "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="As for run."
    ),
    *_WATCHING,
)


def reopening_options(command: Command) -> Command:
    """Add the options of the commands that take up a run that was there before."""
    for option in reversed(_REOPENING):
        command = option(command)
    return command


def settings_from(ctx: click.Context, chosen: dict[str, Any]) -> Settings:
    """Settings from the options, the environment, importer.toml and wherever the key is. Raises SettingsError."""
    return settings_with_origins(ctx, chosen)[0]


def settings_with_origins(ctx: click.Context, chosen: dict[str, Any]) -> tuple[Settings, dict[str, str]]:
    """The same, and where the address and the key come from."""
    from importer.config.api_keys import find_key
    from schemas.contract import ContractError
    from schemas.registry import load_vendor

    try:
        name = load_vendor(chosen["vendor"]).name
    except ContractError as error:
        raise SettingsError(f"--vendor: {error}") from error
    base_url, origin = _base_url(ctx, chosen, name)
    by_option = ctx.get_parameter_source("api_key_file") is ParameterSource.COMMANDLINE
    key = find_key(name, chosen["api_key_file"], ctx.meta.get(KEY), file_first=by_option)
    settings = Settings(
        **{option: chosen[option] for option in _SAME}, base_url=base_url, api_key=key.key if key else None
    )
    return settings, {"base_url": origin, "api_key": key.where if key else ""}


def _base_url(ctx: click.Context, chosen: dict[str, Any], vendor: str) -> tuple[str | None, str]:
    """The address: an option, else the environment, else importer.toml."""
    variable = f"{vendor.upper().replace('-', '_')}_BASE_URL"
    named = os.environ.get(variable)
    if named and ctx.get_parameter_source("base_url") is not ParameterSource.COMMANDLINE:
        return named, f"environment {variable}"
    return chosen["base_url"] or None, origin_of(ctx, "base_url")


_SAME = (
    "vendor", "operation", "output", "state_dir", "columns", "constants", "sheet", "header_row", "delimiter",
    "encoding", "mapping", "region", "timezone", "date_order", "clean", "strict", "duplicates", "send_changed",
    "update_changed", "on_invalid", "limit", "concurrency", "rate", "timeout", "max_tries", "patience", "keep_going",
    "wait", "report_formats", "notify",
)  # fmt: skip
"""Options whose values are settings as they are."""
