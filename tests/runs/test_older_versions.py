"""A run that an older version of the program began, and was killed in, is resumed by this one.

``old_runs/*.zip`` are state folders that older versions left, with the vendor's document of then; ``build.py`` beside
them made them. A released format of journal and spool is added here and stays.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from importer.journal.sqlite import FILE_NAME
from importer.journal.sqlite_schema import VERSION
from importer.model.status import Status
from importer.pipeline import resume_run
from importer.sandbox.server import running
from importer.settings import Settings

OLD_RUNS = sorted((Path(__file__).parent / "old_runs").glob("*.zip"))
CONFIRMED = {2: "100", 3: "101", 5: "103", 6: "104"}
REFUSED, UNDER_WAY, NOT_ATTEMPTED = 4, (7, 8), (9, 10, 11)


@dataclass
class OldRun:
    """An unpacked state folder, and a vendor that remembers what it is sent."""

    folder: Path
    settings: Settings
    sent: list[str] = field(default_factory=list)


@contextmanager
def unpacked(packed: Path, folder: Path) -> Iterator[OldRun]:
    """Unpack an old run, with the paths and the address of this machine in place of those it was built with."""
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    sent: list[str] = []

    async def answer(request: Request) -> JSONResponse:
        sent.append((await request.json())["email"])
        return JSONResponse({"data": {"contact": {"id": 200 + len(sent)}}}, 201)

    app = Starlette(routes=[Route("/iclosed/v1/contacts", answer, methods=["POST"])])
    with running(app) as address:
        move(folder, f"{address}/iclosed")
        settings = Settings("iclosed", api_key="iclosed-k", state_dir=folder / "state")
        yield OldRun(folder, settings, sent)


def move(folder: Path, base_url: str) -> None:
    """Replace the paths of the plan and the journal, and the vendor's address in both."""
    (plan_file,) = folder.glob("state/runs/*/plan.json")
    plan = json.loads(plan_file.read_text())
    old_url = plan["settings"]["base_url"]
    plan["settings"]["base_url"] = base_url
    plan |= {"vendor": str(folder / "iclosed.yaml"), "output": str(folder / "out"), "file": str(folder / "leads.csv")}
    plan_file.write_text(json.dumps(plan))
    with closing(sqlite3.connect(folder / "state" / FILE_NAME)) as journal:
        journal.execute("UPDATE runs SET output = ?", (str(folder / "out"),))
        for table in ("runs", "deliveries"):
            journal.execute(f"UPDATE {table} SET target = replace(target, ?, ?)", (old_url, base_url))
        journal.commit()


@pytest.mark.parametrize("packed", OLD_RUNS, ids=lambda path: path.stem)
def test_a_killed_run_of_an_older_version_is_resumed_and_sends_each_row_once(tmp_path: Path, packed: Path) -> None:
    with unpacked(packed, tmp_path) as old:
        summary = resume_run(None, old.settings)
        again = resume_run(summary.run, old.settings)

    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as report:
        rows = {int(row["import_row"]): row for row in csv.DictReader(report)}
    assert sorted(old.sent) == [f"user{row - 2}@example.com" for row in NOT_ATTEMPTED]
    assert {status: count for status, count in summary.counts.items() if count} == {
        Status.CREATED: 7, Status.REJECTED: 1, Status.UNCERTAIN: 2, Status.DUPLICATE: 1, Status.INVALID: 1,
    }  # fmt: skip
    assert again.counts == summary.counts
    assert {row: rows[row]["import_id"] for row in CONFIRMED} == CONFIRMED
    assert [rows[row]["import_status"] for row in UNDER_WAY] == ["uncertain", "uncertain"]
    problems = (tmp_path / "out" / "errors.csv").read_text(encoding="utf-8-sig")
    assert f"{REFUSED},email,email,user2@example.com,error,http_422,is not wanted" in problems


@pytest.mark.parametrize("packed", OLD_RUNS, ids=lambda path: path.stem)
def test_the_journal_of_an_older_version_is_brought_up_to_date(tmp_path: Path, packed: Path) -> None:
    with unpacked(packed, tmp_path) as old:
        with closing(sqlite3.connect(tmp_path / "state" / FILE_NAME)) as journal:
            (before,) = journal.execute("PRAGMA user_version").fetchone()
        resume_run(None, old.settings)
        with closing(sqlite3.connect(tmp_path / "state" / FILE_NAME)) as journal:
            (after,) = journal.execute("PRAGMA user_version").fetchone()

    assert before == int(packed.stem.removeprefix("journal_version_"))
    assert after == VERSION
