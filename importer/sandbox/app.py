"""The sandbox's routes: each vendor's operations under ``/<vendor>``, and what was received under ``/_contacts``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from importer.sandbox.faults import App, Fault, Faults
from importer.sandbox.vendor_api import VendorApi
from schemas.contract import Lookup, Operation, Vendor
from schemas.registry import load_vendor, vendor_names

Endpoint = Callable[[Request], Awaitable[Response]]


def build_app(
    vendors: list[Vendor] | None = None,
    *,
    latency: float = 0.0,
    faults: Sequence[Fault] = (),
    seed: int | None = None,
) -> App:
    """Return the ASGI application of some vendors, or of all that come with the importer.

    ``latency`` (seconds) is added to every answer to an operation; ``faults`` happen to its requests.
    """
    loaded = vendors or [load_vendor(name) for name in vendor_names()]
    apis = {vendor.name: VendorApi(vendor) for vendor in loaded}

    async def all_contacts(_: Request) -> Response:
        return JSONResponse({name: api.contacts() for name, api in apis.items()})

    async def one_vendors_contacts(request: Request) -> Response:
        api = apis.get(request.path_params["vendor"])
        return JSONResponse(api.contacts()) if api else Response(status_code=404)

    async def request_counts(_: Request) -> Response:
        return JSONResponse(dict(app.seen))

    routes = [
        Route("/_contacts", all_contacts),
        Route("/_contacts/{vendor}", one_vendors_contacts),
        Route("/_requests", request_counts),
        *(Mount(f"/{name}", routes=list(_routes(api, latency))) for name, api in apis.items()),
    ]
    app = Faults(Starlette(routes=routes), faults, seed)
    return app


def _routes(api: VendorApi, latency: float) -> Iterator[Route]:
    """Yield one vendor's operations, and the lookups that its document declares."""
    if deletion := api.vendor.delete_operation:
        yield Route(deletion.path, _deletion_endpoint(api, deletion, latency), methods=["DELETE"])
    for operation in api.vendor.operations.values():
        yield Route(operation.path, _operation_endpoint(api, operation, latency), methods=[operation.method])
        if operation.lookup:
            yield Route(operation.lookup.path, _lookup_endpoint(api, operation.lookup), methods=["GET"])


def _lookup_endpoint(api: VendorApi, lookup: Lookup) -> Endpoint:
    async def look_up(request: Request) -> Response:
        if not _has_key(api.vendor, request):
            return _respond(*api.answers.unauthorized())
        return JSONResponse(api.look_up(lookup, request.query_params))

    return look_up


def _deletion_endpoint(api: VendorApi, operation: Operation, latency: float) -> Endpoint:
    async def delete(request: Request) -> Response:
        if latency:
            await asyncio.sleep(latency)
        if not _has_key(api.vendor, request):
            return _respond(*api.answers.unauthorized())
        contact_id = next(iter(request.path_params.values()))
        return _respond(*api.answers.deleted(operation, is_known=api.delete(contact_id)))

    return delete


def _operation_endpoint(api: VendorApi, operation: Operation, latency: float) -> Endpoint:
    async def receive(request: Request) -> Response:
        if latency:
            await asyncio.sleep(latency)
        if not _has_key(api.vendor, request):
            return _respond(*api.answers.unauthorized())
        try:
            body = json.loads(await request.body())
        except ValueError:
            return _respond(400, {"message": "the body is not JSON"})
        except ClientDisconnect:  # it left before its request was complete, so nothing is applied
            return Response(status_code=400)
        violations = api.violations(operation, body)
        if violations:
            return _respond(*api.answers.refused(violations))
        contact_id = next(iter(request.path_params.values()), None)
        contact = api.create(body) if contact_id is None else api.update(contact_id, body)
        return _respond(*api.answers.accepted(operation, contact))

    return receive


def _respond(status: int, body: object) -> JSONResponse:
    return JSONResponse(body, status)


def _has_key(vendor: Vendor, request: Request) -> bool:
    security = vendor.security
    if security is None or not security.required:
        return True
    sent = request.headers.get(security.header, "")
    return bool(sent.removeprefix(security.scheme).strip()) and sent.startswith(security.scheme)
