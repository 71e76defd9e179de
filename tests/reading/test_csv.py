"""CSV files, read as a spreadsheet program shows them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.errors import FileError
from importer.reading import read_table
from importer.records import Table
from importer.settings import Settings


def opened(path: Path, content: bytes | str, **chosen: object) -> Table:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, Settings("iclosed", **chosen))  # type: ignore[arg-type]


def rows(table: Table) -> list[tuple[object, ...]]:
    return [row for batch in table.batches() for row in batch.frame.rows()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "f.csv"


def test_blank_lines_count_and_quoted_line_breaks_do_not(path: Path) -> None:
    table = opened(path, 'a,b\n1,"x\ny"\n\n\n2,z\n , \n3,w')

    assert rows(table) == [(2, "1", "x\ny"), (5, "2", "z"), (7, "3", "w")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_consistency(path: Path, delimiter: str) -> None:
    other = "," if delimiter != "," else ";"
    table = opened(path, f'name{delimiter}note\n"a{delimiter}b"{delimiter}x{other}y\nc{delimiter}d\n')

    assert table.facts.delimiter == delimiter
    assert rows(table) == [(2, f"a{delimiter}b", f"x{other}y"), (3, "c", "d")]


def test_the_delimiter_can_be_given(path: Path) -> None:
    assert opened(path, "a:b\n1:2\n", delimiter=":").columns == ("a", "b")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marked_encodings_are_known(path: Path, encoding: str) -> None:
    table = opened(path, "prénom,b\nZoë 😀,łódź\n".encode(encoding))

    assert (table.columns, rows(table)) == (("prénom", "b"), [(2, "Zoë 😀", "łódź")])


def test_an_encoding_can_be_given(path: Path) -> None:
    assert rows(opened(path, "a,b\nŒuvre,€\n".encode("cp1252"), encoding="cp1252")) == [(2, "Œuvre", "€")]


def test_bytes_that_are_not_utf_8_are_named(path: Path) -> None:
    with pytest.raises(FileError, match=r"line 3 holds the byte 0xE9 .*--encoding cp1252"):
        opened(path, b"a,b\n1,2\nren\xe9,3\n")


def test_too_many_cells_are_a_problem_of_their_row_only(path: Path) -> None:
    table = opened(path, "a,b\n1,2\n3,4,5\n6,7,\n8\n")
    (batch,) = table.batches()

    assert batch.frame.rows() == [(2, "1", "2"), (3, "3", "4"), (4, "6", "7"), (5, "8", None)]
    assert [(mark.row, mark.code, mark.value, mark.detail) for mark in batch.marks] == [
        (3, "too_many_cells", "5", "too many cells: 3, the header has 2")
    ]


def test_a_header_can_be_named_by_its_row(path: Path) -> None:
    table = opened(path, "Report,of today\n\nname,mail\nAna,a@example.com\n", header_row=3)

    assert (table.columns, rows(table)) == (("name", "mail"), [(4, "Ana", "a@example.com")])


def test_leading_blank_lines_keep_the_numbers_true(path: Path) -> None:
    assert rows(opened(path, "\n\na,b\n1,2\n")) == [(4, "1", "2")]


def test_a_second_reading_is_the_same(path: Path) -> None:
    table = opened(path, "a\n1\n2\n")

    assert rows(table) == rows(table) == [(2, "1"), (3, "2")]


TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(2, 5).flatmap(lambda width: st.lists(st.tuples(*[TEXT] * width), min_size=1, max_size=8)))
def test_any_text_survives(tmp_path: Path, table: list[tuple[str, ...]]) -> None:
    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([f"h{index}" for index in range(len(table[0]))])
        writer.writerows(table)

    found = rows(read_table(path, Settings("iclosed", delimiter=",")))

    expected = [
        (number, *(cell or None for cell in row))
        for number, row in enumerate(table, start=2)
        if any(cell.strip() for cell in row)
    ]
    assert [tuple(cell or None for cell in row) for row in found] == expected
