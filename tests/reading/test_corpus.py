"""Workbooks by several writers, each beside what a person sees who opens it."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.worksheet import Worksheet

from importer.errors import FileError
from importer.model.table import Table
from importer.reading import read_table
from importer.settings import Settings


def opened(path: Path, **chosen: Any) -> Table:
    return read_table(path, Settings("iclosed", **chosen))


def rows(table: Table) -> list[tuple[object, ...]]:
    return [row for batch in table.batches() for row in batch.frame.rows()]


def marks(table: Table) -> list[tuple[int, int | None, str]]:
    return [(mark.row, mark.column, mark.code) for batch in table.batches() for mark in batch.findings]


def by_openpyxl(path: Path, fill: Callable[[Worksheet], None], **book_settings: Any) -> Path:
    book = openpyxl.Workbook()
    for name, value in book_settings.items():
        setattr(book, name, value)
    sheet = book.active
    assert sheet is not None
    fill(sheet)
    book.save(path)
    return path


def by_xlsxwriter(path: Path, fill: Callable[[xlsxwriter.Workbook], None], **options: Any) -> Path:
    book = xlsxwriter.Workbook(str(path), options)
    fill(book)
    book.close()
    return path


def by_libreoffice(path: Path, suffix: str) -> Path:
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    command = ["soffice", f"-env:UserInstallation=file://{path.parent}/home", "--headless", "--convert-to", suffix]
    out = path.parent / "converted"
    subprocess.run([*command, "--outdir", str(out), str(path)], check=True, capture_output=True, timeout=110)
    return (out / path.name).with_suffix(f".{suffix}")


SHEET = (
    '<{p}worksheet {x}="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{cols}'
    "<{p}sheetData>{rows}</{p}sheetData>{after}</{p}worksheet>"
)


def by_hand(path: Path, rows: str, *, prefix: str = "", cols: str = "", after: str = "", styles: str = "") -> Path:
    """The least that makes a workbook, in the words of a writer that nobody knows."""
    xmlns = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": (
            f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="rId7"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="rId7" Type="{office}/worksheet" Target="/xl/worksheets/odd name.xml"/>'
            f'<Relationship Id="rId8" Type="{office}/styles" Target="styles.xml"/></Relationships>'
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>',
        "xl/worksheets/odd name.xml": SHEET.format(p=prefix, x=xmlns, cols=cols, rows=rows, after=after),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


PADDED = (
    '<numFmts count="1"><numFmt numFmtId="170" formatCode="00000"/></numFmts>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs>'
)


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_a_hand_made_workbook_is_read_as_it_is_shown(tmp_path: Path, prefix: str) -> None:
    cells = (
        '<row r="2"><c r="B2" t="inlineStr"><is><t>zip</t></is></c><c r="C2" t="str"><v>sum</v></c>'
        '<c r="D2" t="str"><v>ok</v></c></row>'
        '<row hidden="1" r="4"><c s="1" r="B4"><v>1234</v></c><c r="C4"><f>1+1</f><v>2</v></c><c t="b" r="D4"><v>1</v></c></row>'
        '<row r="5"><c r="B5" s="1" t="n"><v>501.0</v></c><c r="C5"><f>1+1</f></c><c r="D5"><v>1.234567890123456E18</v></c></row>'
    )
    tagged = cells.replace("</", "<\0").replace("<", f"<{prefix}").replace(f"<{prefix}\0", f"</{prefix}")
    path = by_hand(
        tmp_path / "f.xlsx",
        tagged,
        prefix=prefix,
        cols=f'<{prefix}cols><{prefix}col min="3" max="3" hidden="true"/></{prefix}cols>',
        styles=PADDED,
    )

    table = opened(path)

    assert table.columns == ("zip", "sum", "ok")
    assert rows(table) == [(4, "01234", "2", "TRUE"), (5, "00501", None, "1234567890123460000")]
    assert marks(table) == [(5, 1, "formula_without_value"), (5, 2, "digits_lost")]
    assert [note.partition(" hidden")[0] for note in table.facts.notes] == ["1 row (4) is", "1 column (C ('sum')) is"]


def odd_people(sheet: Worksheet) -> None:
    sheet["B1"] = "People of the spring fair"
    sheet.merge_cells("B1:E1")
    sheet.append([])
    for column, name in zip("BCDE", ("Name", "Postal Code", "Phone", "Met at"), strict=True):
        sheet[f"{column}4"] = name
    sheet["B5"], sheet["C5"], sheet["D5"], sheet["E5"] = "Ana", 1234, 15550100123, dt.time(9, 30)
    sheet["C5"].number_format, sheet["D5"].number_format = "00000", '"+"0'
    sheet["B6"], sheet["C6"], sheet["D6"], sheet["E6"] = "Bo", "SW1A 1AA", "0155", dt.datetime(2026, 3, 5, 10, 5)  # noqa: DTZ001 - a cell has no zone
    sheet["B9"], sheet["C9"], sheet["D9"], sheet["E9"] = "Cy", 98765, 212600000000, dt.date(2026, 3, 5)
    sheet.merge_cells("C6:C9")
    sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["D"].hidden = True


@pytest.mark.parametrize("suffix", ["", "xlsx", "xls", "ods"])
@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_what_is_shown_is_read_whoever_wrote_it(tmp_path: Path, suffix: str, epoch: dt.datetime | None) -> None:
    settings = {} if epoch is None else {"epoch": epoch}
    path = by_openpyxl(tmp_path / "f.xlsx", odd_people, **settings)

    table = opened(by_libreoffice(path, suffix) if suffix else path)

    assert table.columns == ("Name", "Postal Code", "Phone", "Met at")
    assert (table.header_row, rows(table)) == (
        4,
        [
            (5, "Ana", "01234", "+15550100123", "09:30:00"),
            (6, "Bo", "SW1A 1AA", "0155", "2026-03-05 10:05:00"),
            (9, "Cy", None, "212600000000", "2026-03-05"),
        ],
    )
    assert marks(table) == [(9, 1, "merged_cells")]
    assert table.facts.notes == (
        "the header was found in row 4; row 1 above it looked like a title and was left out (--header-row N)",
        "1 row (6) is hidden in the sheet; what is hidden is read too",
        "1 column (D ('Phone')) is hidden in the sheet; what is hidden is read too",
    )


@pytest.mark.parametrize("suffix", ["", "xls", "ods"])
def test_error_values_and_truths_whoever_wrote_them(tmp_path: Path, suffix: str) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c"])
        sheet.write_formula(1, 0, "=NA()", None, "#N/A")
        sheet.write_boolean(1, 1, True)
        sheet.write_string(1, 2, "true")
        sheet.write_formula(2, 0, "=1/0", None, "#DIV/0!")
        sheet.write_boolean(2, 1, False)
        sheet.write_string(2, 2, "12345678901234567890")

    path = by_xlsxwriter(tmp_path / "f.xlsx", fill)

    table = opened(by_libreoffice(path, suffix) if suffix else path)

    assert [row[2:] for row in rows(table)] == [("TRUE", "true"), ("FALSE", "12345678901234567890")]
    assert marks(table) == [(2, 0, "cell_error"), (3, 0, "cell_error")]


def test_a_header_of_two_rows_takes_its_names_from_both(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"], sheet["B1"] = "Name", "Phone"
        sheet["B2"], sheet["C2"] = "Home", "Mobile"
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("B1:C1")
        sheet.append(["Ana", "+15550100", "+15550101"])

    table = opened(by_openpyxl(tmp_path / "f.xlsx", fill))

    assert (table.columns, rows(table)) == (("Name", "Home", "Mobile"), [(3, "Ana", "+15550100", "+15550101")])


def test_formulas_that_were_never_calculated_are_problems_and_empty_results_are_not(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["name", "email"])
        sheet.append(["Ana", '=A2&"@example.com"'])

    never = opened(by_openpyxl(tmp_path / "f.xlsx", fill))
    empty = by_hand(
        tmp_path / "g.xlsx",
        '<row r="1"><c r="A1" t="str"><v>name</v></c></row>'
        '<row r="2"><c r="A2" t="str"><f>""</f><v></v></c><c r="B2" t="str"><v>x</v></c></row>',
    )

    assert marks(never) == [(2, 1, "formula_without_value")]
    assert marks(opened(empty)) == []


def test_an_external_link_is_read_by_its_saved_value(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["name"])
        sheet.write_formula(1, 0, "='http://192.0.2.1/[other.xlsx]Sheet1'!A1", None, "saved")

    assert rows(opened(by_xlsxwriter(tmp_path / "f.xlsx", fill))) == [(2, "saved")]


def test_the_only_sheet_with_data_is_read_even_when_it_is_hidden(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("Cover")
        hidden = book.add_worksheet("Data")
        hidden.write_column(0, 0, ["name", "Ana"])
        hidden.hide()

    table = opened(by_xlsxwriter(tmp_path / "f.xlsx", fill))

    assert (table.facts.sheet, rows(table)) == ("Data", [(2, "Ana")])
    assert table.facts.notes == ("the sheet 'Data' was read (it is hidden), the only one with data",)


def test_a_sheet_of_a_chart_is_passed_over(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        chart = book.add_chart({"type": "line"})
        assert chart is not None
        chart.add_series({"values": "=Data!$A$1:$A$2"})
        book.add_chartsheet("Chart").set_chart(chart)
        book.add_worksheet("Data").write_column(0, 0, ["name", "Ana"])

    assert opened(by_xlsxwriter(tmp_path / "f.xlsx", fill)).facts.sheet == "Data"


def test_numbers_have_the_digits_that_a_spreadsheet_keeps(tmp_path: Path) -> None:
    values = [
        "0.30000000000000004",
        "1E-7",
        "999999999999999",
        "1E15",
        "1.5E+3",
        "-12345678901234567",
        "100000000000.5",
    ]
    cells = "".join(f'<row r="{row}"><c r="A{row}"><v>{value}</v></c></row>' for row, value in enumerate(values, 2))
    head = '<row r="1"><c r="A1" t="str"><v>n</v></c></row>'

    table = opened(by_hand(tmp_path / "f.xlsx", head + cells))

    assert [row[1] for row in rows(table)] == [
        "0.3", "0.0000001", "999999999999999", "1000000000000000", "1500", "-12345678901234600", "100000000000.5",
    ]  # fmt: skip
    assert marks(table) == [(5, 0, "digits_lost"), (7, 0, "digits_lost")]


def test_a_workbook_that_would_fill_the_disk_is_refused_unread(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "f.xlsx", "")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/sharedStrings.xml", "w") as part:
        for _ in range(400):
            part.write(b" " * (1 << 20))

    with pytest.raises(FileError, match=r"would unpack to 0\.4 GB"):
        opened(path)


def test_a_damaged_workbook_is_told_without_a_panic(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = by_xlsxwriter(tmp_path / "f.xlsx", lambda book: book.add_worksheet().write_column(0, 0, ["a", "b"]))
    old = by_libreoffice(path, "xls")
    old.write_bytes(old.read_bytes()[:0x1A0] + b"\xff" * 200 + old.read_bytes()[0x268:])

    with pytest.raises(FileError, match="cannot be read"):
        opened(old)

    assert capfd.readouterr().err == ""


def test_a_block_that_reaches_far_down_from_the_header_loses_no_row(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"], sheet["B1"], sheet["C1"] = "Side", "Name", "Phone"
        for row in range(2, 9):
            sheet[f"B{row}"], sheet[f"C{row}"] = f"Ana {row}", f"+155501{row:05}"
        sheet.merge_cells("A1:A8")

    table = opened(by_openpyxl(tmp_path / "f.xlsx", fill))

    assert (table.header_row, [row[0] for row in rows(table)]) == (1, [2, 3, 4, 5, 6, 7, 8])
    assert {code for _, _, code in marks(table)} == {"merged_cells"}


def test_a_row_of_values_is_no_second_row_of_the_header(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["Name", "Phone"])
        sheet.append(["Ana", "+15550100"])
        sheet.merge_cells("A1:A2")

    path = by_openpyxl(tmp_path / "f.xlsx", fill)

    assert rows(opened(path, header_row=1)) == rows(opened(path)) == [(2, None, "+15550100")]
