"""Reads an OpenAPI 3.1 document into a contract, and names the place of anything that it cannot express."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from schemas.contract import Container, ContractError, Field, Operation, Pace, Security, Vendor
from schemas.durations import parse_rate
from schemas.json_pointer import escape_step
from schemas.openapi_extension import OPERATION_KEYS, only, read_answers, read_idempotency, read_lookup
from schemas.openapi_fields import FieldReader, Node, read_type
from schemas.openapi_references import resolve

METHODS = ("post", "patch", "put", "delete")
DEFAULT_RATE, DEFAULT_CONCURRENCY = "5/s", 4
VENDOR_KEYS = {"vendor", "pace", "placeholder", "published", "key_prefixes"}
SANDBOX = "x-sandbox"
MAX_DOCUMENT_BYTES, MAX_NODES = 5_000_000, 2_000_000


def read_vendor(path: Path) -> Vendor:
    """Read a document. Raises ContractError naming the file and the place in it."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_DOCUMENT_BYTES + 1)
    except OSError as error:
        raise ContractError(f"{path}: cannot be read: {error.strerror}") from error
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise ContractError(f"{path}: is larger than {MAX_DOCUMENT_BYTES // 1_000_000} MB; keep only what is sent")
    return _parse_vendor(path, raw)


@lru_cache(maxsize=16)
def _parse_vendor(path: Path, raw: bytes) -> Vendor:
    """Return the vendor that a document's bytes describe. Cached, because parsing takes longer than reading a file."""
    try:
        document = yaml.load(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
        _reject_alias_bomb(document)
    except (yaml.YAMLError, ValueError) as error:
        raise ContractError(f"{path}: is not YAML: {error}") from error
    except RecursionError as error:
        raise ContractError(f"{path}: is nested too deeply") from error
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.1"):
        raise ContractError(f"{path}: is not an OpenAPI 3.1 document (its first line says: openapi: 3.1.0)")
    try:
        return _read_vendor(document, path, _digest(document, raw))
    except ContractError as error:
        raise ContractError(f"{path}: {error}") from error
    except RecursionError as error:
        raise ContractError(f"{path}: a $ref leads back to itself; a body must have an end") from error
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ContractError(f"{path}: does not have the form of a contract: {error!r}") from error


def _reject_alias_bomb(document: Any) -> None:
    """Raise ValueError when aliases make the document far larger than its text, or endless."""
    sizes: dict[int, int] = {}

    def measure(node: Any) -> int:
        if not isinstance(node, dict | list):
            return 1
        if id(node) in sizes:
            if not sizes[id(node)]:
                raise ValueError("an alias leads back to itself")
            return sizes[id(node)]
        sizes[id(node)] = 0
        children = node.values() if isinstance(node, dict) else node
        sizes[id(node)] = size = 1 + sum(measure(child) for child in children)
        if size > MAX_NODES:
            raise ValueError("its aliases make it too large")
        return size

    measure(document)


def _digest(document: Mapping[str, Any], raw: bytes) -> str:
    """Return the SHA-256 of a document's bytes up to its last block, if that is ``x-sandbox``.

    A run can be resumed only under the contract that its rows were checked with. A change of the sandbox's answers
    changes no contract, so it must not keep anybody from resuming a run.
    """
    head, mark, _ = raw.partition(f"\n{SANDBOX}:".encode())
    is_last = mark and list(document)[-1] == SANDBOX
    return hashlib.sha256(head + b"\n" if is_last else raw).hexdigest()


def _read_vendor(document: dict[str, Any], path: Path, digest: str) -> Vendor:
    ours = only(document.get("x-importer", {}), VENDOR_KEYS, "#/x-importer")
    server = (document.get("servers") or [{}])[0].get("url")
    operations = _read_operations(document)
    deletions = [operation for operation in operations.values() if operation.method == "DELETE"]
    return Vendor(
        name=str(ours.get("vendor", path.stem)),
        title=document["info"]["title"],
        file=path,
        digest=digest,
        base_url=None if ours.get("placeholder") else server,
        published_url=ours.get("published"),
        security=_read_security(document, tuple(ours.get("key_prefixes", ()))),
        pace=_read_pace(ours.get("pace", {})),
        operations={name: known for name, known in operations.items() if known not in deletions},
        document=document,
        delete_operation=deletions[0] if deletions else None,
    )


def _read_pace(node: Node) -> Pace:
    try:
        return Pace(parse_rate(node.get("rate", DEFAULT_RATE)), int(node.get("concurrency", DEFAULT_CONCURRENCY)))
    except ValueError as error:
        raise ContractError(f"#/x-importer/pace: {error}") from error


def _read_security(document: Node, prefixes: tuple[str, ...]) -> Security | None:
    """Return the first scheme that the document asks for. An empty alternative makes the key optional."""
    alternatives = document.get("security") or []
    names = [name for alternative in alternatives for name in alternative]
    if not names:
        return None
    place = f"#/components/securitySchemes/{names[0]}"
    scheme = resolve(document, document["components"]["securitySchemes"][names[0]], place)
    required = all(alternatives)
    if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
        return Security(scheme["name"], "", required, prefixes)
    if scheme.get("type") == "http" and scheme.get("scheme", "").lower() == "bearer":
        return Security("Authorization", "Bearer", required, prefixes)
    raise ContractError(f"{place}: only an apiKey in a header or an http bearer scheme can be used")


def _read_operations(document: Node) -> dict[str, Operation]:
    """Return the operations that have an ``x-importer`` block, by name."""
    operations: dict[str, Operation] = {}
    for path, method, item in _operation_items(document):
        operation = _read_operation(document, path, method, item)
        if operation.name in operations:
            raise ContractError(f"#/paths: two operations are called {operation.name!r}")
        operations[operation.name] = operation
    if not operations:
        raise ContractError("#/paths: no operation has an x-importer block, so there is nothing to send a row to")
    return operations


def _answer_types(document: Node, responses: Node, place: str) -> Iterator[str]:
    """Yield the media types of the documented answers."""
    for status, response in responses.items():
        yield from map(str.lower, resolve(document, response, f"{place}/{status}").get("content", {}))


def _operation_items(document: Node) -> Iterator[tuple[str, str, Node]]:
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if "x-importer" in item.get(method, {}):
                yield path, method, item


def _read_operation(document: Node, path: str, method: str, item: Node) -> Operation:
    node = item[method]
    place = f"#/paths/{escape_step(path)}/{method}"
    ours = only(node["x-importer"], OPERATION_KEYS, f"{place}/x-importer")
    reader = FieldReader(document)
    parameters = [*item.get("parameters", ()), *node.get("parameters", ())]
    fields = [reader.read_parameter(entry, f"{place}/parameters/{index}") for index, entry in enumerate(parameters)]
    body, body_place = _read_body(document, node, place) if method != "delete" else ({"type": "object"}, place)
    entries = list(reader.read_object(body, body_place))
    if read_type(body, body_place) != "object":
        raise ContractError(f"{body_place}/type: a body is an object of fields")
    fields += [entry for entry in entries if isinstance(entry, Field)]
    operation = Operation(
        name=str(ours.get("operation", "create")),
        method=method.upper(),
        path=path,
        document=str(ours.get("document", node.get("summary", ""))),
        fields=tuple(fields),
        answers=replace(
            read_answers(ours, f"{place}/x-importer", has_id=method != "delete"),
            media_types=frozenset(_answer_types(document, node.get("responses", {}), f"{place}/responses")),
        ),
        repeatable=bool(ours.get("repeatable", method == "delete")),  # to delete twice is to delete once
        identity=tuple(tuple(group) for group in ours.get("identity", ())),
        at_least=int(body.get("minProperties", 0)),
        containers=tuple(_containers(entries)),
        body_schema=body,
        advise_any_of=tuple(ours.get("advise_any_of", ())),
        clear=ours.get("clear"),
        lookup=read_lookup(ours, f"{place}/x-importer"),
        idempotency=read_idempotency(ours, f"{place}/x-importer"),
        opt_in=bool(ours.get("opt_in", False)),
    )
    _check_operation(operation, place)
    return operation


def _read_body(document: Node, node: Node, place: str) -> tuple[dict[str, Any], str]:
    """Return the schema of an operation's JSON body, and its place."""
    content = resolve(document, node.get("requestBody", {}), f"{place}/requestBody").get("content", {})
    if "application/json" not in content:
        raise ContractError(f"{place}/requestBody: only an application/json body can be sent")
    body_place = f"{place}/requestBody/content/application~1json/schema"
    return resolve(document, content["application/json"]["schema"], body_place), body_place


def _containers(entries: list[Field | Container]) -> Iterator[Container]:
    """Yield the objects that must be there even when empty, required open objects among them."""
    for entry in entries:
        if isinstance(entry, Container):
            yield entry
        elif entry.open and (entry.required or entry.required_within):
            yield Container(entry.parts, entry.required_within)


def _check_operation(operation: Operation, place: str) -> None:
    """Raise ContractError unless all names that an operation uses are its fields."""
    in_path = set(re.findall(r"\{([^}]*)\}", operation.path))
    parameters = {known.path for known in operation.fields if known.in_path}
    if in_path != parameters:
        raise ContractError(f"{place}: the path names {sorted(in_path)}, its parameters are {sorted(parameters)}")
    paths = [known.path for known in operation.fields]
    if len(set(paths)) != len(paths):
        raise ContractError(f"{place}: two fields have the same path")
    in_lookup = [name for _, names in operation.lookup.query for name in names] if operation.lookup else []
    in_identity = [name for group in operation.identity for name in group]
    for name in (*in_identity, *operation.advise_any_of, *in_lookup):
        if operation.field(name) is None:
            raise ContractError(f"{place}/x-importer: names the field {name!r}, which the body does not have")
