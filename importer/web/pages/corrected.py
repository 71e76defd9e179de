"""Upload of a corrected errors.xlsx on the page of the check: its changes become one edit of the file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from importer.drafts.draft import Draft, safe_name
from importer.errors import ImporterError
from importer.reading import as_source
from importer.web.check_tasks import load_review
from importer.web.forms import FORM_EXPIRED, is_csrf_token
from importer.web.i18n import N_, PageError
from importer.web.pages.home import store_body, upload_error
from importer.web.rendering import describe_error
from importer.web.services import WebServices, get_services


async def upload(request: Request) -> Response:
    """Take the corrected cells of a workbook into its file. The body is the workbook; the query has its name."""
    services, name = get_services(request), safe_name(request.query_params.get("name", ""))
    if not is_csrf_token(request, request.headers.get("x-csrf-token", "")):
        return JSONResponse({"error": describe_error(request, PageError(FORM_EXPIRED)).text}, 403)
    try:
        draft = await run_in_threadpool(services.get_draft, request.path_params["draft"])
        # Below the draft's folder, of which no message shows the path.
        with TemporaryDirectory(dir=draft.folder, prefix="upload") as folder:
            file = Path(folder) / name
            await store_body(request, file)
            number = await run_in_threadpool(_merge, services, draft, file)
    except (ClientDisconnect, OSError, ImporterError) as error:
        return upload_error(request, error)
    return JSONResponse({"location": f"/files/{draft.id}/check?done={number}"}, 201)


def _merge(services: WebServices, draft: Draft, file: Path) -> int:
    """Put the changed cells into the file, and return the number of that edit."""
    if draft.run is not None:
        raise PageError(N_("This file belongs to a run. Upload the corrected file on the page of its results."))
    texts = load_review(services, draft).corrected_cells(as_source(file))
    if not texts:
        raise PageError(N_("No cell of %(file)s differs from what was checked."), file=file.name)
    params = {"file": file.name}
    edited = services.drafts.edit(
        draft.id, lambda edits: edits.change_cells("upload", {**texts}, params), draft.revision
    )
    return edited.edits[-1].number
