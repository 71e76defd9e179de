"""The result and the errors in every format: the same rows, read again by another library."""

from __future__ import annotations

import csv
import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer import Settings, check_file, run_import
from importer.model.problem import PROBLEM_COLUMNS
from importer.reporting.table_formats import CsvWriter, ParquetWriter, TableLayout, TableWriter

PEOPLE = "Email,Name,Name,\nana@example.com,=1+1,é,\nbo@,<b>,x,y\ncy@example.com,Cy,,\n"
NAMES = ["Email", "Name", "Name (2)", "column 12"]


def reports(tmp_path: Path, *formats: Any, text: str = PEOPLE) -> dict[str, Path]:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    chosen = Settings("iclosed", output=tmp_path / "out", report_formats=formats, columns=(("Name [C]", "firstName"),))
    return dict(check_file(tmp_path / "people.csv", chosen).outputs)


def rows_of(path: Path, sheet: str) -> list[list[Any]]:
    """The cells of a report, blank ones as None, numbers as numbers; the header first."""
    if path.suffix == ".xlsx":
        return [[cell.value or None for cell in row] for row in openpyxl.load_workbook(path)[sheet]]
    if path.suffix == ".parquet":
        table = duckdb.read_parquet(str(path))
        return [table.columns, *map(list, table.fetchall())]
    objects = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [list(objects[0]), *(list(entry.values()) for entry in objects)]


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "jsonl"])
def test_every_format_has_the_rows_with_the_text_that_was_read(tmp_path: Path, kind: str) -> None:
    made = reports(tmp_path, kind)

    header, *rows = rows_of(made["result"], "Result")
    assert header[8:] == (["Email", "Name", "Name", None] if kind == "xlsx" else NAMES)
    assert [(row[0], row[1]) for row in rows] == [(2, "valid"), (3, "invalid"), (4, "valid")]
    assert [row[8:] for row in rows] == [
        ["ana@example.com", "=1+1", "é", None],
        ["bo@", "<b>", "x", "y"],
        ["cy@example.com", "Cy", None, None],
    ]
    names, problem = rows_of(made["errors"], "Problems")
    assert tuple(names) == PROBLEM_COLUMNS
    assert problem[:6] == [3, "Email", "email", "bo@", "error", "pattern"]


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "jsonl"])
def test_formats_stand_beside_each_other(tmp_path: Path, kind: str) -> None:
    made = reports(tmp_path, "csv", kind)

    assert made["result"].name == "result.csv"
    assert made[f"result_{kind}"].name == f"result.{kind}"
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
def test_csv_reports_have_the_delimiter_of_the_file_and_come_back(tmp_path: Path, delimiter: str) -> None:
    text = delimiter.join(("Email", "First Name", "Note")) + "\n" + delimiter.join(("bo@", "Bo", "x")) + "\n"
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    given = delimiter if delimiter == "^" else None
    made = check_file(tmp_path / "people.csv", Settings("iclosed", output=tmp_path / "out", delimiter=given)).outputs

    for name, first in (("result", ["import_row", "import_status"]), ("errors", ["row", "column"])):
        with made[name].open(encoding="utf-8-sig", newline="") as file:
            assert next(csv.reader(file, delimiter=delimiter))[:2] == first
    again = check_file(made["result"], Settings("iclosed", output=tmp_path / "again"))
    assert {str(status): count for status, count in again.counts.items() if count} == {"invalid": 1}


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet", "jsonl"])
def test_a_file_without_rows_has_its_reports(tmp_path: Path, kind: str) -> None:
    made = reports(tmp_path, kind, text="Email,Name,Name\n")

    assert made["result"].exists()
    assert made["errors"].exists()
    assert kind == "jsonl" or made["result"].stat().st_size > 0


def test_moments_are_moments(tmp_path: Path, sandbox: str) -> None:
    (tmp_path / "people.csv").write_text("Email\nana@example.com\n", encoding="utf-8")
    where: dict[str, Any] = {"base_url": f"{sandbox}/iclosed", "api_key": "iclosed-k", "output": tmp_path / "out"}
    made = run_import(
        tmp_path / "people.csv", Settings("iclosed", report_formats=("parquet", "csv", "jsonl"), **where)
    ).outputs

    ((moment,),) = duckdb.read_parquet(str(made["result"])).select("import_sent_at").fetchall()
    with made["result_csv"].open(encoding="utf-8-sig", newline="") as file:
        assert (
            next(csv.DictReader(file))["import_sent_at"]
            == f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"
        )
    assert json.loads(made["result_jsonl"].read_text())["import_sent_at"].endswith("Z")


