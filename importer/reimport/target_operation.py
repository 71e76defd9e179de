"""What a report of ours is to be imported as: the operation of its run, and only into the vendor of its run."""

from __future__ import annotations

import codecs
import json
import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

from importer.errors import SettingsError
from importer.observer import Observer
from importer.reading import WORKBOOK_SUFFIXES
from importer.reimport.original_run import RUN, carried_plan
from importer.settings import Settings
from schemas.contract import Vendor

LONGEST_HEADER = 4096
LONGEST_LIST = 1 << 20


@dataclass(frozen=True, slots=True)
class _Origin:
    """The operation of a run, whether it was this vendor's, and whether the report is all of its rows."""

    operation: str
    same_vendor: bool
    whole: bool


def adopt_operation(file: Path, vendor: Vendor, settings: Settings, observer: Observer) -> Settings:
    """The settings with the operation of the run that a file is a report of; unchanged for any other file.

    Raises SettingsError when rows to be corrected would go to another vendor, or would be made instead of updated.
    """
    origin = _of_workbook(file, vendor, settings) or _of_csv(file, vendor)
    if origin is None or (origin.operation == settings.operation and origin.same_vendor):
        return settings
    if not origin.same_vendor:
        if origin.whole:
            return settings
        raise SettingsError(f"{file}: is a report of a run into another vendor; --vendor {vendor.name} was said")
    repeatable = vendor.operations[origin.operation].repeatable
    if settings.operation == "create" and repeatable:
        observer.on_note(f"this is a report of a run with --operation {origin.operation}, and is imported with it")
        return replace(settings, operation=origin.operation)
    if origin.whole:
        return settings
    raise SettingsError(f"{file}: is a report of a run with --operation {origin.operation}; import it with that")


def _of_workbook(file: Path, vendor: Vendor, settings: Settings) -> _Origin | None:
    listed = _listed(file) if file.suffix.lower() in WORKBOOK_SUFFIXES and file.is_file() else b""
    if RUN.encode() not in listed:
        return None
    plan = carried_plan(file, settings)
    if plan is None:
        return None
    known = vendor.operations.get(plan["operation"])
    same = known is not None and known.document == plan["document"]
    return _Origin(plan["operation"], same, whole=b'"Result"' in listed)


def _listed(file: Path) -> bytes:
    """The list of a workbook's sheets, got without opening it whole: most are nobody's report."""
    if not zipfile.is_zipfile(file):
        return b""
    try:
        with zipfile.ZipFile(file) as archive, archive.open("xl/workbook.xml") as listed:
            return listed.read(LONGEST_LIST)
    except KeyError:  # .ods lists its sheets where their cells are, so it may have ours
        return RUN.encode()
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
        return b""  # what is wrong with it is told when it is read


def _of_csv(file: Path, vendor: Vendor) -> _Origin | None:
    """A report is known by its first columns; what run it is of, by the summary beside it."""
    beside = file.parent / "summary.json"
    if file.suffix.lower() != ".csv" or not file.is_file() or not beside.is_file():
        return None
    try:
        with file.open("rb") as content:
            start = content.read(LONGEST_HEADER).removeprefix(codecs.BOM_UTF8).lstrip(b'"')
        summary = json.loads(beside.read_text(encoding="utf-8"))
        operation, name = summary["operation"], summary["vendor"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = start.startswith(b"import_row")
    if not (whole or start.startswith(b"row")) or not isinstance(operation, str):
        return None
    return _Origin(operation, name == vendor.name and operation in vendor.operations, whole)
