"""What a person chose for one run, as data. The command line, the page and Python callers all fill this in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Literal

Duplicates = Literal["skip", "send", "error"]
DateOrder = Literal["dmy", "mdy", "ymd"]
OnInvalid = Literal["skip", "abort"]
ReportFormat = Literal["csv", "xlsx", "parquet", "jsonl"]


@dataclass(frozen=True, slots=True)
class Correction:
    """The text that a cell is to have instead of the file's: its row's number, its column's position."""

    row: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of one run. Rates are requests a second, times are seconds; None means the contract's own value."""

    vendor: str
    operation: str = "create"
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    output: Path | None = None
    state_dir: Path | None = None
    mapping: Path | None = None
    columns: tuple[tuple[str, str], ...] = ()
    """Pairs of a column and the field it feeds (``--map``)."""
    constants: tuple[tuple[str, str], ...] = ()
    """Pairs of a field and the text it has in every row (``--set``)."""
    sheet: str | None = None
    header_row: int | None = None
    delimiter: str | None = None
    encoding: str | None = None
    region: str | None = None
    timezone: str | None = None
    date_order: DateOrder | None = None
    date_orders: tuple[tuple[str, DateOrder], ...] = ()
    """By field the order of its dates, where an earlier look at the file has proven it; ``date_order`` counts more."""
    clean: bool = True
    strict: bool = False
    duplicates: Duplicates = "skip"
    send_changed: bool = False
    update_changed: bool = False
    """Whether a contact that was made before with other values is updated, where the vendor documents how."""
    on_invalid: OnInvalid = "skip"
    limit: int | None = None
    concurrency: int | None = None
    rate: float | None = None
    timeout: float = 30.0
    max_tries: int = 5
    patience: float = 900.0
    """Seconds of nothing but "too many requests" before a run stops."""
    keep_going: bool = False
    report_formats: tuple[ReportFormat, ...] = ("csv",)
    """Of the result and the errors; errors.xlsx, report.html and summary.json are there besides."""
    notify: str | None = field(default=None, repr=False)
    """The address of a webhook that is told how a run ended. It may hold a secret."""
    corrections: tuple[Correction, ...] = field(default=(), repr=False)
    """Cells that a person corrected without touching the file, as the page lets them."""
    wait: bool = False
    """Whether to wait for another run of the same file, instead of sharing its rows with it."""


KNOWN_OTHERWISE = {"vendor", "operation", "api_key", "notify", "output", "state_dir", "corrections", "date_orders"}
"""What a report says elsewhere, or must not say."""
OPTIONS = {"columns": "map", "constants": "set", "report_formats": "report-format"}


def chosen(settings: Settings) -> dict[str, str]:
    """The options that are not what is usual, as a person gave them on the command line. Never a key."""
    return dict(_chosen(settings))


def _chosen(settings: Settings) -> Iterator[tuple[str, str]]:
    for entry in fields(settings):
        value = getattr(settings, entry.name)
        if entry.name in KNOWN_OTHERWISE or value == entry.default or (entry.default is MISSING and not value):
            continue
        option = f"--{OPTIONS.get(entry.name, entry.name.replace('_', '-'))}"
        if value is False:
            yield option.replace("--", "--no-", 1), ""
        elif value is True:
            yield option, ""
        elif isinstance(value, tuple):
            yield option, ", ".join("=".join(each) if isinstance(each, tuple) else str(each) for each in value)
        elif entry.name == "rate":
            yield option, f"{value:g}/s"
        else:
            yield option, f"{value:g}" if isinstance(value, float) else str(value)
