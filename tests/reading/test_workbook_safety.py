"""A file that is not a table ends in a FileError that names it and says what to do; never in anything else."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from importer.errors import FileError
from importer.reading import read_table
from importer.settings import Settings

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def refused(path: Path, **chosen: Any) -> str:
    with pytest.raises(FileError) as caught:
        for _ in read_table(path, Settings("iclosed", **chosen)).batches():
            pass
    return str(caught.value)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made = openpyxl.Workbook()
    assert made.active is not None
    for number in range(200):
        made.active.append([f"h{number}", number])
    made.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "no.csv") == f"{tmp_path / 'no.csv'}: there is no such file"


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in refused(tmp_path)


@pytest.mark.parametrize("name", ["f.csv", "f.tsv", "f.txt", "f.xlsx", "f.ods"])
def test_an_empty_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()

    assert refused(tmp_path / name) == f"{tmp_path / name}: is empty"


@pytest.mark.parametrize(("name", "said"), [("f.pdf", ".pdf is neither CSV"), ("f.json", ".json is neither"), ("f", "nothing is neither")])  # fmt: skip
def test_another_kind_of_file(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_text("a,b\n")

    assert said in refused(tmp_path / name)


@pytest.mark.parametrize("content", ["\n\n\n", " , \n,\n", "\ufeff\n"])
def test_a_csv_file_without_a_header(tmp_path: Path, content: str) -> None:
    (tmp_path / "f.csv").write_text(content, encoding="utf-8")

    assert "has no header" in refused(tmp_path / "f.csv")


@pytest.mark.parametrize("row", [0, 9])
def test_a_header_row_that_is_not_there(tmp_path: Path, book: Path, row: int) -> None:
    (tmp_path / "f.csv").write_text("a,b\n1,2\n")

    assert f"has no row {row} " in refused(tmp_path / "f.csv", header_row=row)
    assert "has no row 999 " in refused(book, header_row=999)


@pytest.mark.parametrize("row", [2, 3])
def test_a_blank_header_row(tmp_path: Path, row: int) -> None:
    (tmp_path / "f.csv").write_text("a,b\n\n , \n1,2\n")

    assert "has no header" in refused(tmp_path / "f.csv", header_row=row)


@pytest.mark.parametrize("delimiter", ["", "::", '"', "\n"])
def test_a_delimiter_that_is_not_one_character(tmp_path: Path, delimiter: str) -> None:
    (tmp_path / "f.csv").write_text("a,b\n1,2\n")

    assert "must be one character" in refused(tmp_path / "f.csv", delimiter=delimiter)


@pytest.mark.parametrize("name", ["f.xlsx", "f.xlsm", "f.xlsb", "f.ods", "f.xls"])
def test_text_named_as_a_workbook(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("a,b\n1,2\n")

    assert "workbook" in refused(tmp_path / name)


@pytest.mark.parametrize("name", ["f.xlsx", "f.xlsm", "f.xlsb", "f.ods"])
def test_a_workbook_with_a_password(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(OLE)

    assert "protected by a password" in refused(tmp_path / name)


@pytest.mark.parametrize("name", ["f.csv", "f.txt"])
def test_an_old_workbook_named_as_text(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(OLE)

    assert "is a workbook although its name says" in refused(tmp_path / name)


@pytest.mark.parametrize("name", ["f.xlsx", "f.xlsb", "f.ods"])
def test_an_archive_that_is_no_workbook(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("readme.txt", "hello")

    assert "cannot be read as a workbook" in refused(tmp_path / name)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.99])
def test_a_workbook_that_is_cut_off(book: Path, share: float) -> None:
    content = book.read_bytes()
    book.write_bytes(content[: int(len(content) * share) or 4])

    assert "cannot be read as a workbook" in refused(book)


def test_an_encoding_that_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a,b\n")

    assert "--encoding klingon: there is no such encoding" in refused(tmp_path / "f.csv", encoding="klingon")


@pytest.mark.parametrize("encoding", ["utf-16", "hex", "rot13", "base64", "zlib", "punycode", "undefined"])
def test_an_encoding_that_the_file_is_not_in(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "f.csv").write_text("a,b\n1,2\n")

    assert encoding in refused(tmp_path / "f.csv", encoding=encoding)


@pytest.mark.parametrize("sheet", ["0", "2", "²", "-1", "sheet", ""])
def test_a_sheet_that_is_not_there(book: Path, sheet: str) -> None:
    assert f"has no sheet {sheet!r}; its sheets are 'Sheet'" in refused(book, sheet=sheet)
