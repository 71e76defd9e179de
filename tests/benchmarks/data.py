"""Makes the files that the benchmarks read: 13 columns of an iClosed export, a share of the rows wrong."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import xlsxwriter

HEADER = (
    "First Name,Last Name,Email,Phone Number,Status,Tag,Joined Time,Event Name,UTM,Country,Time Zone,"
    "IP Address,Referrer URL\n"
)


def make_csv(path: Path, rows: int, bad: float = 0.02, seed: int = 1, mark: str = "") -> Path:
    """Write ``rows`` made-up contacts; a share ``bad`` of them has a damaged phone or a broken e-mail address;
    ``mark`` makes them other people."""
    dice = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for number in range(rows):
            phone, email = f"+1555{number:07d}", f"user{mark}{number}@example.com"
            chance = dice.random()
            if chance < bad / 2:
                phone = "1.55512E+10"
            elif chance < bad:
                email = f"user{number}@"
            file.write(
                f"Jane{number % 1000},Doe{number % 777},{email},{phone},QUALIFIED,lead-2026,"
                f"2024-01-15T10:00:00.000Z,Product Demo,utm_source=google&utm_medium=cpc,US,America/New_York,"
                f"192.0.2.{number % 255},https://example.com/signup/{number}\n"
            )
    return path


def make_sheet(path: Path, source: Path) -> Path:
    """The rows of a CSV file as a workbook of text cells, in shared strings as Excel saves them."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    with source.open(encoding="utf-8", newline="") as file:
        for number, cells in enumerate(csv.reader(file)):
            sheet.write_row(number, 0, cells)
    book.close()
    return path


def make_formatted_sheet(path: Path, rows: int) -> Path:
    """A workbook with a number format, a truth and numbers in every row."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet, padded = book.add_worksheet(), book.add_format({"num_format": "00000"})
    sheet.write_row(0, 0, HEADER.strip().split(","))
    for row in range(1, rows + 1):
        sheet.write_row(row, 0, [f"Jane{row % 1000}", f"Doe{row % 777}", f"user{row}@example.com", 15550000000 + row])
        sheet.write_number(row, 4, row % 99_999, padded)
        sheet.write_row(row, 5, ["lead-2026", "2024-01-15", "Product Demo", "utm", "US", row % 2 == 0, row / 4, "x"])
    book.close()
    return path
