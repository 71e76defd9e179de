"""A problem that many cells share is shown once with its count; errors.csv keeps a line for each cell."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import polars as pl
import pytest

import importer.reporting.shared_values as module
from importer import Settings, check_file
from importer.cli.summary_text import summary_text
from importer.model.problem_frame import RENDERED_SCHEMA
from importer.model.summary import Summary
from importer.reporting.shared_values import SharedValues, name_rows


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    rows = [f"a{n}@example.com,{'Hot lead' if n % 3 == 0 else 'Warm' if n % 10 == 1 else ''}" for n in range(60)]
    rows[5], rows[7], rows[10] = "bo@,Once", "cy@,", "a10@example.com,Twice,"
    path.write_text("Email,Status\n" + "\n".join(rows) + "\nTotal,\nTotal,\n", encoding="utf-8")
    return path


def check(leads: Path, tmp_path: Path) -> tuple[Summary, str]:
    summary = check_file(leads, Settings("iclosed", output=tmp_path / "out"))
    return summary, (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_the_terminal_and_the_page_show_each_shared_text_once(leads: Path, tmp_path: Path) -> None:
    summary, page = check(leads, tmp_path)

    text = summary_text(summary)

    lines = [" ".join(line.split()) for line in text.splitlines() if "× enum" in line]
    options = "is not one of POTENTIAL, QUALIFIED, DISQUALIFIED"
    assert lines == [
        f'20 × enum Status: "Hot lead" {options}; rows 2, 5, 8 …',
        f'4 × enum Status: "Warm" {options}; rows 3, 13, 33 …',
        f'2 × enum such as row 7, Status: "Once" {options}',
    ]
    assert page.partition("What has to be corrected")[2].count("Hot lead") == 1
    assert "20 × <code><bdi>Hot lead</bdi></code>" in page
    assert "rows 2, 5, 8 …" in page
    assert "row 7: <code><bdi>Once</bdi></code>" in page


def test_errors_csv_keeps_its_line_for_each_cell(leads: Path, tmp_path: Path) -> None:
    check(leads, tmp_path)

    with (tmp_path / "out" / "errors.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sum(line["value"] == "Hot lead" for line in csv.DictReader(file)) == 20


def test_the_reasons_of_skipped_rows_are_in_every_report(leads: Path, tmp_path: Path) -> None:
    summary, page = check(leads, tmp_path)
    written = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))

    assert dict(summary.skipped) == written["skipped"] == {"totals_row": 2}
    assert "totals_row" not in {**written["problems"], **written["warnings"]}
    assert 'data-code="totals_row" data-count="2"' in page
    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        skipped = [line for line in csv.DictReader(file) if line["import_status"] == "skipped"]
    assert [(line["import_code"], line["import_message"]) for line in skipped] == [
        ("totals_row", "contains totals, not a contact")
    ] * 2


def problems(*values: str, first: int = 1, message: str = "is wrong") -> pl.DataFrame:
    rows = [
        (row, "Status", "status", value, "error", "enum", message, "", "check")
        for row, value in enumerate(values, first)
    ]
    return pl.DataFrame(rows, schema=RENDERED_SCHEMA, orient="row")


def test_batches_add_up_and_rows_stay_in_order() -> None:
    shared = SharedValues()
    shared.add(problems("a", "b", "a", "c"))
    shared.add(problems("b", "a", "a", "d", first=10))
    shared.add(problems(first=20))

    ((found, others),) = shared.ranked().values()

    assert others == ((4, "c", "is wrong"), (13, "d", "is wrong"))
    assert [(entry.value, entry.count, entry.rows) for entry in found] == [("a", 4, (1, 3, 11)), ("b", 2, (2, 10))]


def test_a_text_with_two_messages_is_two_problems() -> None:
    shared = SharedValues()
    shared.add(pl.concat([problems("a", "a"), problems("a", first=3, message="is row 1 again")]))

    ((found, _),) = shared.ranked().values()

    assert [(entry.message, entry.count) for entry in found] == [("is wrong", 2)]


def test_a_kind_with_very_many_texts_is_forgotten_and_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TEXTS", 3)
    shared = SharedValues()
    shared.add(problems("a", "a", "b", "c", "d"))
    shared.add(problems("a", "a", first=10))

    assert shared.ranked() == {}


def test_rows_are_named_up_to_three() -> None:
    assert name_rows((2,), 1) == "row 2"
    assert name_rows((2, 5), 2) == "rows 2, 5"
    assert name_rows((2, 5, 1009), 9) == "rows 2, 5, 1,009 …"
