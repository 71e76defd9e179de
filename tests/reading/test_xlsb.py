"""Errors of formulas in .xlsb."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

from importer.reading import read_table
from importer.settings import Settings

RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    assert len(data) < 0x80
    return head + bytes([len(data)]) + data


def text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def cell(kind: int, column: int, data: bytes) -> bytes:
    return record(kind, struct.pack("<II", column, 0) + data)


def write_xlsb(path: Path, rows: list[list[str | int | None]]) -> None:
    """Texts as texts, numbers as error codes: on even rows of a formula."""
    sheet = record(129) + record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)) + record(145)
    for row, values in enumerate(rows):
        sheet += record(0, struct.pack("<I", row) + bytes(13))
        for column, value in enumerate(values):
            if isinstance(value, int):
                error = bytes([value])
                sheet += cell(11, column, error + bytes(10)) if row % 2 else cell(3, column, error)
            elif value is not None:
                sheet += cell(6, column, text(value))
    sheet += record(146) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + text("rId1") + text("Data")) + record(144)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
            f'Type="{RELATED}/worksheet" Target="worksheets/sheet1.bin"/></Relationships>',
        )
        archive.writestr("xl/workbook.bin", book + record(132))
        archive.writestr("xl/worksheets/sheet1.bin", sheet)


def test_errors_are_marked(tmp_path: Path) -> None:
    write_xlsb(tmp_path / "f.xlsb", [["Email", "Name"], ["a@example.com", 0x2A], [0x07, "Bo"], ["c@example.com", "Cy"]])

    batch = next(read_table(tmp_path / "f.xlsb", Settings("iclosed")).batches())

    assert batch.frame.rows() == [(2, "a@example.com", "#N/A"), (3, "#DIV/0!", "Bo"), (4, "c@example.com", "Cy")]
    assert [(finding.row, finding.column, finding.code) for finding in batch.findings] == [
        (2, 1, "cell_error"),
        (3, 0, "cell_error"),
    ]
