"""Detects our own reports before they are read.

A text is recognised by its first columns, a workbook by its hidden sheet. Both tell how to read it, and which operation
of which vendor its rows belong to. Rows that were copied from a report into a file of another layout carry only the
columns; ``original_rows`` finds these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from importer.errors import FileError
from importer.model.report_columns import REPORT_PREFIX, RESULT_SHEET, ROW, RUN_SHEET, STATUS
from importer.reading import ReadOptions, Source
from importer.reimport.original_run import PLAN_KEYS
from importer.reimport.trusted_plan import is_trusted
from importer.run_store.run_folder import state_folder
from importer.settings import Settings
from schemas.contract import Vendor

_MARK = rb"(?:\xef\xbb\xbf)?\"?"
_NEXT = rb"\"?([^\w\"\r\n])\"?"
_RESULT_CSV = re.compile(_MARK + ROW.encode() + _NEXT + STATUS.encode() + rb"\b")
_ERRORS_CSV = re.compile(_MARK + rb"row" + _NEXT + rb"column\"?\1\"?field\b")
_FIRST_COLUMN = re.compile(_MARK + ROW.encode())


@dataclass(frozen=True, slots=True)
class Reimport:
    """A report that comes back.

    ``is_original_layout`` is False for a text that another program saved from errors.xlsx. ``operation`` is the run's,
    None if it is unknown. ``same_vendor`` is True if the run went to the vendor of this import. ``has_every_row`` is
    False for a list of rows to fix. ``plan`` is the plan embedded in a workbook, ``delimiter`` the text's.
    ``is_foreign`` is True if there is a plan that does not count, because this state folder did not write it. ``match``
    are the run's settings for contacts that the vendor has, other than the default ones.
    """

    is_original_layout: bool
    has_every_row: bool
    operation: str | None = None
    same_vendor: bool = False
    plan: Mapping[str, Any] | None = None
    delimiter: str | None = None
    is_foreign: bool = False
    match: Mapping[str, Any] = field(default_factory=dict)

    def read_options(self, settings: Settings) -> ReadOptions:
        """Return the options to read the report with.

        The user's options are about the file that it is a report of: our reports have one layout.
        """
        if not self.is_original_layout or settings.sheet == RUN_SHEET:
            return ReadOptions.of(settings)
        return ReadOptions(delimiter=self.delimiter, internal_prefix=REPORT_PREFIX)


def detect(source: Source, vendor: Vendor, state_dir: Path | None = None) -> Reimport | None:
    """Return what is known of a report before it is read; None for any other source.

    ``state_dir`` is the chosen state folder, which knows its own reports.
    """
    if RUN_SHEET in (sheets := source.sheet_names()):
        found = _detect_workbook(source, vendor, has_every_row=RESULT_SHEET in sheets)
        if found.plan is None or is_trusted(found.plan, state_folder(state_dir)):
            return found
        return replace(found, plan=None, is_foreign=True, match={})
    start = source.beginning()
    result, listed = _RESULT_CSV.match(start), _ERRORS_CSV.match(start)
    report = result or listed
    if not (report or _FIRST_COLUMN.match(start)):
        return None
    operation, name, match = _read_summary(source)
    known = operation in vendor.operations and name == vendor.name
    delimiter = report[1].decode("ascii") if report else None
    return Reimport(report is not None, listed is None, operation, known, delimiter=delimiter, match=match)


def _detect_workbook(source: Source, vendor: Vendor, *, has_every_row: bool) -> Reimport:
    plan = _read_embedded_plan(source)
    if plan is None:
        return Reimport(is_original_layout=True, has_every_row=has_every_row)
    known = vendor.operations.get(plan["operation"])
    same = known is not None and known.document == plan["document"]
    match = plan.get("match")
    return Reimport(
        is_original_layout=True,
        has_every_row=has_every_row,
        operation=plan["operation"],
        same_vendor=same,
        plan=plan,
        match=match if isinstance(match, dict) else {},
    )


def _read_embedded_plan(source: Source) -> dict[str, Any] | None:
    """Return the plan in the hidden sheet, which has it as JSON in pieces."""
    try:
        hidden = source.open(ReadOptions(sheet=RUN_SHEET, header_row=1))
        pieces = [text for batch in hidden.batches() for text in batch.frame[batch.frame.columns[-1]]]
        plan = json.loads("".join(pieces))
    except (FileError, ValueError, TypeError, RecursionError):
        return None
    if not isinstance(plan, dict) or PLAN_KEYS - plan.keys():
        return None
    return plan if all(isinstance(plan[name], str) for name in ("run", "operation", "document")) else None


def _read_summary(source: Source) -> tuple[str | None, str | None, dict[str, Any]]:
    """Return operation, vendor and match settings of the run whose summary.json lies beside a report."""
    try:
        summary = json.loads((source.ref.path.parent / "summary.json").read_text(encoding="utf-8"))
        operation, vendor, match = summary["operation"], summary["vendor"], summary.get("match")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None, None, {}
    if not isinstance(operation, str):
        return None, None, {}
    return operation, vendor, match if isinstance(match, dict) else {}
