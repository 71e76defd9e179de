"""The settings of one run, filled in by the command line, the web app or a Python caller."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from importer.model.mail_server import MailServer

Duplicates = Literal["skip", "send", "error"]
DateOrder = Literal["dmy", "mdy", "ymd"]
OnInvalid = Literal["skip", "abort"]
Match = Literal["create", "skip-existing", "update-existing", "update-only"]
AnsweredBy = Literal["person", "proposal", "nobody"]
ReportFormat = Literal["csv", "xlsx", "parquet", "jsonl"]


@dataclass(frozen=True, slots=True)
class Correction:
    """A text that replaces a cell of the file, given by its row's number and its column's position."""

    row: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question about a file with its answer, for the reports. ``by`` is a person, the proposal, or nobody."""

    kind: str
    subject: str
    rows: int
    answer: str | None
    by: AnsweredBy
    text: str = ""  # of a question that nobody answered: what would cure it


MATCH_SETTINGS = ("match", "match_by", "fill_empty", "ask_anyway")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one run. Rates are requests per second, times are seconds; None means the contract's value."""

    vendor: str
    operation: str = "create"
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)  # the key itself; the command line takes no key
    output: Path | None = None
    state_dir: Path | None = None
    mapping: Path | None = None
    columns: tuple[tuple[str, str], ...] = ()  # --map: pairs of a column and its field
    constants: tuple[tuple[str, str], ...] = ()  # --set: pairs of a field and its text in every row
    sheet: str | None = None
    header_row: int | None = None
    delimiter: str | None = None
    encoding: str | None = None
    region: str | None = None
    timezone: str | None = None
    date_order: DateOrder | None = None
    # The orders of dates that the file as uploaded has proven, by field. A correction of one cell must not change them.
    # ``date_order`` overrides them.
    date_orders: tuple[tuple[str, DateOrder], ...] = ()
    clean: bool = True
    blank: tuple[str, ...] = ()  # further words that stand for nothing
    where: str | None = None  # a condition on the columns: rows that do not match are skipped
    rows: str | None = None  # the rows to send, by number; a key of mapping files, as is ``skip_last``
    skip_last: int | None = None  # how many rows at the end of the file are skipped
    suppress: tuple[str, ...] = ()  # paths of lists of contacts that are never sent
    strict: bool = False
    duplicates: Duplicates = "skip"
    send_changed: bool = False
    update_changed: bool = False  # update a contact that was sent before with other values
    match: Match = "create"  # what becomes of rows whose contact the vendor has already
    match_by: str | None = None  # the field to look contacts up by; email and phone stand for fields of that kind
    fill_empty: bool = False  # an update changes only what the vendor has no value for
    ask_anyway: bool = False  # also use requests that the vendor does not document
    against_vendor: bool = False  # a check also looks up what the vendor has
    sample: int | None = None  # of that many rows, evenly spread
    on_invalid: OnInvalid = "skip"
    limit: int | None = None
    concurrency: int | None = None
    rate: float | None = None
    share: float = 1.0  # of the rate that runs to the same target share: 2 is twice that of a run with 1
    rate_group: str | None = None  # of importer.toml: targets with the same name share one rate, too
    ca_file: str | None = None  # the path of certificate authorities to trust beside the public ones
    timeout: float = 30.0
    max_tries: int = 5
    patience: float = 900.0  # seconds of nothing but "too many requests" before a run stops
    keep_going: bool = False
    # Of the result and the errors; errors.xlsx, report.html and summary.json are always written.
    report_formats: tuple[ReportFormat, ...] = ("csv",)
    notify: str | None = field(default=None, repr=False)  # the address of a webhook; it may contain a secret
    mail: tuple[str, ...] = ()  # the addresses that get a mail at the end of the run
    mail_errors: bool = False  # attach errors.xlsx, with the rows' personal data
    mail_server: MailServer | None = None
    corrections: tuple[Correction, ...] = field(default=(), repr=False)  # made in the web app; the file stays as it is
    removed: tuple[int, ...] = field(default=(), repr=False)  # rows that a person removed in the web app, by number
    new_journal: bool = False  # give up a journal that is lost: what was sent before is not known any more
    answers: tuple[tuple[str, str], ...] = ()  # --answer: pairs of a question ("kind:field") and its answer
    lines: tuple[str, ...] = ()  # lines of a mapping file that answers became; they count before the file's own
    asked: tuple[AnsweredQuestion, ...] = ()  # what has been answered so far, for the reports
    accept_proposals: bool = False  # take what is proposed, instead of asking
    save_mapping: Path | None = None  # the mapping file to write, with every answer in it
    practice: bool = False  # the address is that of a practice copy on this machine: reports say so
    wait: bool = False  # wait for another run of the same file, instead of sharing its rows

    @property
    def match_settings(self) -> dict[str, Any]:
        """The settings for contacts that the vendor has already; empty if they are created all the same."""
        return {} if self.match == "create" else {name: getattr(self, name) for name in MATCH_SETTINGS}

    def with_changes(self, changes: Iterable[tuple[str, Any]]) -> Settings:
        """Return the settings with pairs of a setting and its value; tuples are added to what is there."""
        changed: dict[str, Any] = {}
        for name, value in changes:
            known = changed.get(name, getattr(self, name))
            changed[name] = (*known, *value) if isinstance(value, tuple) else value
        return replace(self, **changed)


# Settings that a report shows elsewhere, or must not show.
NOT_REPORTED = {
    "vendor", "operation", "api_key", "notify", "mail", "mail_errors", "mail_server", "output", "state_dir",
    "corrections", "date_orders", "rows", "removed", "skip_last", "lines", "asked", "save_mapping", "rate_group",
    "practice",
}  # fmt: skip
OPTIONS = {"columns": "map", "constants": "set", "report_formats": "report-format", "answers": "answer"}


def chosen(settings: Settings) -> dict[str, str]:
    """Return the options that differ from their defaults, as on the command line. Never a key."""
    return dict(_non_default_options(settings))


def _non_default_options(settings: Settings) -> Iterator[tuple[str, str]]:
    for entry in fields(settings):
        value = getattr(settings, entry.name)
        if entry.name in NOT_REPORTED or value == entry.default or (entry.default is MISSING and not value):
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
