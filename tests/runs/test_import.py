"""The whole way of a row, against the sandbox."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from importer.cli.demo_samples import samples
from importer.model.status import RUN_STATUSES, Status
from importer.model.summary import Summary
from importer.pipeline import check_file, run_import
from importer.sandbox.app import build_app
from importer.sandbox.server import running
from importer.settings import Settings
from schemas.registry import load_vendor

Contacts = Callable[[str], list[dict[str, Any]]]
RESULT = (
    "import_row import_status import_id import_http_status import_attempts import_code import_message import_sent_at"
)


def chosen(tmp_path: Path, sandbox: str, vendor: str = "iclosed", **other: Any) -> Settings:
    return Settings(
        vendor, base_url=f"{sandbox}/{vendor}", api_key="iclosed-k", output=tmp_path / "out", rate=1000.0, **other
    )


def counted(summary: Summary) -> dict[str, int]:
    return {str(status): count for status, count in summary.counts.items() if count}


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_ends_in_one_status(tmp_path: Path, sandbox: str, leads: Path, contacts: Contacts) -> None:
    summary = run_import(leads, chosen(tmp_path, sandbox))

    assert counted(summary) == {"created": 2, "duplicate": 1, "invalid": 3}
    assert set(summary.counts) == set(RUN_STATUSES)
    assert sum(summary.counts.values()) == summary.rows == 6
    assert summary.exit_code == 3
    assert [contact["email"] for contact in contacts("iclosed")] == ["ana@example.com", "bo@example.com"]


def test_result_csv_has_our_columns_then_the_files_own_as_they_were(tmp_path: Path, sandbox: str, leads: Path) -> None:
    run_import(leads, chosen(tmp_path, sandbox))

    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig") as file:
        assert file.readline().strip().split(",") == [
            *RESULT.split(),
            "First Name",
            "E-mail",
            "Phone",
            "Status",
            "Owner",
        ]
    rows = lines(tmp_path / "out" / "result.csv")
    assert [row["import_row"] for row in rows] == ["2", "4", "5", "6", "7", "8"]
    assert rows[0]["Phone"] == "+1 555 010 0001"
    assert rows[0]["import_id"]
    assert rows[0]["import_sent_at"].endswith("Z")
    assert rows[2]["import_message"] == "the same as row 2"


def test_errors_csv_has_one_line_a_problem_in_words(tmp_path: Path, sandbox: str, leads: Path) -> None:
    run_import(leads, chosen(tmp_path, sandbox))

    problems = lines(tmp_path / "out" / "errors.csv")
    assert list(problems[0]) == ["row", "column", "field", "value", "severity", "code", "message", "hint", "source"]
    damaged = next(problem for problem in problems if problem["code"] == "scientific_notation")
    assert (damaged["row"], damaged["column"], damaged["field"], damaged["value"]) == (
        "6",
        "Phone",
        "phoneNumber",
        "1.55512E+10",
    )
    assert damaged["hint"] == "format the column as text and enter the number again"
    assert {problem["field"] for problem in problems if problem["row"] == "6"} == {"email", "phoneNumber", "status"}


def test_errors_xlsx_holds_the_rows_that_need_a_person_as_text(tmp_path: Path, sandbox: str, leads: Path) -> None:
    leads.write_text(leads.read_text() + '=cmd|,"a&<b>@x",007,,Joe\n')

    run_import(leads, chosen(tmp_path, sandbox))

    sheet = openpyxl.load_workbook(tmp_path / "out" / "errors.xlsx")["Rows to fix"]
    rows = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
    assert [cell.value for cell in sheet[1]] == [
        "import_row", "First Name", "E-mail", "Phone", "Status", "Owner", "import_problems", "import_run",
    ]  # fmt: skip
    assert list(rows) == [6, 7, 8, 9]
    assert [cell.value for cell in rows[9][1:6]] == ["=cmd|", "a&<b>@x", "007", None, "Joe"]
    assert [cell.data_type for cell in rows[9][1:4]] == ["s", "s", "s"]
    assert rows[6][3].comment is not None
    assert rows[6][3].fill.fgColor.rgb == "FFFFC7CE"
    assert rows[6][5].comment is None
    assert sheet.freeze_panes == "B2"
    assert sheet.column_dimensions["H"].hidden
    assert [(str(down.sqref), down.formula1) for down in sheet.data_validations.dataValidation] == [
        ("E2:E5", '"POTENTIAL,QUALIFIED,DISQUALIFIED"')
    ]


def test_summary_json_is_what_the_caller_gets(tmp_path: Path, sandbox: str, leads: Path) -> None:
    summary = run_import(leads, chosen(tmp_path, sandbox))

    written = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert set(written) >= {
        "run",
        "vendor",
        "operation",
        "target",
        "input",
        "counts",
        "problems",
        "requests",
        "seconds",
        "exit_code",
        "outputs",
    }
    assert set(written["input"]) == {"path", "sha256", "sheet", "encoding", "delimiter", "rows"}
    assert set(written["requests"]) == {"sent", "retried", "throttled", "looked_up"}
    assert set(written["seconds"]) == {"read", "check", "send", "report", "total"}
    assert written["counts"]["created"] == summary.counts[Status.CREATED] == 2
    assert written["exit_code"] == 3


def test_a_check_sends_nothing_and_says_what_would_be_sent(tmp_path: Path, leads: Path) -> None:
    summary = check_file(leads, Settings("iclosed", output=tmp_path / "out"))

    assert counted(summary) == {"valid": 2, "duplicate": 1, "invalid": 3}
    assert summary.exit_code == 3
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["report-key"]  # signs the rows to fix


def test_a_second_upload_sends_nothing_again(tmp_path: Path, sandbox: str, leads: Path, contacts: Contacts) -> None:
    first = run_import(leads, chosen(tmp_path, sandbox))
    ids = [row["import_id"] for row in lines(tmp_path / "out" / "result.csv")]

    second = run_import(leads, chosen(tmp_path, sandbox))

    assert counted(second) == {"already_done": 2, "duplicate": 1, "invalid": 3}
    assert [row["import_id"] for row in lines(tmp_path / "out" / "result.csv")] == ids
    assert first.run in lines(tmp_path / "out" / "result.csv")[0]["import_message"]
    assert len(contacts("iclosed")) == 2


def test_a_changed_contact_is_held_back_until_it_is_asked_for(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("email,tag\nana@example.com,old\n")
    other.write_text("email,tag\nANA@example.com,new\n")
    run_import(one, chosen(tmp_path, sandbox))

    held = run_import(other, chosen(tmp_path, sandbox))
    sent = run_import(other, chosen(tmp_path, sandbox, send_changed=True))

    assert (counted(held), held.exit_code) == ({"changed": 1}, 3)
    assert (counted(sent), sent.exit_code) == ({"created": 1}, 0)
    assert len(contacts("iclosed")) == 2


@pytest.mark.parametrize(
    ("duplicates", "counts", "code", "made"),
    [
        ("skip", {"created": 1, "duplicate": 1}, 0, 1),
        ("error", {"created": 1, "duplicate": 1}, 3, 1),
        ("send", {"created": 2}, 0, 2),
    ],
)
def test_duplicates_are_skipped_sent_or_an_error(
    tmp_path: Path, sandbox: str, contacts: Contacts, duplicates: Any, counts: dict[str, int], code: int, made: int
) -> None:
    file = tmp_path / "f.csv"
    file.write_text("email\na@example.com\na@example.com\n")

    summary = run_import(file, chosen(tmp_path, sandbox, duplicates=duplicates))
    again = run_import(file, chosen(tmp_path, sandbox, duplicates=duplicates))

    assert (counted(summary), summary.exit_code) == (counts, code)
    assert again.counts[Status.CREATED] == 0
    assert len(contacts("iclosed")) == made


@pytest.mark.parametrize("sample", samples(), ids=lambda entry: entry["file"])
def test_every_sample_is_accounted_for(tmp_path: Path, sample: dict[str, Any]) -> None:
    from importer.cli.demo_samples import sample_folder

    with running(build_app([load_vendor(sample["vendor"])])) as sandbox:
        settings = chosen(
            tmp_path,
            sandbox,
            sample["vendor"],
            operation=sample.get("operation", "create"),
            constants=tuple(sample.get("set", {}).items()),
            region=sample.get("region"),
        )
        summary = run_import(sample_folder() / sample["file"], settings)

    assert counted(summary) == sample["counts"]


def test_a_refused_row_names_the_cell_the_vendor_named(tmp_path: Path) -> None:
    async def refuse(_: Request) -> JSONResponse:
        return JSONResponse({"message": "No", "errors": {"email": ["is a disposable address"]}}, 422)

    file = tmp_path / "f.csv"
    file.write_text("E-mail,tag\na@example.com,x\n")
    with running(Starlette(routes=[Route("/iclosed/v1/contacts", refuse, methods=["POST"])])) as address:
        summary = run_import(file, chosen(tmp_path, address))

    (problem,) = lines(tmp_path / "out" / "errors.csv")
    assert counted(summary) == {"rejected": 1}
    assert (problem["column"], problem["value"], problem["message"], problem["source"]) == (
        "E-mail",
        "a@example.com",
        "is a disposable address",
        "vendor",
    )


def answering(status: int, body: Any = None, headers: dict[str, str] | None = None) -> tuple[Starlette, list[int]]:
    seen: list[int] = []

    async def answer(request: Request) -> JSONResponse:
        await request.body()
        seen.append(1)
        return JSONResponse(body, status, headers)

    return Starlette(routes=[Route("/iclosed/v1/contacts", answer, methods=["POST"])]), seen


def many(tmp_path: Path, rows: int) -> Path:
    file = tmp_path / "many.csv"
    file.write_text("email\n" + "".join(f"user{number}@example.com\n" for number in range(rows)))
    return file


def test_five_uncertain_rows_in_a_row_stop_the_run_and_none_is_sent_again(tmp_path: Path) -> None:
    app, seen = answering(500, {"message": "oops"})
    with running(app) as address:
        first = run_import(many(tmp_path, 40), chosen(tmp_path, address, concurrency=1))
        doubtful = first.counts[Status.UNCERTAIN]
        sent = len(seen)
        second = run_import(many(tmp_path, 5), chosen(tmp_path, address, concurrency=1))

    assert (doubtful, sent, first.exit_code) == (5, 5, 5)
    assert first.counts[Status.NOT_ATTEMPTED] == 35
    assert counted(second) == {"uncertain": 5}
    assert len(seen) == 5


def test_a_refused_key_stops_the_run_at_once(tmp_path: Path) -> None:
    app, seen = answering(401, {"message": "API key is required"})
    with running(app) as address:
        summary = run_import(many(tmp_path, 40), chosen(tmp_path, address, concurrency=2))

    assert counted(summary) == {"not_attempted": 40}
    assert (summary.exit_code, len(seen) <= 2) == (4, True)
    assert "401" in summary.stopped


def test_the_same_refusal_twenty_times_stops_the_run(tmp_path: Path) -> None:
    app, seen = answering(400, {"message": "unknown workspace"})
    with running(app) as address:
        summary = run_import(many(tmp_path, 60), chosen(tmp_path, address, concurrency=1))

    assert counted(summary) == {"rejected": 20, "not_attempted": 40}
    assert "settings" in summary.stopped
    assert len(seen) == 20


def test_throttled_requests_are_tried_again_without_counting_as_failed(tmp_path: Path) -> None:
    answers = [429] * 7
    made: list[int] = []

    async def answer(request: Request) -> JSONResponse:
        await request.body()
        if answers:
            return JSONResponse({"message": "slow down"}, answers.pop(), {"Retry-After": "0.05"})
        made.append(1)
        return JSONResponse({"data": {"contact": {"id": len(made)}}}, 201)

    app = Starlette(routes=[Route("/iclosed/v1/contacts", answer, methods=["POST"])])
    with running(app) as address:
        summary = run_import(many(tmp_path, 3), chosen(tmp_path, address, max_tries=1, concurrency=1))

    assert counted(summary) == {"created": 3}
    assert (summary.requests.throttled, summary.requests.sent) == (7, 10)


def test_an_unreachable_vendor_stops_the_run_and_nothing_is_in_doubt(tmp_path: Path) -> None:
    summary = run_import(many(tmp_path, 9), chosen(tmp_path, "http://127.0.0.1:1", max_tries=2))

    assert summary.exit_code == 4
    assert set(counted(summary)) <= {"failed", "not_attempted"}
    assert "could not be sent" in summary.stopped


def test_abort_sends_nothing_when_a_row_is_invalid(
    tmp_path: Path, sandbox: str, leads: Path, contacts: Contacts
) -> None:
    summary = run_import(leads, chosen(tmp_path, sandbox, on_invalid="abort"))

    assert counted(summary) == {"duplicate": 1, "invalid": 3, "not_attempted": 2}
    assert (summary.exit_code, contacts("iclosed")) == (4, [])


def test_limit_takes_the_first_rows_only(tmp_path: Path, sandbox: str, leads: Path, contacts: Contacts) -> None:
    summary = run_import(leads, chosen(tmp_path, sandbox, limit=2))

    assert (counted(summary), summary.exit_code) == ({"created": 2}, 0)
    assert len(contacts("iclosed")) == 2


def run_command(file: Path, address: str, folder: Path, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "importer", "run", str(file), "--vendor", "iclosed", "--base-url", f"{address}/iclosed",
        "--rate", "10000/s", "--concurrency", "8", "--output", str(folder), "--quiet", "--json", *more,
    ]  # fmt: skip


def test_two_runs_at_once_over_one_file_send_each_row_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contacts: Contacts, sandbox: str
) -> None:
    monkeypatch.setenv("ICLOSED_API_KEY", "iclosed-k")
    file = many(tmp_path, 300)

    runs = [
        subprocess.Popen(run_command(file, sandbox, tmp_path / name), stdout=subprocess.PIPE) for name in ("a", "b")
    ]
    counts = [json.loads(run.communicate()[0])["counts"] for run in runs]

    assert sum(count["created"] for count in counts) == 300
    assert sum(count["already_done"] for count in counts) == 300
    assert len(contacts("iclosed")) == len({contact["email"] for contact in contacts("iclosed")}) == 300


def test_after_a_kill_nothing_is_sent_twice_and_at_most_concurrency_is_in_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ICLOSED_API_KEY", "iclosed-k")
    file = many(tmp_path, 400)
    with running(build_app(latency=0.02)) as address:
        killed = subprocess.Popen(run_command(file, address, tmp_path / "a"), stdout=subprocess.DEVNULL)
        made = f"{address}/_contacts/iclosed"
        while len(read_json(made)) < 40:
            time.sleep(0.05)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        time.sleep(0.1)
        again = subprocess.run(run_command(file, address, tmp_path / "b"), stdout=subprocess.PIPE, check=False)
        emails = [contact["email"] for contact in read_json(made)]

    counts = json.loads(again.stdout)["counts"]
    assert len(emails) == len(set(emails))
    assert 0 <= counts["uncertain"] <= 8
    assert counts["already_done"] + counts["created"] + counts["uncertain"] == 400
    done = {row["email"] for row in lines(tmp_path / "b" / "result.csv") if row["import_status"] != "uncertain"}
    assert done <= set(emails)
    assert again.returncode == (5 if counts["uncertain"] else 0)


def test_an_interrupt_lets_requests_finish_and_ends_with_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ICLOSED_API_KEY", "iclosed-k")
    with running(build_app(latency=0.02)) as address:
        command = run_command(many(tmp_path, 400), address, tmp_path / "a")
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        while len(read_json(f"{address}/_contacts/iclosed")) < 40:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        counts = json.loads(process.communicate()[0])["counts"]
        made = len(read_json(f"{address}/_contacts/iclosed"))

    assert process.returncode == 130
    assert (counts["created"], counts["uncertain"]) == (made, 0)
    assert counts["not_attempted"] == 400 - made


def read_json(url: str) -> Any:
    import urllib.request

    with urllib.request.urlopen(url) as answer:
        return json.load(answer)
