"""A vendor's notice on a contact that it accepted is in the reports, however often they are written again."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from importer import resolve_run, resume_run, run_import
from importer.model.status import Status
from importer.runs.resolve import ManualVerdict, ResolveOptions
from importer.sandbox.server import running
from importer.settings import Settings

WITH_NOTICE = ({"id": "1", "attributeErrors": ["plan"]}, 201)
NOTICE = "GoMobile did not take all custom attributes"
PEOPLE = "primaryPhone,firstName\n+212612345671,Ana\n+212612345672,Bo\n"


@contextmanager
def gomobile(tmp_path: Path, answers: Sequence[tuple[dict[str, Any], int]]) -> Iterator[tuple[Path, Settings]]:
    """A vendor that gives these answers, then confirms everything."""
    left = list(answers)

    async def answer(_: Request) -> JSONResponse:
        body, status = left.pop(0) if left else ({"id": "9"}, 201)
        return JSONResponse(body, status)

    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    with running(Starlette(routes=[Route("/gomobile/api/contact", answer, methods=["POST"])])) as address:
        where = f"{address}/gomobile"
        yield file, Settings("gomobile", base_url=where, api_key="k", output=tmp_path / "out", concurrency=1)


def notices(tmp_path: Path) -> list[tuple[str, str]]:
    with (tmp_path / "out" / "errors.csv").open(encoding="utf-8-sig", newline="") as report:
        return [(line["row"], line["code"]) for line in csv.DictReader(report) if NOTICE in line["message"]]


def test_notices_survive_a_resume(tmp_path: Path) -> None:
    with gomobile(tmp_path, [WITH_NOTICE, ({"message": "key?"}, 401)]) as (file, settings):
        stopped = run_import(file, settings)
        first = notices(tmp_path)
        resumed = resume_run(stopped.run, settings)

    assert (stopped.counts[Status.NOT_ATTEMPTED], resumed.counts[Status.CREATED]) == (1, 2)
    assert first == notices(tmp_path) == [("2", "notice")]


def test_notices_survive_resolving_another_row(tmp_path: Path) -> None:
    with gomobile(tmp_path, [WITH_NOTICE, ({"message": "oh"}, 500)]) as (file, settings):
        uncertain = run_import(file, settings)
        first = notices(tmp_path)
        options = ResolveOptions((ManualVerdict(3, "created", "7"),))
        resolved = resolve_run(uncertain.run, settings, options)

    assert (uncertain.counts[Status.UNCERTAIN], resolved.counts[Status.CREATED]) == (1, 2)
    assert first == notices(tmp_path) == [("2", "notice")]


def test_another_import_of_the_same_file_does_not_repeat_them(tmp_path: Path) -> None:
    with gomobile(tmp_path, [WITH_NOTICE]) as (file, settings):
        run_import(file, settings)
        again = run_import(file, settings)

    assert again.counts[Status.ALREADY_DONE] == 2
    assert notices(tmp_path) == []
