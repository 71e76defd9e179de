"""The first page: upload a file, continue a draft, open a past run."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from importer.config.sample_files import sample_folder, samples
from importer.drafts.draft import Choices, Draft
from importer.errors import ImporterError
from importer.pipeline import make_template
from importer.reading import SUFFIXES, reject_unsupported
from importer.runs.history import list_runs
from importer.settings import Settings
from importer.web.background_tasks import check_key, import_key
from importer.web.endpoints import redirect
from importer.web.forms import FORM_EXPIRED, Form, is_csrf_token, parse_number
from importer.web.i18n import N_, PageError
from importer.web.rendering import describe_error, render
from importer.web.services import WebServices, get_services, list_import_kinds

MAX_UPLOAD_BYTES = 500_000_000
UPLOAD_SUFFIXES = ",".join((*SUFFIXES, ".gz"))  # for the file dialog of browsers
RUNS_PER_PAGE = 50
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_TYPE_BYTES = 4096  # from the start of a file, enough to recognise its type
_RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4,8}")


def show(request: Request) -> Response:
    """Show the upload form, the drafts that are no run yet, and the runs."""
    services = get_services(request)
    stored = list_runs(services.state_dir)
    start = parse_number(request.query_params.get("from", "")) or 0
    known = {entry.record.id for entry in stored}
    kinds, drafts = list_import_kinds(), services.drafts.every()
    return render(
        request,
        "home.html",
        kinds=kinds,
        drafts=[
            draft
            for draft in drafts
            if draft.run is None or (draft.run not in known and not services.has_run(draft.run))
        ],
        runs=stored[start : start + RUNS_PER_PAGE],
        titles={name: vendor.title for name, vendor, _ in kinds},
        start=start,
        total=len(stored),
        step=RUNS_PER_PAGE,
        max_bytes=MAX_UPLOAD_BYTES,
        suffixes=UPLOAD_SUFFIXES,
        chosen=_last_kind(drafts),
        first_kind=f"{kinds[0][0]}:{kinds[0][2]}",
        practice={draft.run for draft in drafts if draft.practice},
        running={run for run in known if services.is_running(run)},
        waiting={entry.record.id for entry in stored if services.unfinished.is_waiting(entry.record.id)},
    )


def _last_kind(drafts: list[Draft]) -> str:
    """Return the vendor and operation of the file that was uploaded last, which the next one is likely for."""
    return f"{drafts[0].vendor}:{drafts[0].operation}" if drafts else ""


def template(request: Request) -> Response:
    """Send an empty workbook with a column for each field of a vendor's operation."""
    vendor, operation = _read_kind(request.query_params.get("kind", ""))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{vendor}-{operation}.xlsx"
        make_template(Settings(vendor, operation), path)
        headers = {"content-disposition": f'attachment; filename="{path.name}"'}
        return Response(path.read_bytes(), media_type=WORKBOOK_TYPE, headers=headers)


def try_sample(request: Request, form: Form) -> Response:
    """Make a draft of the sample file of a vendor's operation."""
    services, (vendor, operation) = get_services(request), _read_kind(form.get("kind", ""))
    target = (vendor, operation)
    sample = next((entry for entry in samples() if (entry["vendor"], entry.get("operation", "create")) == target), None)
    if sample is None:
        raise PageError(N_("There is no sample file for this vendor."))
    draft = services.drafts.begin(sample["file"], vendor, operation)
    shutil.copyfile(sample_folder() / sample["file"], draft.file)
    draft.file.chmod(0o600)
    services.drafts.keep(replace(draft, choices=Choices(region=sample.get("region")), practice=True))
    return redirect(f"/files/{draft.id}/columns")


def _read_kind(text: str) -> tuple[str, str]:
    """Return the vendor and the operation that a form names. Raises PageError for one that does not exist."""
    vendor, _, operation = text.partition(":")
    if not any((name, known) == (vendor, operation) for name, _, known in list_import_kinds()):
        raise PageError(N_("Choose where the contacts go."))
    return vendor, operation


