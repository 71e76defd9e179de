"""Unusual shapes: titles above the header, very wide, very long cells, one column, nothing but a header."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from importer.model.table import Table, column_letters
from importer.reading import read_table
from importer.reading.header_detection import find_header
from importer.settings import Settings


def opened(path: Path, content: str | bytes, **chosen: Any) -> Table:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, Settings("iclosed", **chosen))


def rows(table: Table) -> list[tuple[object, ...]]:
    return [row for batch in table.batches() for row in batch.frame.rows()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "f.csv"


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("People of the fair\n\nname,email,phone\nAna,ana@example.com,+15550100\n", 3),
        ("Export,2026-03-05\nby,Ana\nname,email,phone,city\nAna,ana@example.com,1,X\nBo,bo@example.com,2,Y\n", 3),
        ("name,email,phone\nAna,,\nBo,,\n", 1),
        ("email\nana@example.com\nbo@example.com,x\ncy@example.com\n", 1),
        ("email\nx,y\nana@example.com\nbo@example.com\n", 1),
        ("email\nana@example.com,x\n", 1),
        ("name,,,\nAna,Lee,Paris,FR\nBo,Li,Rome,IT\n", 1),
        ("name,,,\nAna,Lee,1,FR\nBo,Li,2,IT\n", 1),
        ("Only a title\nand another\n", 1),
    ],
)
def test_the_header_is_below_titles_and_never_a_row_of_data(path: Path, content: str, header: int) -> None:
    assert opened(path, content).header_row == header


def test_a_title_that_was_left_out_is_said_and_the_choice_can_be_overruled(path: Path) -> None:
    content = "People of the fair\n\nname,email,phone\nAna,ana@example.com,+15550100\n"

    assert opened(path, content).facts.notes == (
        "the header was found in row 3; row 1 above it looked like a title and was left out (--header-row N)",
    )
    assert opened(path, content, header_row=1).columns == ("People of the fair",)
    assert opened(path, content, header_row=3).facts.notes == ()


def test_five_thousand_columns(path: Path) -> None:
    names = [f"h{index}" for index in range(5000)]

    table = opened(
        path, "\n".join([",".join(names), *(",".join(f"{row}x{index}" for index in range(5000)) for row in range(20))])
    )

    assert table.columns == tuple(names)
    assert rows(table)[19] == (21, *(f"19x{index}" for index in range(5000)))


@pytest.mark.parametrize("more", ["", "one,too,many\n"])
def test_a_cell_of_a_megabyte(path: Path, more: str) -> None:
    long = "é" * (1 << 20)

    assert rows(opened(path, f'a,b\n1,"{long}"\n2,x\n{more}'))[:2] == [(2, "1", long), (3, "2", "x")]


def test_utf_16_without_a_mark_is_known_by_its_zeros(path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        table = opened(path, "prénom,b\nZoë,łódź\n".encode(encoding))

        assert (table.facts.encoding, rows(table)) == (encoding, [(2, "Zoë", "łódź")])


def test_a_zero_byte_is_kept_for_checking_to_judge(path: Path) -> None:
    assert rows(opened(path, "a,b\nx\0y,2\n")) == [(2, "x\0y", "2")]


def test_a_header_over_two_lines_is_one_row(path: Path) -> None:
    table = opened(path, '"First\nName",b\nAna,2\n')

    assert (table.columns, rows(table)) == (("First\nName", "b"), [(2, "Ana", "2")])


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_columns_have_the_letters_of_spreadsheets(index: int, letters: str) -> None:
    assert column_letters(index) == letters


def test_no_more_titles_are_taken_than_anyone_writes() -> None:
    data = [["Ana", "1", "2", "3"]] * 5

    assert find_header([["title"]] * 15 + [["a", "b", "c", "d"]] + data) == 15
    assert find_header([["title"]] * 16 + [["a", "b", "c", "d"]] + data) == 0
