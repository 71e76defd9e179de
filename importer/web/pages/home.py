"""The first page: a file to begin with, files on their way, past runs."""

from __future__ import annotations

import contextlib
import re
import shutil
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from importer.drafts.draft import Draft
from importer.errors import ImporterError
from importer.reading import SUFFIXES, reject_unsupported
from importer.runs.history import list_runs
from importer.web.endpoints import TOO_OLD, Form, has_token, number_of, page, said, services_of, to
from importer.web.i18n import N_, PageError
from importer.web.services import WebServices, kinds_of_import

LARGEST_UPLOAD = 500_000_000
"""Bytes."""
ENDINGS = ",".join((*SUFFIXES, ".gz"))
"""What a file's name may end in, as browsers are told."""
RUNS_SHOWN = 50
_RUN = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
FIRST_BYTES = 4096


def home(request: Request) -> Response:
    """What can be begun, and what is there."""
    desk = services_of(request)
    kept = list_runs(desk.state_dir)
    start = number_of(request.query_params.get("from", "")) or 0
    known = {entry.record.id for entry in kept}
    return page(
        request,
        "home.html",
        kinds=kinds_of_import(),
        drafts=[draft for draft in desk.drafts.every() if draft.run not in known and not _is_at_work(desk, draft)],
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
    desk, query = services_of(request), request.query_params
    vendor, _, operation = query.get("kind", "").partition(":")
    announced = request.headers.get("content-length", "")
    if not has_token(request, request.headers.get("x-csrf-token", "")):
        return _refused(request, PageError(TOO_OLD), 403)
    if not any((name, known) == (vendor, operation) for name, _, known in kinds_of_import()):
        return _refused(request, PageError(N_("Choose where the contacts go.")), 400)
    if announced.isdecimal() and int(announced) > LARGEST_UPLOAD:
        return _refused(request, _too_large(), 413)
    draft = await run_in_threadpool(desk.drafts.begin, query.get("name", ""), vendor, operation)
    try:
        await _take(request, draft)
    except (ClientDisconnect, OSError, ImporterError) as error:
        await run_in_threadpool(desk.drafts.discard, draft)
        return _unkept(request, error)
    draft = await run_in_threadpool(_after, desk, draft, query.get("after", ""))
    await run_in_threadpool(desk.drafts.keep, draft)
    return JSONResponse({"location": f"/files/{draft.id}/columns"}, 201)


def _unkept(request: Request, error: Exception) -> Response:
    """Why a file was not kept; nobody reads it where the browser has gone."""
    if isinstance(error, PageError):
        return _refused(request, error, 413)
    if isinstance(error, ImporterError):
        return _refused(request, error, 415)
    why = error.strerror if isinstance(error, OSError) else str(error)
    return _refused(request, PageError(N_("The file could not be kept here: %(why)s."), why=why), 507)


async def _take(request: Request, draft: Draft) -> None:
    """Write what comes to disk. Raises PageError when it is too much, FileError when it is no table."""
    size = 0
    with draft.file.open("xb") as file:
        draft.file.chmod(0o600)
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST_UPLOAD:
                raise _too_large()
            await run_in_threadpool(file.write, piece)
    with draft.file.open("rb") as file:
        reject_unsupported(draft.file.name, file.read(FIRST_BYTES))


def _after(desk: WebServices, draft: Draft, run: str) -> Draft:
    """The draft of a report that comes back: it goes where its run went, and has that run's summary beside it.

    A report's name says its run; one that was named anew is of the run where it was uploaded.
    """
    known = {kept.record.id: kept.record for kept in list_runs(desk.state_dir)}
    record = known.get(next((found for found in _RUN.findall(draft.name) if found in known), run))
    if record is None:
        return draft
    with contextlib.suppress(OSError):
        shutil.copyfile(f"{record.output}/summary.json", draft.file.parent / "summary.json")
    before = desk.drafts.of_run(record.id)
    practice = before is not None and before.practice
    return replace(draft, practice=practice, base_url=None if practice else record.target.rpartition("#")[0] or None)


def _is_at_work(desk: WebServices, draft: Draft) -> bool:
    return draft.run is not None and desk.has_run(draft.run)


def remove_draft(request: Request, _form: Form) -> Response:
    """Delete a file that became no run."""
    desk = services_of(request)
    draft = desk.draft(request.path_params["draft"])
    under_way = desk.works.get(f"import:{draft.id}")
    if draft.run is not None or (under_way is not None and not under_way.is_over):
        raise PageError(N_("This file belongs to a run. Delete the run."))
    if not desk.works.end(f"check:{draft.id}"):
        raise PageError(N_("The check of this file is still at work. Try again in a moment."))
    desk.drafts.remove(draft.id)
    return to("/")


def _too_large() -> PageError:
    text = N_("The file is larger than %(size)s MB; divide it, or use the command line.")
    return PageError(text, size=LARGEST_UPLOAD // 1_000_000)


def _refused(request: Request, error: ImporterError, status: int) -> Response:
    return JSONResponse({"error": said(request, error).text}, status)
