"""A file to fill in: a column for each field, under a name that finds its field again."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from importer.model.table import column_letters
from schemas.contract import Field, Kind, Operation
from schemas.describe import describe_limits

AS_TEXT = {Kind.PHONE, Kind.ZIP, Kind.ID, Kind.CODE, Kind.DATE, Kind.DATE_TIME}
"""What a spreadsheet would make a number or a date of its own of."""
LAST_ROW = 10_000
LONGEST_LIST = 250
MARK = " *"
_BOLD = Font(bold=True)
_GREY, _REQUIRED = PatternFill("solid", fgColor="E7E6E6"), PatternFill("solid", fgColor="DDEBF7")


def friendly(field: Field) -> str:
    """``billing.address_1`` → ``Billing address 1``; a star marks what is required."""
    words = re.sub(r"[._]", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", field.path)).lower()
    return words[:1].upper() + words[1:] + (MARK if field.required else "")


def write_template(operation: Operation, vendor: str, path: Path) -> None:
    """Write an .xlsx or .csv, by the name's ending. Raises FileExistsError rather than writing over a file."""
    fields = [field for field in operation.fields if not field.open]
    with path.open("xb") as file:
        if path.suffix.lower() == ".csv":
            file.write(b"\xef\xbb\xbf")
        else:
            _book(operation, vendor, fields).save(file)
    if path.suffix.lower() == ".csv":
        with path.open("a", encoding="utf-8", newline="") as text:
            csv.writer(text).writerow([friendly(field) for field in fields])


def _book(operation: Operation, vendor: str, fields: Sequence[Field]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    del book["Sheet"]
    sheet = book.create_sheet("Contacts")
    _header(sheet, fields)
    for index, field in enumerate(fields):
        _column(sheet, index, field)
    sheet.freeze_panes = "A2"
    examples = book.create_sheet("Examples")
    _header(examples, fields)
    examples.append([_example(field) for field in fields])
    examples.append([_another(field) for field in fields])
    _legend(book.create_sheet("Legend"), operation, vendor)
    return book


def _header(sheet: Worksheet, fields: Sequence[Field]) -> None:
    sheet.append([friendly(field) for field in fields])
    for index, field in enumerate(fields):
        cell = sheet.cell(1, index + 1)
        cell.font, cell.fill = _BOLD, _REQUIRED if field.required else _GREY
        sheet.column_dimensions[column_letters(index)].width = min(max(len(friendly(field)) + 4, 16), 40)


def _column(sheet: Worksheet, index: int, field: Field) -> None:
    letters = column_letters(index)
    said = [part for part in (field.description, describe_limits(field), field.hint) if part]
    comment = Comment(f"{'Required. ' if field.required else ''}{'. '.join(said) or 'Any text'}", "contact-importer")
    comment.width, comment.height = 320, 120
    sheet.cell(1, index + 1).comment = comment
    if field.kind in AS_TEXT:
        sheet.column_dimensions[letters].number_format = "@"
    options = ",".join(field.limits.enum or ())
    if 0 < len(options) <= LONGEST_LIST:
        down = DataValidation(type="list", formula1=f'"{options}"', allow_blank=True, showErrorMessage=True)
        down.error = f"one of {options.replace(',', ', ')}"
        sheet.add_data_validation(down)
        down.add(f"{letters}2:{letters}{LAST_ROW}")


def _example(field: Field) -> str | None:
    value = field.example if field.example is not None else (field.limits.enum or [None])[0]
    return "; ".join(map(str, value)) if isinstance(value, list) else None if value is None else str(value)


def _another(field: Field) -> str | None:
    """A second contact, who has only what everybody must have, or can be reached by."""
    text = _example(field)
    if text is None or not (field.required or field.kind is Kind.EMAIL):
        return None
    if field.kind is Kind.EMAIL:
        return "john.roe@example.com"
    return text[:-1] + "2" if field.kind in (Kind.PHONE, Kind.ID) and text[-1].isdigit() else text


def _legend(sheet: Worksheet, operation: Operation, vendor: str) -> None:
    sheet.append([f"{vendor}: {operation.name}"])
    sheet.append(["Fill in the first sheet, a contact a row, and import this file. Columns with a star are required."])
    sheet.append([])
    sheet.append(["Column", "Field", "What it takes", "For example"])
    for cell in (sheet.cell(1, 1), *sheet[4]):
        cell.font = _BOLD
    for field in operation.fields:
        name = f"{field.path}.NAME" if field.open else friendly(field)
        takes = "add a column for each, under its own NAME" if field.open else describe_limits(field)
        sheet.append([name, field.path, takes or "any text", _example(field)])
    for letters, width in zip("ABCD", (28, 24, 80, 40), strict=True):
        sheet.column_dimensions[letters].width = width
