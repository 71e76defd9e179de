"""Write a template to fill in: a column for each field, under a name that is matched to its field again.

openpyxl writes it, not ``reporting.xlsx``: the template needs what a report does not (column formats, validation that
rejects, comments of a given size), and it has no rows that would make speed matter.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from importer.model.table import column_letters
from schemas.contract import Field, Operation
from schemas.describe import describe_limits
from schemas.kind import Kind

# A spreadsheet program turns these into numbers and dates of its own, unless their columns are formatted as text.
TEXT_KINDS = {Kind.PHONE, Kind.ZIP, Kind.ID, Kind.CODE, Kind.DATE, Kind.DATE_TIME}
LAST_VALIDATED_ROW = 10_000
MAX_LIST_CHARACTERS = 250  # Excel allows 255 in the formula of a drop-down list
REQUIRED_MARK = " *"
_BOLD = Font(bold=True)
_GREY, _REQUIRED = PatternFill("solid", fgColor="E7E6E6"), PatternFill("solid", fgColor="DDEBF7")


def column_title(field: Field) -> str:
    """Return ``Billing address 1`` for ``billing.address_1``, with a star if the field is required."""
    words = re.sub(r"[._]", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", field.path)).lower()
    return words[:1].upper() + words[1:] + (REQUIRED_MARK if field.required else "")


def write_template(operation: Operation, vendor: str, path: Path) -> None:
    """Write a .csv if the path ends so, else an .xlsx. Raises FileExistsError if there is such a file."""
    fields = [field for field in operation.fields if not field.open]
    with path.open("xb") as file:
        if path.suffix.lower() == ".csv":
            file.write(b"\xef\xbb\xbf")
        else:
            _template_workbook(operation, vendor, fields).save(file)
    if path.suffix.lower() == ".csv":
        with path.open("a", encoding="utf-8", newline="") as text:
            csv.writer(text).writerow([column_title(field) for field in fields])


def _template_workbook(operation: Operation, vendor: str, fields: Sequence[Field]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    del book["Sheet"]
    sheet = book.create_sheet("Contacts")
    _write_header(sheet, fields)
    for index, field in enumerate(fields):
        _format_column(sheet, index, field)
    sheet.freeze_panes = "A2"
    _fit_to_page(sheet)
    examples = book.create_sheet("Examples")
    _write_header(examples, fields)
    examples.append([_example(field) for field in fields])
    examples.append([_second_example(field) for field in fields])
    _write_legend(book.create_sheet("Legend"), operation, vendor)
    return book


def _write_header(sheet: Worksheet, fields: Sequence[Field]) -> None:
    sheet.append([column_title(field) for field in fields])
    for index, field in enumerate(fields):
        cell = sheet.cell(1, index + 1)
        cell.font, cell.fill = _BOLD, _REQUIRED if field.required else _GREY
        sheet.column_dimensions[column_letters(index)].width = min(max(len(column_title(field)) + 4, 16), 40)


def _fit_to_page(sheet: Worksheet) -> None:
    """Print the sheet on landscape pages as wide as all its columns, each with the header."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _format_column(sheet: Worksheet, index: int, field: Field) -> None:
    letters = column_letters(index)
    notes = [part for part in (field.description, describe_limits(field), field.hint) if part]
    comment = Comment(f"{'Required. ' if field.required else ''}{'. '.join(notes) or 'Any text'}", "contact-importer")
    comment.width, comment.height = 320, 120
    sheet.cell(1, index + 1).comment = comment
    if field.kind in TEXT_KINDS:
        sheet.column_dimensions[letters].number_format = "@"
    options = ",".join(field.limits.enum or ())
    if 0 < len(options) <= MAX_LIST_CHARACTERS:
        down = DataValidation(type="list", formula1=f'"{options}"', allow_blank=True, showErrorMessage=True)
        down.error = f"one of {options.replace(',', ', ')}"
        sheet.add_data_validation(down)
        down.add(f"{letters}2:{letters}{LAST_VALIDATED_ROW}")


def _example(field: Field) -> str | None:
    value = field.example if field.example is not None else (field.limits.enum or [None])[0]
    return "; ".join(map(str, value)) if isinstance(value, list) else None if value is None else str(value)


def _second_example(field: Field) -> str | None:
    """Return the value of a second contact, who has only the required fields and an e-mail address."""
    text = _example(field)
    if text is None or not (field.required or field.kind is Kind.EMAIL):
        return None
    if field.kind is Kind.EMAIL:
        return "john.roe@example.com"
    return text[:-1] + "2" if field.kind in (Kind.PHONE, Kind.ID) and text[-1].isdigit() else text


def _write_legend(sheet: Worksheet, operation: Operation, vendor: str) -> None:
    sheet.append([f"{vendor}: {operation.name}"])
    sheet.append(["Fill in the first sheet, a contact a row, and import this file. Columns with a star are required."])
    sheet.append([])
    sheet.append(["Column", "Field", "What it takes", "For example"])
    for cell in (sheet.cell(1, 1), *sheet[4]):
        cell.font = _BOLD
    for field in operation.fields:
        name = f"{field.path}.NAME" if field.open else column_title(field)
        limits = "add a column for each, under its own NAME" if field.open else describe_limits(field)
        sheet.append([name, field.path, limits or "any text", _example(field)])
    for letters, width in zip("ABCD", (28, 24, 80, 40), strict=True):
        sheet.column_dimensions[letters].width = width
