"""Quoting that is not RFC 4180 is understood for the whole file and noted; what only looks like it stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.errors import FileError
from importer.model.table import Table
from importer.reading import read_table
from importer.settings import Settings


def opened(path: Path, text: str) -> Table:
    path.write_text(text, encoding="utf-8", newline="")
    return read_table(path, Settings("iclosed"))


def rows(table: Table) -> list[tuple[object, ...]]:
    return [row for batch in table.batches() for row in batch.frame.rows()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "f.csv"


@pytest.mark.parametrize(
    ("text", "expected", "noted"),
    [
        (
            'n, c\nIda, "Lyon, FR"\nBo, "x ""y"""\n',
            [(2, "Ida", "Lyon, FR"), (3, "Bo", 'x "y"')],
            "blanks before quotes",
        ),
        ('"n" ; "c"\n"Ida" ; "a;b"\n', [(2, "Ida", "a;b")], "blanks before quotes"),
        ("'n','c'\n'Ida','D''Arc'\n'Bo','x, y'\n", [(2, "Ida", "D'Arc"), (3, "Bo", "x, y")], "single quotes"),
        ("n|c\n'Ida'|'x'\n'Bo'|'y'\n", [(2, "Ida", "x"), (3, "Bo", "y")], "single quotes"),
        ('n,c\n"Ida","O\\"Hara"\n"Bo",\\N\n', [(2, "Ida", 'O"Hara'), (3, "Bo", "\\N")], "backslashes"),
        ("n,c\nIda,Berg\\, Jr\nBo,x\n", [(2, "Ida", "Berg, Jr"), (3, "Bo", "x")], "backslashes"),
        ("n\tc\nIda\tfirst\\\nsecond\nBo\tx\n", [(2, "Ida", "first\nsecond"), (3, "Bo", "x")], "backslashes"),
        ('n,c\n"Ida","C:\\\\x\\"y"\n', [(2, "Ida", 'C:\\x"y')], "backslashes"),
        ('n,c\nIda,="01234"\n"=""Bo""","=""1"""\n', [(2, "Ida", "01234"), (3, "Bo", "1")], '="…"'),
    ],
)
def test_a_dialect_is_understood_and_noted(
    path: Path, text: str, expected: list[tuple[object, ...]], noted: str
) -> None:
    table = opened(path, text)

    assert rows(table) == expected
    assert any(noted in note for note in table.facts.notes)


@pytest.mark.parametrize(
    "cell",
    ['O"Neil', '5" pipes', "'s-Hertogenbosch", "D'Arc", "C:\\path", "\\\\server\\new", "'Bob'", '=A1&"x"', "'02134"],
)
def test_signs_that_are_text_stay(path: Path, cell: str) -> None:
    table = opened(path, f"n,c\nIda,{cell}\n" + "Bo,x\nCy,y\nDi,z\n" * 3)

    assert rows(table)[0] == (2, "Ida", cell)
    assert table.facts.notes == ()


def test_quoted_cells_that_hold_such_signs_stay(path: Path) -> None:
    table = opened(path, 'n,c\n"C:\\","says, ""hi"", twice"\n"x","=""a""&""b"""\n')

    assert rows(table) == [(2, "C:\\", 'says, "hi", twice'), (3, "x", '="a"&"b"')]
    assert table.facts.notes == ()


def test_row_numbers_count_rows_and_not_their_line_breaks(path: Path) -> None:
    assert rows(opened(path, 'n, c\n\nIda, "a\nb"\n\nBo, "x"\n')) == [(3, "Ida", "a\nb"), (5, "Bo", "x")]


def test_a_row_far_down_that_does_not_fit_stops_with_its_place(path: Path) -> None:
    with pytest.raises(FileError, match=r"after row 600001: .* does not fit"):
        opened(path, "n, c\n" + 'Ida, "xy"\n' * 600_000 + 'Bo, "a" b\n')


def test_a_backslash_before_cr_and_lf_keeps_the_line_break_within_the_cell(path: Path) -> None:
    table = opened(path, "n,c,e\r\nDoe\\, Ana\\\r\nhome,x,a\r\nRoe\\, Bo\\\r\nwork,y,b\r\n")
    assert rows(table) == [(2, "Doe, Ana\r\nhome", "x", "a"), (3, "Roe, Bo\r\nwork", "y", "b")]


@pytest.mark.parametrize(
    ("usual", "late", "expected"),
    [
        ('"Ida","Lyon"\n', '"O\\"Hara","x, \\"y\\""\n', ('O"Hara', 'x, "y"')),
        ("Ida,Lyon\n", "Roe\\, Bo,x\n", ("Roe, Bo", "x")),
        ('Ida,"Lyon"\n', 'Bo, "x, y"\n', ("Bo", "x, y")),
    ],
)
def test_a_sign_that_first_appears_late_counts_for_the_whole_file(
    path: Path, usual: str, late: str, expected: tuple[str, ...]
) -> None:
    many = 5_000_000 // len(usual)
    table = opened(path, "n,c\n" + usual * many + late + usual)
    frame = [batch.frame for batch in table.batches()][-1]
    assert frame.rows()[-2][1:] == expected
    assert any("the file has" in note for note in table.facts.notes)