def test_a_result_as_a_workbook_comes_back(tmp_path: Path, sandbox: str) -> None:
    (tmp_path / "people.csv").write_text("Email,Tag\nana@example.com,=a\nbo@,\n", encoding="utf-8")
    where: dict[str, Any] = {"base_url": f"{sandbox}/iclosed", "api_key": "iclosed-k"}
    made = run_import(
        tmp_path / "people.csv", Settings("iclosed", report_formats=("xlsx",), output=tmp_path / "out", **where)
    ).outputs
    book = openpyxl.load_workbook(made["result"])
    book["Result"]["I3"].value = "bo@example.com"
    book.save(tmp_path / "corrected.xlsx")

    summary = run_import(tmp_path / "corrected.xlsx", Settings("iclosed", output=tmp_path / "again", **where))

    assert {str(status): count for status, count in summary.counts.items() if count} == {
        "created": 1,
        "already_done": 1,
    }


def test_a_result_as_a_workbook_may_go_to_another_vendor(tmp_path: Path) -> None:
    made = reports(tmp_path, "xlsx", text="Email,Name,Name,Phone\nana@example.com,Ana,Ana,+12025550141\n")

    summary = check_file(made["result"], Settings("gomobile", output=tmp_path / "other"))

    assert {str(status): count for status, count in summary.counts.items() if count} == {"valid": 1}


def test_columns_are_as_wide_as_what_stands_in_them(tmp_path: Path) -> None:
    made = reports(tmp_path, "xlsx", text=f"Email,Name,Name\nbo@,{'x' * 33},{'y' * 500}\n")

    sheet = openpyxl.load_workbook(made["workbook"])["Rows to fix"]
    widths = [sheet.column_dimensions[letter].width for letter in "ABCD"]
    assert widths[0] >= len("import_row")
    assert 8 <= widths[1] < 20
    assert 33 <= widths[2] < 45
    assert widths[3] == 60


TEXTS = st.none() | st.text(alphabet='",;|\t\r\n=+- ab1é', max_size=6)
CELLS = st.none() | st.text(alphabet="=+- ab1é'", min_size=1, max_size=6)


def result_of(texts: list[str | None], cells: list[str | None]) -> pl.DataFrame:
    """A batch of the result: report columns of these texts, and a column of the input."""
    schema = {"row": pl.UInt32, "text": pl.String, "c0": pl.String}
    frame = pl.DataFrame({"row": range(len(texts)), "text": texts, "c0": cells}, schema=schema)
    return frame.select(
        "row",
        *(pl.col("text").alias(name) for name in ("status", "id")),
        *(pl.lit(number).alias(name) for name, number in (("http_status", 201), ("attempts", 1))),
        *(pl.col("text").alias(name) for name in ("code", "message")),
        pl.lit(None, pl.Datetime("us", "UTC")).alias("sent_at"),
        "c0",
    )


NO_PROBLEMS = pl.DataFrame(schema=dict.fromkeys(PROBLEM_COLUMNS, pl.String))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@given(rows=st.lists(st.tuples(TEXTS, CELLS), max_size=8))
def test_cells_that_need_no_quotes_are_written_as_any_others(
    delimiter: str, rows: list[tuple[str | None, str | None]]
) -> None:
    result = result_of([text for text, _ in rows], [cell for _, cell in rows])
    written = []
    for quick in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            layout = TableLayout(Path(folder), ["Name"], str, cells_need_no_quotes=quick, delimiter=delimiter)
            writer: TableWriter = CsvWriter(layout)
            writer.append(writer.prepare(result, NO_PROBLEMS))
            written.append(writer.close()["result"].read_bytes())

    assert written[0] == written[1]


def test_parquet_has_the_rows_of_all_batches_in_their_order(tmp_path: Path) -> None:
    writer = ParquetWriter(TableLayout(tmp_path, ["Name"], str))
    batches = [["a", None], [], ["b"], ["c", "d"]]
    for texts in batches:
        writer.append(writer.prepare(result_of(texts, texts), NO_PROBLEMS))
    made = writer.close()

    assert [row[1] for row in rows_of(made["result"], "")[1:]] == [text for texts in batches for text in texts]
    assert rows_of(made["errors"], "") == [list(PROBLEM_COLUMNS)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["errors.parquet", "result.parquet"]


def test_a_full_disk_is_an_error_of_the_system_in_parquet_too(tmp_path: Path) -> None:
    (tmp_path / "result.parquet").symlink_to("/dev/full")
    writer = ParquetWriter(TableLayout(tmp_path, ["Name"], str))
    writer.append(writer.prepare(result_of(["a"], ["a"]), NO_PROBLEMS))

    with pytest.raises(OSError, match="No space left"):
        writer.close()
