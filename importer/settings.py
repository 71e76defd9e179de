"""What a person chose for one run, as data. The command line, the page and Python callers all fill this in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Duplicates = Literal["skip", "send", "error"]
DateOrder = Literal["dmy", "mdy", "ymd"]
OnInvalid = Literal["skip", "abort"]


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
    clean: bool = True
    strict: bool = False
    duplicates: Duplicates = "skip"
    send_changed: bool = False
    on_invalid: OnInvalid = "skip"
    limit: int | None = None
    concurrency: int | None = None
    rate: float | None = None
    timeout: float = 30.0
    max_tries: int = 5
    patience: float = 900.0
    """Seconds of nothing but "too many requests" before a run stops."""
    keep_going: bool = False
    wait: bool = False
    """Whether to wait for another run of the same file, instead of sharing its rows with it."""
