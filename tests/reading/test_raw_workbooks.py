"""Workbooks as report servers and damaged programs write them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from importer.errors import FileError
from importer.model.table import Table
from importer.reading import read_table
from importer.settings import Settings

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="00000"/></numFmts>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)
HEADER = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Email</t></is></c><c r="B1" t="inlineStr"><is><t>Zip</t></is></c></row>'
)
ROWS = '<row r="2"><c r="A2" t="inlineStr"><is><t>ana@example.com</t></is></c><c r="B2" s="1"><v>2134</v></c></row>'


def relation(kind: str, target: str) -> str:
    return f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>'


def opened(folder: Path, sheet: str, workbook: str = "", tables: str = "") -> Table:
    with zipfile.ZipFile(folder / "f.xlsx", "w") as archive:
        archive.writestr("_rels/.rels", relation("officeDocument", "xl/workbook.xml"))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook}<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", relation("worksheet", "/xl/worksheets/sheet1.xml"))
        archive.writestr("xl/styles.xml", STYLES)
        archive.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>')
        if tables:
            archive.writestr("xl/worksheets/_rels/sheet1.xml.rels", relation("table", "../tables/table1.xml"))
            archive.writestr("xl/tables/table1.xml", f'<table xmlns="{MAIN}" {tables}/>')
    return read_table(folder / "f.xlsx", Settings("iclosed"))


def rows(table: Table) -> list[tuple[object, ...]]:
    return [row for batch in table.batches() for row in batch.frame.rows()]


def findings(table: Table) -> list[tuple[object, ...]]:
    return [(found.row, found.column, found.code) for batch in table.batches() for found in batch.findings]


def test_cells_without_addresses_are_looked_at_as_all_others_are(tmp_path: Path) -> None:
    text = '<c t="inlineStr"><is><t>{}</t></is></c>'.format
    table = opened(
        tmp_path,
        f"<sheetData><row>{text('Zip')}{text('Sum')}{text('Flag')}</row>"
        '<row hidden="1"><c s="1"><v>501</v></c><c><f>1+1</f></c><c t="b"><v>1</v></c></row>'
        '<row/><row><c s="1"><v>502</v></c><c r="C4" t="e"><v>#REF!</v></c></row></sheetData>',
    )

    assert rows(table) == [(2, "00501", None, "TRUE"), (4, "00502", None, "#REF!")]
    assert findings(table) == [(2, 1, "formula_without_value"), (4, 2, "cell_error")]
    assert table.facts.notes == ("1 row (2) is hidden in the sheet; what is hidden is read too",)


@pytest.mark.parametrize("address", ["XFD1048576", "XFD3", "ZZZZ3", "A99999999999"])
@pytest.mark.parametrize("dimension", ["", '<dimension ref="A1:B2"/>'])
def test_a_cell_far_from_the_table_is_not_read_and_named(tmp_path: Path, address: str, dimension: str) -> None:
    stray = f'<row r="{address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{address}"><v>1</v></c></row>'
    table = opened(tmp_path, f"{dimension}<sheetData>{HEADER}{ROWS}{stray}</sheetData>")

    assert (table.columns, rows(table)) == (("Email", "Zip"), [(2, "ana@example.com", "02134")])
    assert table.facts.notes == (f"1 cell far from the table was not read ({address})",)


def test_a_row_far_below_is_a_row(tmp_path: Path) -> None:
    last = '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>zoe@example.com</t></is></c></row>'

    assert rows(opened(tmp_path, f"<sheetData>{HEADER}{ROWS}{last}</sheetData>"))[1:] == [
        (1048576, "zoe@example.com", None)
    ]


def test_cells_that_lie_too_far_apart_are_refused(tmp_path: Path) -> None:
    def cell(index: int) -> str:
        letters = chr(65 + index // 676 % 26) + chr(65 + index // 26 % 26) + chr(65 + index % 26)
        return f'<row r="{index + 1}"><c r="{letters}{index + 1}"><v>1</v></c></row>'

    with pytest.raises(FileError, match="its cells lie too far apart"):
        opened(tmp_path, f"<sheetData>{''.join(cell(index) for index in range(15_000))}</sheetData>")


def test_columns_that_are_hidden_twenty_thousand_times_take_no_memory(tmp_path: Path) -> None:
    columns = '<col min="1" max="16384" hidden="1"/>' * 20_000
    table = opened(tmp_path, f"<cols>{columns}</cols><sheetData>{HEADER}{ROWS}</sheetData>")

    assert table.facts.notes[0].startswith("2 columns (A ('Email'), B ('Zip')) are hidden")


def test_blocks_that_overlap_take_no_time(tmp_path: Path) -> None:
    merged = "".join(f'<mergeCell ref="A2:XFD{1048576 - index}"/>' for index in range(20_000))

    assert rows(opened(tmp_path, f"<sheetData>{HEADER}{ROWS}</sheetData><mergeCells>{merged}</mergeCells>"))


def test_two_columns_merged_downwards_are_marked_in_the_rows_below(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "f.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Company", "Town", "Email"])
    sheet.merge_range(1, 0, 2, 0, "Acme")
    sheet.merge_range(1, 1, 2, 1, "Paris")
    sheet.write_column(1, 2, ["a@example.com", "b@example.com"])
    book.close()

    table = read_table(tmp_path / "f.xlsx", Settings("iclosed"))

    assert findings(table) == [(3, 0, "merged_cells"), (3, 1, "merged_cells")]


def test_a_workbook_that_counts_from_1904_says_so(tmp_path: Path) -> None:
    sheet = f"<sheetData>{HEADER}{ROWS}</sheetData>"

    assert opened(tmp_path, sheet, '<workbookPr date1904="1"/>').facts.since_1904
    assert not opened(tmp_path, sheet).facts.since_1904


def test_the_totals_row_of_a_table_is_known(tmp_path: Path) -> None:
    table = opened(tmp_path, f"<sheetData>{HEADER}{ROWS}</sheetData>", tables='ref="A1:B2" totalsRowCount="1"')

    assert table.facts.totals_rows == (2,)


def test_an_empty_text_of_a_formula_is_blank(tmp_path: Path) -> None:
    row = '<row r="3"><c r="A3" t="str"><f>B1</f><v></v></c><c r="B3"><f>A1</f></c></row>'
    table = opened(tmp_path, f"<sheetData>{HEADER}{ROWS}{row}</sheetData>")

    assert findings(table) == [(3, 1, "formula_without_value")]


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        (r"00000\-0000", 21340001, "02134-0001"),
        (r"[<=9999999]###\-####;\(###\)\ ###\-####", 2025550101, "(202) 555-0101"),
        (r"[<=9999999]###\-####;\(###\)\ ###\-####", 5550101, "555-0101"),
        ("[h]:mm", 26.5 / 24, "26:30"),
        ("[h]:mm:ss", 26.5 / 24, "26:30:00"),
        ("mm:ss", 26.5 / 1440, "26:30"),
        ("# ?/?", 0.5, "1/2"),
        ("# ?/?", 2.25, "2 1/4"),
        ("0/0", 12, "12"),
        ("0.00", 3.5, "3.5"),
    ],
)
def test_a_number_is_the_text_that_its_format_shows(tmp_path: Path, code: str, value: float, shown: str) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "f.xlsx"))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "h")
    sheet.write_number(1, 0, value, book.add_format({"num_format": code}))
    book.close()

    assert rows(read_table(tmp_path / "f.xlsx", Settings("iclosed"))) == [(2, shown)]


def test_a_date_that_a_code_became_is_marked(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "f.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Zip", "Born"])
    sheet.write_number(1, 0, 46086, book.add_format({"num_format": 16}))
    sheet.write_number(1, 1, 46086, book.add_format({"num_format": "dd/mm/yyyy"}))
    book.close()

    table = read_table(tmp_path / "f.xlsx", Settings("gomobile"))

    assert findings(table) == [(2, 0, "number_as_date")]
    assert rows(table) == [(2, "2026-03-05", "2026-03-05")]
