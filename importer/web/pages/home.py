"""The first page: a file to begin with, files on their way, past runs."""

from __future__ import annotations

import shutil
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from importer.drafts import Draft
from importer.errors import FileError, SettingsError
from importer.reading import TEXT_SUFFIXES, WORKBOOK_SUFFIXES, refuse_strangers
from importer.runs import list_runs
from importer.web.answers import Form, desk_of, has_token, page, plain, to
from importer.web.desk import Desk, kinds_of_import

LARGEST_UPLOAD = 500_000_000
"""Bytes."""
ENDINGS = ",".join((*TEXT_SUFFIXES, ".gz", *WORKBOOK_SUFFIXES))
"""What a file's name may end in, as browsers are told."""
RUNS_SHOWN = 50
FIRST_BYTES = 4096


def home(request: Request) -> Response:
    """What can be begun, and what is there."""
    desk = desk_of(request)
    kept = list_runs(desk.state_dir)
    start = int(request.query_params.get("from", "0")) if request.query_params.get("from", "0").isdecimal() else 0
    return page(
        request,
        "home.html",
        kinds=kinds_of_import(),
        drafts=[draft for draft in desk.drafts.every() if draft.run is None],
        runs=kept[start : start + RUNS_SHOWN],
        titles={name: vendor.title for name, vendor, _ in kinds_of_import()},
        start=start,
        total=len(kept),
        step=RUNS_SHOWN,
        largest=LARGEST_UPLOAD,
        endings=ENDINGS,
    )


async def upload(request: Request) -> Response:
    """Take a file in, piece by piece. The body is the file; the query says its name and what it is for."""
    if not has_token(request, request.headers.get("x-csrf-token", "")):
        return _refused("This form is too old. Go back, reload the page, and try again.", 403)
    desk, query = desk_of(request), request.query_params
    vendor, _, operation = query.get("kind", "").partition(":")
    if not any((name, known) == (vendor, operation) for name, _, known in kinds_of_import()):
        return _refused("Choose where the contacts go.", 400)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > LARGEST_UPLOAD:
        return _too_large()
    draft = await run_in_threadpool(desk.drafts.begin, query.get("name", ""), vendor, operation)
    try:
        complaint = await _take(request, draft)
    except (ClientDisconnect, OSError) as error:
        await run_in_threadpool(desk.drafts.remove, draft.id)
        if isinstance(error, ClientDisconnect):
            raise
        return _refused(f"The file could not be kept here: {error.strerror}.", 507)
    if complaint is not None:
        await run_in_threadpool(desk.drafts.remove, draft.id)
        return complaint
    await run_in_threadpool(_beside, desk, draft, query.get("after", ""))
    return JSONResponse({"location": f"/files/{draft.id}/columns"}, 201)


async def _take(request: Request, draft: Draft) -> Response | None:
    """Write what comes to disk; an answer if it is not to be kept."""
    size = 0
    with draft.file.open("xb") as file:
        draft.file.chmod(0o600)
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST_UPLOAD:
                return _too_large()
            await run_in_threadpool(file.write, piece)
    try:
        with draft.file.open("rb") as file:
            refuse_strangers(draft.file, file.read(FIRST_BYTES))
    except FileError as error:
        return _refused(plain(error), 415)
    return None


def _beside(desk: Desk, draft: Draft, run: str) -> None:
    """Lay the summary of the run that a report is of beside it, as it lies beside the report itself."""
    if not run:
        return
    try:
        record = next(kept.record for kept in list_runs(desk.state_dir) if kept.record.id == run)
        shutil.copyfile(f"{record.output}/summary.json", draft.file.parent / "summary.json")
    except (StopIteration, OSError):
        return


def remove_draft(request: Request, _form: Form) -> Response:
    """Delete a file that became no run."""
    desk = desk_of(request)
    draft = desk.drafts.get(request.path_params["draft"])
    if draft.run is not None:
        raise SettingsError("this file belongs to a run; delete the run")
    desk.works.end(f"check:{draft.id}")
    desk.drafts.remove(draft.id)
    return to("/")


def _too_large() -> Response:
    return _refused(
        f"The file is larger than {LARGEST_UPLOAD // 1_000_000} MB; divide it, or use the command line.", 413
    )


def _refused(words: str, status: int) -> Response:
    content: dict[str, Any] = {"error": words}
    return JSONResponse(content, status)
