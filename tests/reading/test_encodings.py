"""Text in any encoding arrives as it was written; bytes that are not text are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.errors import FileError
from importer.reading import read_table
from importer.settings import Settings

TEXT = 'prénom,note\r\nŽofie,"a\r\nb"\r\n\r\nZoë,€5\r\n'  # fmt: skip


def rows(path: Path, encoding: str | None = None) -> list[tuple[object, ...]]:
    table = read_table(path, Settings("iclosed", encoding=encoding))
    assert table.columns == ("prénom", "note")
    return [row for batch in table.batches() for row in batch.frame.rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_named_encoding_gives_the_text_and_the_row_numbers(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "f.csv").write_bytes(TEXT.encode(encoding))

    assert rows(tmp_path / "f.csv", encoding) == [(2, "Žofie", "a\r\nb"), (4, "Zoë", "€5")]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        b"\xff\xfe" + TEXT.encode("utf-16-le"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
    ],
)
def test_a_byte_order_mark_tells_the_encoding_and_is_no_text(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.csv").write_bytes(content)

    assert rows(tmp_path / "f.csv") == [(2, "Žofie", "a\r\nb"), (4, "Zoë", "€5")]


def test_a_named_utf_8_has_no_byte_order_mark_in_its_first_header(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())

    assert len(rows(tmp_path / "f.csv", "utf-8")) == 2


def test_a_byte_order_mark_before_a_quoted_header_does_not_break_it(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(b'\xef\xbb\xbf"a, b","c"\n1,2\n')

    assert read_table(tmp_path / "f.csv", Settings("iclosed")).columns == ("a, b", "c")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2\nren\xe9,3\n", "row 3, column 1 ('a'): the byte 0xE9 (at 11) is not utf-8"),
        (b"a,b\n1,caf\xc3", "row 2, column 2 ('b'): the byte 0xC3 (at 9) is not utf-8"),
        (b'a;b\n"1\n2";x;caf\xc3', "row 2, column 3: the byte 0xC3 (at 15) is not utf-8"),
        (b"a,b\n1,2\n\xff,3\n", "row 3, column 1 ('a'): the byte 0xFF (at 8) is not utf-8"),
    ],
)
def test_a_byte_that_is_no_text_is_named_with_its_cell_and_place(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "f.csv").write_bytes(content)

    with pytest.raises(FileError) as caught:
        read_table(tmp_path / "f.csv", Settings("iclosed", encoding="utf-8"))

    assert said in str(caught.value)
    assert "--encoding cp1252" in str(caught.value)


def test_the_place_is_right_where_two_pieces_of_the_file_meet(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(b"a,b\n" + b"x" * ((1 << 22) - 5) + b"\xc3A\n")

    with pytest.raises(FileError, match=rf"row 2, column 1 \('a'\): the byte 0xC3 \(at {(1 << 22) - 1}\)"):
        read_table(tmp_path / "f.csv", Settings("iclosed", encoding="utf-8"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfea\0,\0b\0\n\0x", "is not utf-16"),
        ("name,note\nZoë,ça\nRené,été\n".encode() + b"Jos\xe9,x\n", "row 4, column 1 ('name'): the byte 0xE9"),
    ],
)
def test_damaged_text_is_not_taken_for_another_encoding(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "f.csv").write_bytes(content)

    with pytest.raises(FileError) as caught:
        read_table(tmp_path / "f.csv", Settings("iclosed"))

    assert said in str(caught.value)


WORDS = {
    "French": "Prénom;Nom;Ville\nZoé;Lefèvre;Orléans\nFrançois;D’Août;Nîmes\n",
    "short": "Prénom;Nom\nRené;Noël\n",
    "capitals": "NOM;VILLE\nLEFÈVRE;ORLÉANS\n",
    "Spanish": "Nombre;Ciudad\nJosé;Málaga\nÍñigo;A Coruña\n",
    "German": "Vorname;Ort\nJürgen;Köln\nGroß;Düsseldorf\n",
    "Portuguese": "Nome\nJoão\nConceição\n",
    "mixed": "n\nJosé Muñoz\nHélène Façade\nJürgen Groß\n",
    "with signs": "Nom;Prix\nZoé;5 €\nŒdipe;3 €\n",
    "Polish": "Imię;Miasto\nŁukasz;Łódź\nŻaneta;Gdańsk\n",
    "Czech": "Jméno;Město\nJiří;Plzeň\nŠárka;Děčín\n",
    "Hungarian": "Név\nErdős Pál\nSzűcs Jenő\n",
}


def _writable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        (language, encoding)
        for language, text in WORDS.items()
        for encoding in ("cp1252", "cp1250", "iso8859-15", "mac-roman")
        if _writable(text, encoding)
    ],
)
def test_a_code_page_is_known_by_its_letters_and_said(tmp_path: Path, language: str, encoding: str) -> None:
    (tmp_path / "f.csv").write_bytes(WORDS[language].encode(encoding))

    table = read_table(tmp_path / "f.csv", Settings("iclosed", delimiter=";"))
    cells = [cell for batch in table.batches() for row in batch.frame.rows() for cell in row[1:]]

    header, *lines = WORDS[language].splitlines()
    assert list(table.columns) == header.split(";")
    assert cells == [cell for line in lines for cell in line.split(";")]
    assert "--encoding" in table.facts.notes[0]


def test_the_place_of_a_byte_goes_by_the_delimiter_that_was_given(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"a:b,c\nx,1:\xff\n" + "é:é\n".encode() * 20)

    with pytest.raises(FileError, match=r"row 2, column 2 \('b,c'\)"):
        read_table(path, Settings("iclosed", delimiter=":"))
