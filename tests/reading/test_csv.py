"""CSV files, read as a spreadsheet program shows them."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.errors import FileError
from importer.model.problem import message_of
from importer.model.table import Table
from importer.reading import prefetched_source, read_table
from importer.settings import Settings


def opened(path: Path, content: bytes | str, **chosen: Any) -> Table:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, Settings("iclosed", **chosen))


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
    with pytest.raises(FileError, match=r"row 3, column 1 .*the byte 0xE9 .*--encoding cp1252"):
        opened(path, b"a,b\n1,2\nren\xe9,3\n", encoding="utf-8")


def test_too_many_cells_are_a_problem_of_their_row_only(path: Path) -> None:
    table = opened(path, "a,b\n1,2\n3,4,5\n6,7,\n8\n")
    (batch,) = table.batches()

    assert batch.frame.rows() == [(2, "1", "2"), (3, "3", "4"), (4, "6", "7"), (5, "8", None)]
    assert [(mark.row, mark.code, mark.value, message_of(mark.code, mark.params)) for mark in batch.findings] == [
        (3, "too_many_cells", "5", "too many cells: 3, the header has 2"),
        (5, "too_few_cells", "", "too few cells: 1, the header has 2"),
    ]


def test_short_rows_are_noticed_beside_rows_of_nothing_but_delimiters(path: Path) -> None:
    (batch,) = opened(path, 'a,b,c\n","\n,,\n', delimiter=",").batches()

    assert [(mark.row, mark.code) for mark in batch.findings] == [(2, "too_few_cells")]


@pytest.mark.parametrize("short", ["8", '"8\n9"', '"8,9"'])
def test_too_few_cells_are_noticed_in_a_file_that_is_regular_otherwise(path: Path, short: str) -> None:
    (batch,) = opened(path, f'a,b\n1,"2"\n{short}\n\n3,4\n', delimiter=",").batches()

    assert [(mark.row, mark.code) for mark in batch.findings] == [(3, "too_few_cells")]


def test_blank_lines_and_cells_are_not_too_few(path: Path) -> None:
    (batch,) = opened(path, 'a,b\n1,\n\n,2\n\r\n"x,y",\n').batches()

    assert batch.findings == ()


def test_a_header_can_be_named_by_its_row(path: Path) -> None:
    table = opened(path, "Report,of today\n\nname,mail\nAna,a@example.com\n", header_row=3)

    assert (table.columns, rows(table)) == (("name", "mail"), [(4, "Ana", "a@example.com")])


def test_leading_blank_lines_keep_the_numbers_true(path: Path) -> None:
    assert rows(opened(path, "\n\na,b\n1,2\n")) == [(4, "1", "2")]


def test_a_second_reading_is_the_same(path: Path) -> None:
    table = opened(path, "a\n1\n2\n")

    assert rows(table) == rows(table) == [(2, "1"), (3, "2")]


TEXT = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
# White space as Unicode has it; Python counts four control characters more.
SPACE = "".join(
    character for character in map(chr, range(0x3001)) if character.isspace() and not "\x1c" <= character <= "\x1f"
)


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
        if any(cell.strip(SPACE) for cell in row)
    ]
    assert [tuple(cell or None for cell in row) for row in found] == expected


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[TEXT] * width), min_size=1, max_size=8)))
def test_the_careful_way_reads_what_the_fast_way_reads(tmp_path: Path, table: list[tuple[str, ...]]) -> None:
    width, paths = len(table[0]), (tmp_path / "regular.csv", tmp_path / "irregular.csv")
    for path, last in zip(paths, ([], [["x"] * (width + 1)]), strict=True):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[f"h{index}" for index in range(width)], *table, *last])

    regular, irregular = (rows(read_table(path, Settings("iclosed", delimiter=","))) for path in paths)

    assert [tuple(cell or None for cell in row) for row in regular] == [
        tuple(cell or None for cell in row) for row in irregular[:-1]
    ]
    assert irregular[-1] == (len(table) + 2, *["x"] * width)


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_first_line_that_names_the_delimiter_is_obeyed_and_counted(path: Path, line: str) -> None:
    table = opened(path, f"{line}\r\na,x;b\r\n1,5;2\r\n")

    assert (table.columns, table.header_row, table.facts.delimiter) == (("a,x", "b"), 2, ";")
    assert rows(table) == [(3, "1,5", "2")]


def test_a_letter_is_no_delimiter_whatever_the_first_line_says(path: Path) -> None:
    table = opened(path, "sep=e\r\nname;phone\r\nElena;+15550100\r\n", header_row=2)

    assert (table.columns, rows(table)) == (("name", "phone"), [(3, "Elena", "+15550100")])


@pytest.mark.parametrize(
    "content",
    ["a,b\r1,2\r3,4\r", "a,b\r1,2\n3,4\r\n", "a,b\n1,2\r3,4"],
)
def test_every_kind_of_line_end_ends_a_row_also_mixed(path: Path, content: str) -> None:
    assert rows(opened(path, content)) == [(2, "1", "2"), (3, "3", "4")]


def test_a_lone_return_within_quotes_is_text(path: Path) -> None:
    assert rows(opened(path, 'a,b\n"1\r1",2\n3,4\n')) == [(2, "1\r1", "2"), (3, "3", "4")]


@pytest.mark.parametrize("name", ["f.csv.gz", "f.tsv.gz", "F.CSV.GZ"])
def test_a_packed_file_is_unpacked(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress("naïve,b\n1,é\n".encode("cp1252")))

    table = read_table(tmp_path / name, Settings("iclosed"))

    assert (table.columns, rows(table)) == (("naïve", "b"), [(2, "1", "é")])


@pytest.mark.parametrize(
    ("name", "content", "chosen"),
    [
        ("f.csv", "a;b\n1;é\n".encode("cp1252"), {"encoding": "cp1252", "delimiter": "semicolon"}),
        ("f.csv.gz", gzip.compress("naïve,b\n1,é\n".encode()), {}),
        ("f.csv", b"title\n\na,b\n1,2\n", {"header_row": 3}),
    ],
    ids=["encoded", "packed", "titled"],
)
def test_what_is_read_ahead_is_what_would_be_read(
    tmp_path: Path, name: str, content: bytes, chosen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importer.reading.csv_source.SMALLEST_PREFETCH_BYTES", 0)
    path, told = tmp_path / name, Settings("iclosed", **chosen)
    path.write_bytes(content)

    plain = read_table(path, told)
    with prefetched_source(path, told):
        ahead, again = read_table(path, told), read_table(path, told)

    assert (plain.facts, plain.columns, rows(plain)) == (ahead.facts, ahead.columns, rows(ahead))
    assert rows(again) == rows(ahead)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("f.csv", None, "there is no such file"),
        ("f.csv", b"", "is empty"),
        ("f.csv", b"PK\x03\x04\0\0\0\0", "is a workbook although"),
        ("f.csv", b"a,b\n\x81\xfe\xff,2\n", "is not utf-8"),
        ("f.csv.gz", gzip.compress(b"a,b\n" + b"1,2\n" * 5000)[:-20], "cannot be unpacked"),
    ],
    ids=["missing", "empty", "workbook", "not text", "cut off"],
)
def test_what_is_wrong_with_a_file_read_ahead_is_told_where_it_is_asked_for(
    tmp_path: Path, name: str, content: bytes | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importer.reading.csv_source.SMALLEST_PREFETCH_BYTES", 0)
    path, told = tmp_path / name, Settings("iclosed", encoding="utf-8")
    if content is not None:
        path.write_bytes(content)

    with prefetched_source(path, told):
        pass  # nobody asks
    with prefetched_source(path, told), pytest.raises(FileError, match=words):
        read_table(path, told)


def test_a_packed_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.csv.gz").write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 5000)[:-20])

    with pytest.raises(FileError, match="cannot be unpacked as gzip"):
        read_table(tmp_path / "f.csv.gz", Settings("iclosed"))


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ('a,b\n1,"x\n2,y\n3,z\n', 2),
        ('a,b\n1,2\n"3,4\n5,6', 3),
        ('a,b\n"x\ny",2\n3,"4', 3),
        ('a,b\r1,2\r3,"4\r5,6\r', 3),
    ],
)
def test_a_quote_that_is_never_closed_is_named_by_the_row_it_opens_in(path: Path, content: str, row: int) -> None:
    table = opened(path, content)

    with pytest.raises(FileError, match=rf"row {row}: a quotation mark .* is never closed"):
        rows(table)


@pytest.mark.parametrize(
    "content", ['a,b\n1,5" pipe\n2,x', 'a,b\n1,"x ""y"" z"\n2,"x"', 'a,b\n1,2\n3,""\n', 'a\n"x" y\n']
)
def test_quotes_that_are_closed_or_stand_in_a_text_are_no_problem(path: Path, content: str) -> None:
    assert len(rows(opened(path, content))) == content.count("\n") - content.endswith("\n")


def test_one_column_that_looks_like_more_is_mentioned(path: Path) -> None:
    table = opened(path, "a^b;c\n1^2\n", delimiter="^")
    single = opened(path, "a;b\n1;2\n", delimiter=",")

    assert table.facts.notes == ()
    assert "--delimiter ';'" in single.facts.notes[0]


def test_standard_input_is_read_like_a_file(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "importer", "check", "-", "--vendor", "iclosed", "--json"]
    ran = subprocess.run(
        words, input=b"email\na@example.com\nbroken@\n", capture_output=True, cwd=tmp_path, check=False
    )

    assert ran.returncode == 3
    assert json.loads(ran.stdout)["counts"]["valid"] == 1
    assert {path.name.partition("-")[0] for path in tmp_path.iterdir()} == {"stdin", "state"}
