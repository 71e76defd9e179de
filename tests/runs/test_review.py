"""Cells corrected after a check: what is said of them at once is what the import says of them."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from importer.errors import SettingsError
from importer.model.status import Status
from importer.pipeline import check_file, review_check
from importer.runs.review import CheckReview, ProblemQuery
from importer.settings import Correction, Settings

HEADER = ["Email", "First Name", "Phone", "Status", "Joined", "Country", "Owner"]
ROWS = [
    ["ana@example.com", "Ana", "+15550100001", "POTENTIAL", "2026-01-15T10:00:00Z", "US", "Joe"],
    ["bo@", "Bo", "1.55512E+10", "Hot", "", "", "Joe"],
    ["cy@example.com", "Maximiliane-Friederike-Luise", "", "", "15/01/2026 10:00", "FR", ""],
    ["", "", "", "", "", "", "Joe"],
    ["di@example.com", "JosÃ©", "06 12 34 56 78", "qualified", "", "FR", "Joe"],
    ["ed@example.com", "Ed\x01", "#N/A", "", "", "XX", "Joe"],
]
TEXTS = ["", " ", "ana@example.com", "x@", "Ana", "Hot", "DISQUALIFIED", "+15550100009", "0612345678", "1,5E+9", "FR",
         "2026-02-30", "16/01/2026 11:00", "JosÃ©", "a\nb", "é" * 30, "#REF!", "=1+1", "\ufffd"]  # fmt: skip
SETTINGS = Settings("iclosed", region="FR", timezone="Europe/Paris", date_order="dmy")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A file with every kind of damage, and the folder of its check."""
    folder = tmp_path_factory.mktemp("rehearsal")
    file = folder / "leads.csv"
    _write(file, ROWS)
    review_check(file, replace(SETTINGS, output=folder / "out", state_dir=folder / "state"), folder / "kept")
    return file, folder / "kept"


def _write(file: Path, rows: list[list[str]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([HEADER, *rows])


def _wrong(folder: Path, corrections: tuple[Correction, ...]) -> set[tuple[int, str, str]]:
    found = CheckReview(folder, replace(SETTINGS, corrections=corrections)).problems(ProblemQuery(size=1000))
    return {(cell.row, cell.field, cell.code) for cell in found.cells if cell.severity == "error"}


@example(texts={(5, 6): ""})  # the last cell of its row
@settings(max_examples=25)
@given(
    texts=st.dictionaries(st.tuples(st.integers(2, 7), st.integers(0, 6)), st.sampled_from(TEXTS), max_size=4),
)
def test_what_is_said_at_once_is_what_the_check_of_such_a_file_says(
    kept: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory, texts: dict[tuple[int, int], str]
) -> None:
    file, folder = kept
    corrections = tuple(Correction(row, column, text) for (row, column), text in texts.items())
    out = tmp_path_factory.mktemp("out")
    rows = [[texts.get((row, column), text) for column, text in enumerate(ROWS[row - 2])] for row in range(2, 8)]
    written = out / "written.csv"
    _write(written, rows)

    at_once = _wrong(folder, corrections)
    corrected = check_file(file, replace(SETTINGS, corrections=corrections, output=out / "a", state_dir=out / "s"))
    as_written = check_file(written, replace(SETTINGS, output=out / "b", state_dir=out / "s"))

    blank = {row for row, cells in enumerate(rows, start=2) if not "".join(cells).strip()}  # a file has no such rows
    assert {row for row, _, _ in at_once} == _invalid(out / "a")
    assert {row for row, _, _ in at_once} - blank == _invalid(out / "b")
    assert corrected.counts[Status.INVALID] - len(blank) == as_written.counts[Status.INVALID]


def _invalid(folder: Path) -> set[int]:
    with (folder / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        return {int(row["import_row"]) for row in csv.DictReader(file) if row["import_status"] == "invalid"}


def test_a_rehearsal_shows_the_cell_and_what_is_beside_it(kept: tuple[Path, Path]) -> None:
    found = CheckReview(kept[1], SETTINGS).problems(ProblemQuery(code="scientific_notation"))

    (cell,) = found.cells
    assert (cell.row, cell.letters, cell.header, cell.text) == (3, "C", "Phone", "1.55512E+10")
    assert cell.context == ("bo@", "Bo", "Hot")
    assert found.total == 1
    assert found.rows == 6


def test_pages_hold_so_many_and_together_all(kept: tuple[Path, Path]) -> None:
    rehearsal = CheckReview(kept[1], SETTINGS)
    every = rehearsal.problems(ProblemQuery(size=1000)).cells

    pages = [rehearsal.problems(ProblemQuery(start=start, size=2)).cells for start in range(0, len(every), 2)]

    assert [cell for page in pages for cell in page] == list(every)
    assert rehearsal.problems(ProblemQuery(start=10_000)).cells == ()


def test_what_the_cell_was_is_known(kept: tuple[Path, Path]) -> None:
    corrected = replace(SETTINGS, corrections=(Correction(3, 2, "+15550100002"), Correction(5, 0, "eve@example.com")))

    assert CheckReview(kept[1], corrected).original_values() == {(3, 2): "1.55512E+10", (5, 0): ""}


def test_a_row_that_there_is_not_is_not_in_it(kept: tuple[Path, Path]) -> None:
    rehearsal = CheckReview(kept[1], SETTINGS)

    assert 2 in rehearsal
    assert 8 not in rehearsal
    assert 2**33 not in rehearsal


def test_rows_that_are_gone_must_be_checked_again(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="check the file again"):
        CheckReview(tmp_path, SETTINGS)


def test_corrections_are_told_in_the_reports(kept: tuple[Path, Path], tmp_path: Path) -> None:
    corrections = (Correction(3, 0, "bo@example.com"), Correction(3, 2, "+15550100002"))

    summary = check_file(kept[0], replace(SETTINGS, corrections=corrections, output=tmp_path, state_dir=tmp_path))

    assert any(
        "2 cells were corrected before the import (row 3, Email; row 3, Phone)" in note for note in summary.notes
    )
    assert "+15550100002" in (tmp_path / "result.csv").read_text(encoding="utf-8")
