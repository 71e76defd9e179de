"""The options shared by commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from importer.cli.grouped_help import GROUP_BY_NAME
from importer.cli.journal_option import JOURNAL
from importer.cli.parameter_types import Duration, Pair, Rate
from importer.cli.settings_file_command import CONFIG, JOB

Command = Callable[..., Any]


_PROGRESS_OPTIONS = (
    click.option("--verbose", is_flag=True, help="Also log one line per row."),
    click.option(
        "--log-values", is_flag=True, help="Include the vendor's messages in the log (may contain personal data)."
    ),
    click.option(
        "--metrics-file",
        type=click.Path(path_type=Path),
        metavar="FILE.prom",
        help="Write the run's metrics for Prometheus' node_exporter (textfile collector).",
    ),
)
_CA_FILE = click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True),
    metavar="FILE.pem",
    help="Certificate authorities to trust beside the public ones, such as your company's. Environment: SSL_CERT_FILE.",
)

_VENDOR = (
    click.option(
        "--vendor",
        required=True,
        metavar="NAME|FILE.yaml",
        help="The vendor, or its OpenAPI document.",
    ),
    click.option(
        "--operation", default="create", show_default=True, help="What to do with each row: create or update."
    ),
    click.option("--base-url", metavar="URL", help="Address of the API. Or: <VENDOR>_BASE_URL."),
    click.option("--sandbox", is_flag=True, help="Send to a copy of the API on this machine."),
    click.option(
        "--api-key-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="File with the API key. Or: <VENDOR>_API_KEY.",
    ),
    _CA_FILE,
)
_INPUT = (
    click.option("--sheet", metavar="NAME|NUMBER", help="The sheet of a workbook.  [default: the first with data]"),
    click.option(
        "--header-row",
        type=click.IntRange(min=1),
        metavar="N",
        help="The row with the column names.  [default: detected]",
    ),
    click.option("--delimiter", metavar="C", help="The delimiter of a CSV file.  [default: detected]"),
    click.option("--encoding", metavar="NAME", help="The encoding of a CSV file.  [default: detected]"),
    click.option(
        "--where",
        metavar="SQL",
        help="""Send only rows that match: "Status = 'Active'".""",
    ),
    click.option(
        "--suppress",
        multiple=True,
        type=click.Path(),
        metavar="FILE",
        help="A list of addresses, domains or phones that are never sent. Can be repeated; adds to other lists.",
    ),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Read only the first N rows of the file."),
)
_MAPPING = (
    click.option(
        "--mapping",
        type=click.Path(path_type=Path),
        metavar="FILE.toml",
        help="Which column maps to which field.",
    ),
    click.option(
        "--map",
        "columns",
        multiple=True,
        type=Pair('of the form "Column=field"', last=True),
        metavar='"Column=field"',
        help="Map a column to a field. Can be repeated.",
    ),
    click.option(
        "--set",
        "constants",
        multiple=True,
        type=Pair("of the form field=value", last=False),
        metavar="field=value",
        help="Set a field in every row. Can be repeated.",
    ),
    click.option(
        "--answer",
        "answers",
        multiple=True,
        type=Pair("of the form question=answer", last=False),
        metavar="question=answer",
        help="Answer a question about the file, as its message says. Can be repeated.",
    ),
    click.option("--accept-proposals", is_flag=True, help="Take the proposed answers, and report them."),
    click.option(
        "--save-mapping",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE.toml",
        help="Keep columns and answers, for --mapping.",
    ),
    click.option("--no-input", is_flag=True, help="Ask nothing; stop where an answer is needed."),
)
_CLEANING = (
    click.option("--region", metavar="CC", help="Country of phone numbers that name none: US."),
    click.option("--timezone", metavar="AREA/CITY", help="Time zone of times without an offset."),
    click.option(
        "--date-order",
        type=click.Choice(["dmy", "mdy", "ymd"]),
        help="Order of dates.  [default: detected]",
    ),
    click.option(
        "--clean/--no-clean", default=True, show_default=True, help="Normalize values (phones, dates, countries…)."
    ),
    click.option(
        "--blank",
        multiple=True,
        metavar="WORD",
        help="A further word that stands for nothing, such as unknown. Can be repeated.",
    ),
)
_SENDING = (
    click.option("--strict", is_flag=True, help="Treat warnings as errors."),
    click.option(
        "--duplicates",
        type=click.Choice(["skip", "send", "error"]),
        default="skip",
        show_default=True,
        help="What to do with rows that equal an earlier row.",
    ),
    click.option("--send-changed", is_flag=True, help="Also create contacts that were sent before with other values."),
    click.option(
        "--update-changed",
        is_flag=True,
        help="Update contacts that have changed since they were sent, where the vendor documents how.",
    ),
    click.option(
        "--match",
        type=click.Choice(["create", "skip-existing", "update-existing", "update-only"]),
        default="create",
        show_default=True,
        help="What to do with contacts that the vendor has already. Other than create, each row is looked up first.",
    ),
    click.option(
        "--match-by", metavar="email|phone|FIELD", help="The field to look contacts up by.  [default: the vendor's]"
    ),
    click.option("--fill-empty", is_flag=True, help="Update only what the vendor has no value for."),
    click.option("--ask-anyway", is_flag=True, help="Also use look-ups that the vendor does not document."),
    click.option(
        "--on-invalid",
        type=click.Choice(["skip", "abort"]),
        default="skip",
        show_default=True,
        help="Skip invalid rows, or send nothing if there are any.",
    ),
    click.option(
        "--concurrency", type=click.IntRange(1, 1024), metavar="N", help="The most requests under way at once."
    ),
    click.option(
        "--rate",
        type=Rate(),
        metavar="20/s|100/min",
        help="A fixed request rate, instead of one learned from the vendor's answers. Runs to one vendor share it.",
    ),
    click.option(
        "--share",
        type=click.FloatRange(0.01, 100.0),
        default=1.0,
        show_default=True,
        metavar="N",
        help="The weight of this run when several runs share one vendor's rate: 3 is three times that of a run with 1.",
    ),
    click.option(
        "--timeout",
        type=Duration(minimum=0.1, default_unit="s"),
        default=30.0,
        show_default=True,
        metavar="S",
        help="How long to wait for an answer: seconds, or 30s, 1m.",
    ),
    click.option(
        "--max-tries",
        type=click.IntRange(min=1),
        default=5,
        show_default=True,
        metavar="N",
        help="How often to try a row that could not be sent.",
    ),
    click.option(
        "--patience",
        type=Duration(minimum=1.0, default_unit="s"),
        default=900.0,
        show_default=True,
        metavar="S",
        help="Stop after this long of nothing but 'too many requests': seconds, or 15m.",
    ),
    click.option(
        "--keep-going", is_flag=True, help="Continue when all of the first rows are refused for the same reason."
    ),
    click.option("--wait", is_flag=True, help="If another run is importing the same file, wait for it to end first."),
    click.option("--yes", is_flag=True, help="Do not ask before sending."),
)
_REPORTS = (
    click.option(
        "--output",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder for the reports.  [default: ./<file>-<run id>/]",
    ),
    click.option(
        "--report-format",
        "report_formats",
        type=click.Choice(["csv", "xlsx", "parquet", "jsonl"]),
        multiple=True,
        default=("csv",),
        show_default=True,
        help="Format of the result and errors files. Can be repeated.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON."),
    click.option("--quiet", is_flag=True, help="Print nothing but errors."),
)
_MAIL = (
    click.option(
        "--mail",
        multiple=True,
        metavar="ADDRESS",
        help="Mail the summary there when the run ends, by the server of [mail] in importer.toml. Can be repeated.",
    ),
    click.option("--mail-errors", is_flag=True, help="Attach errors.xlsx to the mail."),
)
_UNATTENDED = (
    CONFIG,
    JOB,
    click.option(
        "--state-dir",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder of the journal. Environment: CONTACT_IMPORTER_STATE_DIR.",
    ),
    JOURNAL,
    click.option(
        "--new-journal",
        is_flag=True,
        help="Replace a lost journal by an empty one: rows sent before are no longer known, and are sent again.",
    ),
    click.option(
        "--notify",
        metavar="URL",
        envvar="CONTACT_IMPORTER_NOTIFY",
        help="A webhook that receives the summary: Slack, Teams, or JSON. Environment: CONTACT_IMPORTER_NOTIFY.",
    ),
    *_MAIL,
    click.option(
        "--log-format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Format of the progress on standard error when it is not a terminal.",
    ),
    *_PROGRESS_OPTIONS,
)


# A new option is an entry of its group. The short help explains those of ``grouped_help.EVERYDAY``, and names the rest.
_GROUPS = {
    "Vendor": _VENDOR,
    "Input": _INPUT,
    "Mapping": _MAPPING,
    "Cleaning": _CLEANING,
    "Sending": _SENDING,
    "Reports": _REPORTS,
    "Unattended": _UNATTENDED,
}


def import_options(command: Command) -> Command:
    """Add the shared options to a command, and note the group of each for its help."""
    for title, options in reversed(_GROUPS.items()):
        for option in reversed(options):
            command = option(command)
            GROUP_BY_NAME[command.__click_params__[-1].name] = title  # type: ignore[attr-defined]  # click keeps them so
    return command


_REOPEN_OPTIONS = (
    CONFIG,
    click.option("--api-key-file", type=click.Path(path_type=Path), metavar="FILE", help="As for run."),
    click.option("--state-dir", type=click.Path(path_type=Path), metavar="DIR", help="As for run."),
    JOURNAL,
    _CA_FILE,
    click.option("--notify", metavar="URL", envvar="CONTACT_IMPORTER_NOTIFY", help="As for run."),
    *_MAIL,
    click.option("--yes", is_flag=True, help="Do not ask before sending."),
    click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON."),
    click.option("--quiet", is_flag=True, help="Print nothing but errors."),
    click.option(
        "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="As for run."
    ),
    *_PROGRESS_OPTIONS,
)


def reopening_options(command: Command) -> Command:
    """Add the options of the commands that reopen a run."""
    for option in reversed(_REOPEN_OPTIONS):
        command = option(command)
    return command
