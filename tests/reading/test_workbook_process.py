"""A workbook is read by another process: what kills, fills or stops that one is a message, and the program goes on."""

from __future__ import annotations

import gc
import os
import struct
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from importer.errors import FileError
from importer.reading import prefetched_source, read_table
from importer.reading import workbook_process as processes
from importer.settings import Settings

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
ODS = "urn:oasis:names:tc:opendocument:xmlns"


def refused(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        for _ in read_table(path, Settings("iclosed")).batches():
            pass
    return str(caught.value)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made = xlsxwriter.Workbook(str(tmp_path / "f.xlsx"))
    sheet = made.add_worksheet("People")
    for row, cells in enumerate((("Name", "Email"), ("Ana", "ana@example.com"), ("Bo", "bo@example.com"))):
        sheet.write_row(row, 0, cells)
    made.close()
    return tmp_path / "f.xlsx"


def raw_xlsx(path: Path, sheet: str) -> Path:
    relations = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/{{}}" Target="{{}}"/></Relationships>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", relations.format("officeDocument", "xl/workbook.xml"))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", relations.format("worksheet", "worksheets/sheet1.xml"))
        archive.writestr("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>')
    return path


def raw_ods(path: Path, rows: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{ODS}:office:1.0" xmlns:table="{ODS}:table:1.0" '
            f'xmlns:text="{ODS}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def test_the_process_ends_with_the_reading(book: Path) -> None:
    workbook = processes.WorkbookProcess(book)
    process = workbook._process
    assert workbook.names == ["People"]
    assert workbook.read_sheet("People").cells.frame.rows()[1] == ("Ana", "ana@example.com")
    assert process.poll() is not None
    assert not Path(workbook._folder.name).exists()


def test_a_workbook_that_nobody_reads_leaves_no_process(book: Path) -> None:
    workbook = processes.WorkbookProcess(book)
    process = workbook._process
    del workbook
    gc.collect()
    assert process.poll() is not None


def test_what_was_read_ahead_and_is_not_wanted_ends(book: Path) -> None:
    with prefetched_source(book, Settings("iclosed")) as source:
        pass
    assert source._prefetch._future is None  # type: ignore[attr-defined]


def test_a_process_that_dies_is_a_message(book: Path) -> None:
    workbook = processes.WorkbookProcess(book)
    workbook._process.kill()
    with pytest.raises(FileError, match="save it again"):
        workbook.read_sheet("People")


def test_a_process_that_does_not_answer_in_time_is_a_message(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook = processes.WorkbookProcess(book)
    os.kill(workbook._process.pid, 19)  # SIGSTOP
    workbook._seconds = 1
    begun = time.monotonic()
    with pytest.raises(FileError, match="more time or memory"):
        workbook.read_sheet("People")
    assert time.monotonic() - begun < 30


def test_a_spare_process_is_used_and_replaced(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_keeps_spare", False)
    processes.keep_spare_server()
    try:
        spare = processes._spares[0]
        workbook = processes.WorkbookProcess(book)
        assert workbook._process is spare
        assert processes._spares[0] is not spare
        workbook.close()
    finally:
        processes._end(processes._spares.pop())


def test_a_spare_process_that_died_is_not_used(book: Path) -> None:
    dead = processes._start_server()
    processes._end(dead)
    processes._spares.append(dead)
    assert read_table(book, Settings("iclosed")).columns == ("Name", "Email")


def test_crafted_xml_that_takes_for_ever_is_a_message(tmp_path: Path) -> None:
    head = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
    path = raw_xlsx(tmp_path / "f.xlsx", head + '<c t="e"' * 300_000 + "</sheetData>")
    assert "f.xlsx" in refused(path)


@pytest.mark.parametrize("columns", [1024, 16_384])
def test_one_cell_in_the_last_corner_of_an_ods_sheet_is_a_message(tmp_path: Path, columns: int) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    gap = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    rows = (
        f"<table:table-row>{cell.format('Name')}</table:table-row><table:table-row>{cell.format('Ana')}</table:table-row>{gap}"
        f'<table:table-row><table:table-cell table:number-columns-repeated="{columns - 1}"/>{cell.format("x")}</table:table-row>'
    )
    assert "too far apart" in refused(raw_ods(tmp_path / "f.ods", rows))


def record(kind: int, data: bytes) -> bytes:
    number = bytes([kind]) if kind < 128 else bytes([(kind & 0x7F) | 0x80, kind >> 7])
    return number + bytes([len(data)]) + data


def text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def test_one_cell_in_the_last_corner_of_a_binary_sheet_is_a_message(tmp_path: Path) -> None:
    relations = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/{{}}" Target="{{}}"/></Relationships>'
    )
    sheet = record(129, b"") + record(148, struct.pack("<IIII", 0, 1048575, 0, 16383)) + record(145, b"")
    for row, column, value in ((0, 0, "Name"), (1, 0, "Ana"), (1048575, 16383, "x")):
        sheet += record(0, struct.pack("<II", row, 0) + bytes(17))
        sheet += record(6, struct.pack("<II", column, 0) + text(value))
    with zipfile.ZipFile(tmp_path / "f.xlsb", "w") as archive:
        archive.writestr("_rels/.rels", relations.format("officeDocument", "xl/workbook.bin"))
        archive.writestr("xl/_rels/workbook.bin.rels", relations.format("worksheet", "worksheets/sheet1.bin"))
        sheets = record(143, b"") + record(156, struct.pack("<II", 0, 1) + text("rId1") + text("S")) + record(144, b"")
        archive.writestr("xl/workbook.bin", record(131, b"") + sheets + record(132, b""))
        archive.writestr("xl/worksheets/sheet1.bin", sheet + record(146, b"") + record(130, b""))
    assert "too far apart" in refused(tmp_path / "f.xlsb")


@pytest.mark.parametrize("name", ["f.csv", "f.xlsx", "f.vcf", "f.zip"])
def test_a_pipe_or_a_device_is_refused_before_it_is_opened(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    assert "is a device or a pipe" in refused(tmp_path / name)
    (tmp_path / f"zero-{name}").symlink_to("/dev/zero")
    with prefetched_source(tmp_path / f"zero-{name}", Settings("iclosed")) as source:
        assert source.beginning() == b""
    assert "is a device or a pipe" in refused(tmp_path / f"zero-{name}")


def test_dates_in_a_column_of_postal_codes_are_held(tmp_path: Path) -> None:
    made = xlsxwriter.Workbook(str(tmp_path / "f.xlsx"))
    sheet, date = made.add_worksheet(), made.add_format({"num_format": "m/d/yyyy"})
    sheet.write_row(0, 0, ("Name", "Zip", "Phone verified on"))
    sheet.write_string(1, 0, "Ana")
    sheet.write_number(1, 1, 46_085, date)
    sheet.write_number(1, 2, 46_085, date)
    made.close()
    table = read_table(tmp_path / "f.xlsx", Settings("iclosed"))
    found = [(each.row, each.column, each.code) for batch in table.batches() for each in batch.findings]
    assert found == [(2, 1, "number_as_date")]


@pytest.mark.parametrize(
    ("kind", "value", "shown", "expected"),
    [
        ("float", 'office:value="21345678"', "02134-5678", "02134-5678"),
        ("float", 'office:value="2025550123"', "(202) 555-0123", "(202) 555-0123"),
        ("float", 'office:value="1234567"', "1,234,567", "1234567"),
        ("percentage", 'office:value="0.5"', "50%", "50%"),
        ("date", 'office:date-value="1990-02-28"', "28/02/90", "1990-02-28"),
    ],
)
def test_a_number_of_an_ods_sheet_is_read_as_it_is_shown(
    tmp_path: Path, kind: str, value: str, shown: str, expected: str
) -> None:
    header = '<table:table-row><table:table-cell office:value-type="string"><text:p>Value</text:p></table:table-cell></table:table-row>'
    cell = f'<table:table-row><table:table-cell office:value-type="{kind}" {value}><text:p>{shown}</text:p></table:table-cell></table:table-row>'
    table = read_table(raw_ods(tmp_path / "f.ods", header + cell), Settings("iclosed"))
    assert [row for batch in table.batches() for row in batch.frame.rows()] == [(2, expected)]


@pytest.mark.parametrize("shown", ["3-5", "5 Mar", "Mar 26", "5. Mar."])
def test_a_date_of_an_ods_sheet_without_day_or_year_is_held(tmp_path: Path, shown: str) -> None:
    header = '<table:table-row><table:table-cell office:value-type="string"><text:p>Size</text:p></table:table-cell></table:table-row>'
    cell = f'<table:table-row><table:table-cell office:value-type="date" office:date-value="2026-03-05"><text:p>{shown}</text:p></table:table-cell></table:table-row>'
    table = read_table(raw_ods(tmp_path / "f.ods", header + cell), Settings("iclosed"))
    assert [each.code for batch in table.batches() for each in batch.findings] == ["number_as_date"]
