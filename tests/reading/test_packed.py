"""vCard files, zip files with one table, and names that are no UTF-8."""

from __future__ import annotations

import gzip
import os
import zipfile
from pathlib import Path

import openpyxl
import pytest

from importer.errors import FileError
from importer.model.table import Table
from importer.reading import read_table
from importer.settings import Settings

CSV = "Name,Email\nAna,ana@example.com\n"
CARDS = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Berg;René;;;\r\nEMAIL:rene@example.com\r\nTEL;TYPE=CELL:+1 202 555 0101\r\n"
    "TEL;TYPE=FAX:+1 202 555 0199\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nN:Ax;Ana;;;\r\nEND:VCARD\r\n"
)


def opened(path: Path) -> Table:
    return read_table(path, Settings("iclosed"))


def rows(table: Table) -> list[tuple[object, ...]]:
    return [row for batch in table.batches() for row in batch.frame.rows()]


def packed(path: Path, **parts: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("name", ["f.vcf", "f.VCARD"])
def test_contacts_of_a_vcard_file_are_rows(tmp_path: Path, name: str, encoding: str) -> None:
    (tmp_path / name).write_bytes(CARDS.encode(encoding))

    table = opened(tmp_path / name)

    assert table.columns == ("First Name", "Last Name", "E-mail 1", "Phone 1", "Fax")
    assert rows(table) == [
        (2, "René", "Berg", "rene@example.com", "+1 202 555 0101", "+1 202 555 0199"),
        (3, "Ana", "Ax", None, None, None),
    ]


def test_a_line_says_its_own_encoding(tmp_path: Path) -> None:
    content = b"BEGIN:VCARD\nN;CHARSET=windows-1251:\xc8\xe2\xe0\xed;\xce\xeb\xfc\xe3\xe0\nEND:VCARD\n"
    (tmp_path / "f.vcf").write_bytes(content)

    assert rows(opened(tmp_path / "f.vcf")) == [(2, "Ольга", "Иван")]


def test_a_vcard_file_without_contacts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.vcf").write_text(CSV)

    with pytest.raises(FileError, match="has no contacts"):
        opened(tmp_path / "f.vcf")


@pytest.mark.parametrize("name", ["f.zip", "f.csv.zip", "f.csv"])
@pytest.mark.parametrize("part", ["leads.csv", "folder/Leads.TXT", "export"])
def test_a_zip_file_with_one_table_is_read(tmp_path: Path, name: str, part: str) -> None:
    beside = {"__MACOSX/._leads.csv": "x", ".DS_Store": "x", "readme.txt": "hello"}
    path = packed(tmp_path / name, **{part: CSV}, **beside)

    table = opened(path)

    assert rows(table) == [(2, "Ana", "ana@example.com")]
    assert (table.facts.path, table.facts.notes[0]) == (str(path), f"{part!r} was read from the zip file")


def test_a_workbook_in_a_zip_file_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Name"])
    book.active.append(["Ana"])
    book.save(tmp_path / "book.xlsx")
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.write(tmp_path / "book.xlsx", "book.xlsx")

    assert rows(opened(tmp_path / "f.zip")) == [(2, "Ana")]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"a.csv": CSV, "b.csv": CSV}, r"holds 2 tables \(a.csv, b.csv\)"),
        ({"a.pdf": "x", "b.pdf": "x"}, r"holds no table \(a.pdf, b.pdf\)"),
        ({}, "is an empty zip file"),
        ({"a.csv": "a,b\n" * (70 << 20)}, "would unpack to 0.3 GB"),
        ({"a.csv": "\n\n"}, "f.zip: a.csv: has no header"),
    ],
    ids=["two", "none", "empty", "bomb", "no header"],
)
def test_a_zip_file_without_one_table_is_refused(tmp_path: Path, parts: dict[str, str], said: str) -> None:
    path = packed(tmp_path / "f.zip", **parts)
    if not parts:
        path.write_bytes(b"PK\x03\x04" + path.read_bytes())

    with pytest.raises(FileError, match=said):
        opened(path)


def test_a_gzip_file_that_unpacks_to_far_too_much_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.csv.gz").write_bytes(gzip.compress(b"a,b\n" * (70 << 20)))

    with pytest.raises(FileError, match=r"would unpack to 0\.3 GB"):
        opened(tmp_path / "f.csv.gz")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("suffix", [b".csv", b".zip", b".vcf", b".xlsx"])
def test_a_name_that_is_no_utf8_is_read(tmp_path: Path, suffix: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/k\xe9" + suffix))
    if suffix == b".xlsx":
        book = openpyxl.Workbook()
        assert book.active is not None
        book.active.append(["Name"])
        book.active.append(["Ana"])
        book.save(tmp_path / "book.xlsx")
        (tmp_path / "book.xlsx").rename(path)
    elif suffix == b".zip":
        packed(path, **{"a.csv": CSV})
    else:
        path.write_text(CSV if suffix == b".csv" else CARDS)

    table = opened(path)

    assert rows(table)[0][:2] in {(2, "Ana"), (2, "René")}
    assert table.facts.path == f"{tmp_path}/k�{suffix.decode()}"


def test_a_zip_file_with_a_pdf_alone_holds_no_table(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "f.zip", "w") as archive:
        archive.writestr("contacts.pdf", b"%PDF-1.7 contacts")
    with pytest.raises(FileError, match="a PDF; export the contacts as CSV"):
        read_table(tmp_path / "f.zip", Settings("iclosed"))
