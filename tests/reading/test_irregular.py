"""A row that is out of shape costs nobody but itself, and no row disappears."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.model.table import Batch
from importer.reading import read_table
from importer.settings import Settings


def batches(path: Path, content: str) -> list[Batch]:
    path.write_bytes(content.encode())
    return list(read_table(path, Settings("iclosed", delimiter=",")).batches())


def rows(found: list[Batch]) -> list[tuple[object, ...]]:
    return [(row[0], *(cell or None for cell in row[1:])) for batch in found for row in batch.frame.rows()]


def marks(found: list[Batch]) -> list[tuple[int, str]]:
    return [(mark.row, mark.code) for batch in found for mark in batch.findings]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "f.csv"


def test_short_rows_have_blank_cells_at_the_end(path: Path) -> None:
    assert rows(batches(path, "a,b,c\n1\n2,x\n3,y,z\n")) == [
        (2, "1", None, None),
        (3, "2", "x", None),
        (4, "3", "y", "z"),
    ]


@pytest.mark.parametrize("full", [0, 3, 250_000])
@pytest.mark.parametrize("irregular", ["1\n", "\n", "1,\n", "1,2,3\n", "1\n1,2,3\n"])
def test_a_row_out_of_shape_is_told_however_many_rows_in_shape_come_before(
    path: Path, full: int, irregular: str
) -> None:
    content = "a,b\n" + "x,y\n" * full + irregular + "x,y\n" * 3
    found = batches(path, content)
    numbered = list(enumerate(csv.reader(io.StringIO(content)), start=1))[1:]

    assert rows(found) == [(number, row[0], (row[1:] or [""])[0] or None) for number, row in numbered if row]
    assert marks(found) == [
        (number, "too_many_cells" if len(row) > 2 else "too_few_cells")
        for number, row in numbered
        if len(row) in (1, 3)
    ]


def test_blank_cells_beyond_the_header_are_not_too_many(path: Path) -> None:
    found = batches(path, "a,b\n1,2,,\n3,4, \n")

    assert (rows(found), marks(found)) == ([(2, "1", "2"), (3, "3", "4")], [])


def test_a_row_whose_only_text_is_beyond_the_header_is_a_row(path: Path) -> None:
    found = batches(path, "a,b\n1,2\n,,lost\n3,4\n")

    assert marks(found) == [(3, "too_many_cells")]
    assert [row[0] for row in rows(found)] == [2, 3, 4]


def test_an_irregular_row_far_down_keeps_every_row_and_number(path: Path) -> None:
    lines = [f"{number},x" for number in range(2, 120_001)]
    found = batches(path, "\n".join(["a,b", *lines, "120001,y,extra", "120002,z", ""]))

    assert [row[1] for row in rows(found)] == [str(row[0]) for row in rows(found)]
    assert (len(rows(found)), marks(found)) == (120_001, [(120_001, "too_many_cells")])


def test_quotes_inside_a_cell_are_text(path: Path) -> None:
    assert rows(batches(path, 'a,b\n5" pipe,x\n6 pipe,"y ""z"""\n7,"w, v"\n')) == [
        (2, '5" pipe', "x"),
        (3, "6 pipe", 'y "z"'),
        (4, "7", "w, v"),
    ]


@pytest.mark.parametrize("content", ["phone\r+1555\r+1556\r", "a,b\r1,x\r2,y\r", "a,b\r\n1,x\r\n2,y\r\n"])
def test_every_line_ending_ends_a_row(path: Path, content: str) -> None:
    assert [row[0] for row in rows(batches(path, content))] == [2, 3]


def test_a_file_with_a_header_only_has_no_rows(path: Path) -> None:
    assert rows(batches(path, "a,b\n")) == rows(batches(path, "a,b")) == []


def test_headers_stay_as_they_are_repeated_blank_or_broken_over_lines(path: Path) -> None:
    path.write_text('"first\nname",x,x,, y \n1,2,3,4,5\n')

    assert read_table(path, Settings("iclosed")).columns == ("first\nname", "x", "x", "", " y ")


CELL = st.text(alphabet='ab ";,\n€😀', max_size=4)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(CELL, min_size=1, max_size=3), min_size=1, max_size=8))
def test_an_irregular_file_gives_the_same_rows_as_a_regular_one(path: Path, table: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([["h0", "h1", "h2"], *table])

    regular = batches(path, text.getvalue())
    irregular = batches(path, text.getvalue() + "w,x,y,z\n")

    assert rows(irregular)[:-1] == rows(regular)
    short = [
        (number, "too_few_cells")
        for number, record in enumerate(table, start=2)
        if len(record) < 3 and any(cell.strip() for cell in record)
    ]
    assert marks(regular) == short
    assert marks(irregular) == [*short, (len(table) + 2, "too_many_cells")]
