"""The notes of reading and matching are shown in the page's own words, in its language, without options."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from importer import check_file
from importer.drafts.corrections import Correction, _correction_note
from importer.mapping import match_notes
from importer.model.table import FileFacts, Table
from importer.reimport import FOREIGN_PLAN
from importer.settings import Settings
from importer.web.i18n import words_of
from importer.web.notes import FORMS, say_note
from schemas.registry import load_vendor

PHONE = load_vendor("iclosed").operations["create"].field("phoneNumber")
STATUS = load_vendor("iclosed").operations["create"].field("status")


def texts_of(folder: Path) -> list[str]:
    """Return notes as the code writes them: from files, and from the functions that no small file reaches."""
    (folder / "a.csv").write_bytes("Prénom;Téléphone\nÉlise;+33612345678\n".encode("cp1252"))
    (folder / "b.csv").write_text("My list\n\nName,Phone,Phone 2\nAna Ax,+12025550101,\n", encoding="utf-8")
    (folder / "c.csv").write_text("'Vorname','Phone'\n'Ana','+12025550101'\n'Bo','+12025550102'\n", encoding="utf-8")
    (folder / "d.csv").write_text('Zip,Phone\n="02134",+12025550101\n', encoding="utf-8")
    with zipfile.ZipFile(folder / "e.zip", "w") as archive:
        archive.write(folder / "d.csv", "inside.csv")
    workbook = Workbook()
    for name in ("Jan", "Feb"):
        sheet = workbook[name] if name in workbook.sheetnames else workbook.create_sheet(name)
        sheet.append(["First Name", "Phone"])
        sheet.append(["Ana", "+12025550101"])
        sheet.row_dimensions[2].hidden = True
    del workbook["Sheet"]
    workbook.save(folder / "f.xlsx")
    found = []
    for file in sorted(folder.iterdir()):
        found += check_file(file, Settings("gomobile", output=folder.with_name("out"), region="US")).notes
    assert PHONE is not None
    assert STATUS is not None
    table = Table(FileFacts("f", ""), ("Phone",), 1, lambda: iter(()))
    return [
        *found,
        FOREIGN_PLAN,
        _correction_note(table, [Correction(2, 0, "x")]),
        match_notes.note_several_columns("email", ["A", "B"]),
        match_notes.note_parts("name", ["A", "B"]),
        match_notes.note_values("email", "A"),
        match_notes.note_contradiction(PHONE, "A"),
        match_notes.note_contradiction(STATUS, "A"),
        match_notes.note_not_taken("email", "A", "column 'B'"),
        match_notes.note_better_but_blank("email", "A", "B"),
        match_notes.note_without_header([1]),
        match_notes.note_without_header([1, 2]),
    ]


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_every_note_is_said_in_the_language_of_the_page(tmp_path: Path, language: str) -> None:
    (tmp_path / "in").mkdir()
    words = words_of(language)

    said = {text: say_note(words, text) for text in texts_of(tmp_path / "in")}

    assert len(said) > 14
    assert [text for text, (words_, _) in said.items() if words_ == text] == []
    assert {spoken for _, spoken in said.values()} == {language}
    assert not any("--" in text for text, _ in said.values())


def test_an_unknown_note_stays_as_it_is() -> None:
    assert say_note(words_of("fr"), "something else") == ("something else", "en")
    assert len({form for form, _ in FORMS}) == len(FORMS)