async def upload(request: Request) -> Response:
    """Store an uploaded file as a new draft.

    The body is the file itself, written to disk as it arrives; no form parser is needed. The query has its name, its
    vendor and operation, and the run whose corrected report it may be.
    """
    services, query = get_services(request), request.query_params
    announced = request.headers.get("content-length", "")
    if not is_csrf_token(request, request.headers.get("x-csrf-token", "")):
        return _json_error(request, PageError(FORM_EXPIRED), 403)
    try:
        vendor, operation = _read_kind(query.get("kind", ""))
    except PageError as error:
        return _json_error(request, error, 400)
    if announced.isdecimal() and int(announced) > MAX_UPLOAD_BYTES:
        return _json_error(request, _too_large(), 413)
    draft = await run_in_threadpool(services.drafts.begin, query.get("name", ""), vendor, operation)
    try:
        await store_body(request, draft.file)
    except (ClientDisconnect, OSError, ImporterError) as error:
        await run_in_threadpool(services.drafts.discard, draft)
        return upload_error(request, error)
    draft = await run_in_threadpool(_adopt_run, services, draft, query.get("after", ""))
    await run_in_threadpool(services.drafts.keep, draft)
    return JSONResponse({"location": f"/files/{draft.id}/columns"}, 201)


def upload_error(request: Request, error: Exception) -> Response:
    """Return the reason why a file was not stored; a browser that disconnected does not read it."""
    if isinstance(error, PageError):
        return _json_error(request, error, 413)
    if isinstance(error, ImporterError):
        return _json_error(request, error, 415)
    why = error.strerror if isinstance(error, OSError) else str(error)
    return _json_error(request, PageError(N_("The file could not be kept here: %(why)s."), why=why), 507)


async def store_body(request: Request, path: Path) -> None:
    """Write the request's body to a file. Raises PageError for too many bytes, FileError for no table."""
    size = 0
    with path.open("xb") as file:
        await run_in_threadpool(path.chmod, 0o600)
        async for piece in request.stream():
            size += len(piece)
            if size > MAX_UPLOAD_BYTES:
                raise _too_large()
            await run_in_threadpool(file.write, piece)
    with path.open("rb") as file:
        reject_unsupported(path.name, file.read(FILE_TYPE_BYTES))


def _adopt_run(services: WebServices, draft: Draft, run: str) -> Draft:
    """Give a corrected report the destination of its run, and the run's summary beside it.

    The run is the one in the file's name, or else ``run``, the one on whose page the file was uploaded.
    """
    records = {stored.record.id: stored.record for stored in list_runs(services.state_dir)}
    record = records.get(next((found for found in _RUN_ID.findall(draft.name) if found in records), run))
    if record is None:
        return draft
    with contextlib.suppress(OSError):
        shutil.copyfile(f"{record.output}/summary.json", draft.file.parent / "summary.json")
    original = services.drafts.of_run(record.id)
    practice = original is not None and original.practice
    return replace(draft, practice=practice, base_url=None if practice else record.target.rpartition("#")[0] or None)


def delete_draft(request: Request, _form: Form) -> Response:
    """Delete a draft that became no run."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    if draft.run is not None or services.tasks.get_running(import_key(draft.id)):
        raise PageError(N_("This file belongs to a run. Delete the run."))
    if not services.tasks.end(check_key(draft.id)):
        raise PageError(N_("The check of this file is still running. Try again in a moment."))
    services.drafts.remove(draft.id)
    return redirect("/")


def _too_large() -> PageError:
    text = N_("The file is larger than %(size)s MB; divide it, or use the command line.")
    return PageError(text, size=MAX_UPLOAD_BYTES // 1_000_000)


def _json_error(request: Request, error: ImporterError, status: int) -> Response:
    return JSONResponse({"error": describe_error(request, error).text}, status)
