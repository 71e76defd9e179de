"""The sandbox's routes: each vendor's operations under ``/<vendor>``, and ``/_contacts`` to look at what they hold."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from importer.sandbox.faults import App, Fault, Faults
from importer.sandbox.vendor_api import Contacts, answer_to, answer_to_lookup, refusal, unauthorized
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
    """The application; ``latency`` (seconds) is added to every answer of a vendor, ``faults`` befall its requests."""
    loaded = vendors or [load_vendor(name) for name in vendor_names()]
    kept = {vendor.name: Contacts(vendor) for vendor in loaded}

    async def look(_: Request) -> Response:
        return JSONResponse({name: contacts.listed() for name, contacts in kept.items()})

    async def look_one(request: Request) -> Response:
        contacts = kept.get(request.path_params["vendor"])
        return JSONResponse(contacts.listed()) if contacts else Response(status_code=404)

    mounts = [Mount(f"/{vendor.name}", routes=list(_routes(kept[vendor.name], latency))) for vendor in loaded]

    async def count(_: Request) -> Response:
        return JSONResponse(dict(faulty.seen))

    routes = [
        Route("/_contacts", look),
        Route("/_contacts/{vendor}", look_one),
        Route("/_requests", count),
        *mounts,
    ]
    faulty = Faults(Starlette(routes=routes), faults, seed)
    return faulty


def _routes(contacts: Contacts, latency: float) -> Iterator[Route]:
    """One vendor's operations, and the look-ups that its document declares."""
    for operation in contacts.vendor.operations.values():
        yield Route(operation.path, _endpoint(contacts, operation, latency), methods=[operation.method])
        if operation.lookup:
            yield Route(operation.lookup.path, _look(contacts, operation.lookup), methods=["GET"])


def _look(contacts: Contacts, lookup: Lookup) -> Endpoint:
    async def look(request: Request) -> Response:
        if not _has_key(contacts.vendor, request):
            status, answer = unauthorized(contacts.vendor)
            return JSONResponse(answer, status)
        return JSONResponse(answer_to_lookup(contacts, lookup, request.query_params))

    return look


def _endpoint(contacts: Contacts, operation: Operation, latency: float) -> Endpoint:
    vendor = contacts.vendor

    async def take(request: Request) -> Response:
        if latency:
            await asyncio.sleep(latency)
        if not _has_key(vendor, request):
            status, answer = unauthorized(vendor)
            return JSONResponse(answer, status)
        try:
            body = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"message": "the body is not JSON"}, 400)
        except ClientDisconnect:  # it went away before its request was whole: nothing is applied
            return Response(status_code=400)
        errors = contacts.errors(operation, body)
        if errors:
            status, answer = refusal(vendor, errors)
            return JSONResponse(answer, status)
        if request.path_params:
            contact = contacts.update(request.path_params["id"], body)
            return JSONResponse(answer_to(vendor, operation, contact)[1], 200)
        status, answer = answer_to(vendor, operation, contacts.create(body))
        return JSONResponse(answer, status)

    return take


def _has_key(vendor: Vendor, request: Request) -> bool:
    security = vendor.security
    if security is None or not security.required:
        return True
    sent = request.headers.get(security.header, "")
    return bool(sent.removeprefix(security.scheme).strip()) and sent.startswith(security.scheme)
