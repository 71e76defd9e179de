"""The sandbox's routes: each vendor's operations under ``/<vendor>``, and what was received under ``/_contacts``."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from importer.sandbox.bodies import inner_object, read_body
from importer.sandbox.faults import App, Fault, Faults
from importer.sandbox.vendor_api import VendorApi
from schemas.contract import KeyPlace, Lookup, Operation, Vendor
from schemas.registry import load_all

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
    loaded = vendors or [vendor for _, vendor in load_all() if isinstance(vendor, Vendor)]
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
        yield Route(_route_path(deletion.path), _deletion_endpoint(api, deletion, latency), methods=["DELETE"])
    for operation in api.vendor.operations.values():
        yield Route(
            _route_path(operation.path), _operation_endpoint(api, operation, latency), methods=[operation.method]
        )
        if operation.lookup:
            look_up = _lookup_endpoint(api, operation.lookup, latency)
            yield Route(_route_path(operation.lookup.path), look_up, methods=["GET"])


def _lookup_endpoint(api: VendorApi, lookup: Lookup, latency: float) -> Endpoint:
    async def look_up(request: Request) -> Response:
        if latency:
            await asyncio.sleep(latency)
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
        contact_id = list(request.path_params.values())[-1]
        return _respond(*api.answers.deleted(operation, is_known=api.delete(contact_id)))

    return delete


def _operation_endpoint(api: VendorApi, operation: Operation, latency: float) -> Endpoint:
    async def receive(request: Request) -> Response:
        if latency:
            await asyncio.sleep(latency)
        if not _has_key(api.vendor, request):
            return _respond(*api.answers.unauthorized())
        try:
            body = read_body(operation, await request.body())
        except ValueError:
            return _respond(400, {"message": "the body cannot be read"})
        except ClientDisconnect:  # it left before its request was complete, so nothing is applied
            return Response(status_code=400)
        violations = api.violations(operation, body)
        if violations:
            return _respond(*api.answers.refused(violations))
        values = inner_object(operation, body)
        is_update = operation.repeatable and bool(request.path_params)
        if is_update:
            contact_id = list(request.path_params.values())[-1]
            contact = api.update(contact_id, values, whole=operation.method == "PUT")
        else:
            contact = api.create(values)
        return _respond(*api.answers.accepted(operation, contact))

    return receive


def _respond(status: int, body: object) -> JSONResponse:
    return JSONResponse(body, status)


def _has_key(vendor: Vendor, request: Request) -> bool:
    security = vendor.security
    if security is None or not security.required:
        return True
    return all(_holds_key(place, request) for place in security.keys)


def _holds_key(place: KeyPlace, request: Request) -> bool:
    if place.in_query:
        return bool(request.query_params.get(place.name))
    sent = request.headers.get(place.name, "")
    return bool(sent.removeprefix(place.scheme).strip()) and sent.startswith(place.scheme)


def _route_path(path: str) -> str:
    """Return a path in the form that routes take: parameters have names of letters, digits and underscores."""
    return re.sub(r"\{([^}]*)\}", lambda found: "{" + re.sub(r"\W|^(?=\d)", "_", found[1]) + "}", path)
