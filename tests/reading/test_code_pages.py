"""Names and towns of many languages in each code page: they are read rightly, or the user is asked; never wrongly."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path

import pytest

from importer.errors import FileError
from importer.reading import read_table
from importer.settings import Settings

WORDS = {
    "French": "Hélène Gaëtan Anaïs Mâcon Bécaud Thérèse Séverine Châteauroux Besançon Aurélie",
    "Spanish": "Ángela Iñigo Cáceres Zúñiga Peñalver Jerónimo Logroño Almería Núria Vélez",
    "German": "Käthe Süßmann Böblingen Göppingen Jäckel Bäumer Füssen Großmann Lörrach Übelacker",
    "Portuguese": "Estêvão Guimarães Fração Mação Lourenço Simão Évora Antão Inês Araçatuba",
    "Polish": "Wąchock Świdnica Żmijewski Grażyna Kłodzko Bożena Łęczyca Chełm Zieliński Źrebięcki",
    "Czech": "Květa Růžička Třeboň Žďár Hradečný Čáslav Ondřej Šumperk Říčany Jičín",
    "Hungarian": "Gyöngyösi Kisfőrő Hűvösvölgyi Dömötör Szőke Győző Mezőkövesd Fülöp Csűrös Törő",
    "Turkish": "Gülşah Erdoğdu Kırıkkale Işık Şerife Bağcılar Çiğdem Nuri̇ye Doğuş Yağmur".replace("i̇", "i"),
    "Lithuanian": "Žygaitė Kėdainiai Ąžuolaitis Rokiškis Šimaitė Jurgėla Ūdrienė Grėtė Anykščiai Birutė",
    "Latvian": "Kārlis Ventspils Līga Ķeguma Bērzkalns Ogrē Žanis Daugavpilī Ģertrūde Ābele",
    "Greek": "Αντώνης Βόλος Χανιά Δημήτρης Ελένη Καβάλα Λαμία Σπύρος Θεοδώρα Ξάνθη",
    "Russian": "Николай Тверь Зинаида Воронеж Щукин Алёна Прохор Жанна Фёдоров Цветаева",
    "Hebrew": "יעקב רחובות תמר נתניה אברהם מיכל חיפה שלמה רמלה לוי",
    "Arabic": "محمود طنطا زينب دمشق خالد الكويت مريم بيروت يوسف عمان",
}
PAGES = {
    "French": "cp1252 iso8859-15 mac-roman cp850 cp437",
    "Spanish": "cp1252 mac-roman cp850",
    "German": "cp1252 iso8859-15 mac-roman cp850 cp437",
    "Portuguese": "cp1252 mac-roman cp850",
    "Polish": "cp1250 iso8859-2 cp852",
    "Czech": "cp1250 iso8859-2 cp852",
    "Hungarian": "cp1250 iso8859-2 cp852",
    "Turkish": "cp1254 cp857 iso8859-9",
    "Lithuanian": "cp1257 cp775",
    "Latvian": "cp1257 cp775",
    "Greek": "cp1253 iso8859-7 cp737",
    "Russian": "cp1251 koi8-r cp866 iso8859-5 mac-cyrillic",
    "Hebrew": "cp1255 cp862",
    "Arabic": "cp1256 iso8859-6",
}
EACH = [(language, page) for language, pages in PAGES.items() for page in pages.split()]
READ_RIGHTLY = {
    *(("French", page) for page in ("cp1252", "mac-roman", "iso8859-15", "cp850")),
    *((language, "cp1252") for language in ("Spanish", "German", "Portuguese")),
    *((language, "cp1250") for language in ("Polish", "Czech", "Hungarian")),
    ("Turkish", "cp1254"), ("Russian", "cp1251"), ("Russian", "koi8-r"), ("Spanish", "cp850"),
}  # fmt: skip


def cells_of(path: Path, words: list[str], page: str) -> list[str] | None:
    """What is read of a file with these words in a column, or None where the user is asked."""
    lines = [f"{word},p{index}@example.com" for index, word in enumerate(words)]
    path.write_bytes("\n".join(["Name,Email", *lines, ""]).encode(page))
    try:
        table = read_table(path, Settings("iclosed"))
    except FileError as error:
        return None if "--encoding" in str(error) else [str(error)]
    return [str(row[1]) for batch in table.batches() for row in batch.frame.rows()]


@pytest.mark.parametrize(("language", "page"), EACH)
def test_words_are_read_rightly_or_the_user_is_asked(tmp_path: Path, language: str, page: str) -> None:
    words = WORDS[language].split()
    capitals = [word.upper() for word in words if word.upper().encode(page, "replace").decode(page) == word.upper()]

    for some in (words, words[:3], words[5:7], capitals):
        assert cells_of(tmp_path / "f.csv", some, page) in (some, None)


@pytest.mark.parametrize(("language", "page"), sorted(READ_RIGHTLY))
def test_ten_rows_of_a_common_code_page_are_enough(tmp_path: Path, language: str, page: str) -> None:
    words = WORDS[language].split()

    assert cells_of(tmp_path / "f.csv", words, page) == words


def test_the_question_shows_one_word_both_ways(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"Name\nQ\xfexz\n")

    with pytest.raises(FileError, match=r"is it Q\w+ \([\w-]+\) or Q\w+ \([\w-]+\)\? .*--encoding"):
        read_table(path, Settings("iclosed"))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("language", ["Russian", "Greek", "Polish"])
def test_utf_16_without_a_mark_is_known_in_any_alphabet(tmp_path: Path, language: str, encoding: str) -> None:
    words = WORDS[language].split()

    assert cells_of(tmp_path / "f.csv", words, encoding) == words


@pytest.mark.parametrize(("name", "near"), [("windws-1254", "did you mean"), ("utf9", "utf-8"), ("cp1253x", "cp1253")])
def test_an_unknown_encoding_names_the_nearest(tmp_path: Path, name: str, near: str) -> None:
    (tmp_path / "f.csv").write_bytes(b"a\n1\n")

    with pytest.raises(FileError, match=near):
        read_table(tmp_path / "f.csv", Settings("iclosed", encoding=name))


def test_a_file_that_ends_within_a_letter_was_cut_off(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes("Name\nZoé\nNoé".encode()[:-1])

    with pytest.raises(FileError, match=r"row 3, column 1 .*ends in the middle of a letter"):
        read_table(tmp_path / "f.csv", Settings("iclosed"))


def test_a_name_that_is_no_text_is_read(tmp_path: Path) -> None:
    path = tmp_path / b"caf\xe9.csv".decode("utf-8", "surrogateescape")
    path.write_bytes(b"Name\nIda\n")

    assert [row for batch in read_table(path, Settings("iclosed")).batches() for row in batch.frame.rows()]


def test_every_pair_of_words_is_read_rightly_or_asked_for(tmp_path: Path) -> None:
    words = WORDS["Turkish"].split()[:6]

    for pair in itertools.combinations(words, 2):
        assert cells_of(tmp_path / "f.csv", list(pair), "cp1254") in (list(pair), None)


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        ("山田太郎", "shift_jis euc_jp"),
        ("鈴木花子", "shift_jis euc_jp"),
        ("王小明", "gb18030 big5"),
        ("李秀英", "gb18030 big5"),
        ("김철수", "euc_kr johab"),
    ],
)
def test_a_single_name_in_an_east_asian_encoding_is_asked_about(tmp_path: Path, name: str, pages: str) -> None:
    for page in pages.split():
        path = tmp_path / f"{page}.csv"
        path.write_bytes(f"Name,Email\nAna Doe,ana@example.com\n{name},b@example.com\n".encode(page))
        with pytest.raises(FileError, match="--encoding"):
            read_table(path, Settings("iclosed"))
        table = read_table(path, Settings("iclosed", encoding=page))
        assert name in [row[1] for batch in table.batches() for row in batch.frame.rows()]


def test_japanese_with_escapes_is_read(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes("Name,Email\n山田太郎,a@example.com\n".encode("iso2022_jp"))
    table = read_table(tmp_path / "f.csv", Settings("iclosed"))
    assert next(iter(table.batches())).frame.rows() == [(2, "山田太郎", "a@example.com")]


@pytest.mark.parametrize(("page", "name"), [("cp1125", "Їжакевич"), ("cp720", "محمد علي"), ("cp861", "Þórður Ægisson")])
def test_rarer_pages_of_dos_are_read_or_asked_about(tmp_path: Path, page: str, name: str) -> None:
    (tmp_path / "f.csv").write_bytes(f"Name,Email\n{name},a@example.com\n".encode(page))
    with contextlib.suppress(FileError):  # the question, as the letters do not tell the page
        table = read_table(tmp_path / "f.csv", Settings("iclosed"))
        assert next(iter(table.batches())).frame.rows() == [(2, name, "a@example.com")]
