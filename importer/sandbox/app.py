"""The sandbox's routes: each vendor's operations under ``/<vendor>``, and what was received under ``/_contacts``."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from importer.sandbox.answers import Answer, Violation
from importer.sandbox.bodies import inner_object, read_body
from importer.sandbox.faults import App, Fault, Faults
from importer.sandbox.vendor_api import VendorApi
from schemas.contract import KeyPlace, Lookup, Operation, SecondStep, Vendor
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
        if step := operation.then:
            receive = _operation_endpoint(api, step.operation, latency, step)
            yield Route(_route_path(step.operation.path), receive, methods=[step.operation.method])


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


def _operation_endpoint(
    api: VendorApi, operation: Operation, latency: float, step: SecondStep | None = None
) -> Endpoint:
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
        return _respond(*_apply(api, operation, step, request, values))

    return receive


def _apply(
    api: VendorApi, operation: Operation, step: SecondStep | None, request: Request, values: dict[str, Any]
) -> Answer:
    """Keep what was sent; return the answer."""
    if step is not None:
        contact_id, sent = _read_step(step, request, values)
        followed = api.follow(step, contact_id, sent)
        if followed is None:
            return api.answers.refused([Violation(step.id.path, "there is no such contact")])
        return api.answers.accepted(operation, followed)
    if operation.repeatable and request.path_params:
        contact_id = list(request.path_params.values())[-1]
        contact = api.update(contact_id, values, whole=operation.method == "PUT")
    else:
        contact = api.create(values)
    return api.answers.accepted(operation, contact)


def _read_step(step: SecondStep, request: Request, values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the contact of a second step, and everything that was sent of it."""
    sent: dict[str, Any] = {**request.query_params, **request.path_params, **values}
    name = step.id.query_name or _parameter(step.id.path)
    found: Any = sent.get(name) if step.id.in_path else values
    for part in () if step.id.in_path else step.id.parts:
        found = found[0] if part == "[0]" and isinstance(found, list) else found.get(part)
    return str(found), sent


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
    return re.sub(r"\{([^}]*)\}", lambda found: "{" + _parameter(found[1]) + "}", path)


def _parameter(name: str) -> str:
    return re.sub(r"\W|^(?=\d)", "_", name)
