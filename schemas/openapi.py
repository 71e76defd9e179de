"""Reads an OpenAPI document of any version into a contract, and names the place of anything that it cannot express."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from schemas.contract import Constant, Container, ContractError, Field, LeftOut, Operation, Pace, SecondStep, Vendor
from schemas.documents import read_bytes, read_with_files
from schemas.durations import parse_rate
from schemas.json_pointer import escape_step
from schemas.openapi_body import read_body_parts, read_parameters, strip_envelope
from schemas.openapi_extension import (
    OPERATION_KEYS,
    VENDOR_KEYS,
    check_keys,
    read_answers,
    read_idempotency,
    read_lookup,
)
from schemas.openapi_fields import FieldReader, Node, Part
from schemas.openapi_references import resolve
from schemas.openapi_responses import check_id_pointer
from schemas.openapi_schemas import ANY_OF_REQUIRED, PLACE
from schemas.openapi_security import read_security
from schemas.openapi_versions import FORM, JSON, upgrade
from schemas.overlay import apply_overlay, is_overlay
from schemas.roles import ROLES, role_of_name, split_words

METHODS = ("post", "patch", "put", "delete")
DEFAULT_RATE, DEFAULT_CONCURRENCY = "5/s", 4
SANDBOX = "x-sandbox"
FORMS_OF_ADDRESS = {"suffix", "name suffix", "salutation", "job title", "occupation"}


def read_vendor(path: Path) -> Vendor:
    """Read a document. Raises ContractError naming the file and the place in it."""
    raw = read_bytes(path)
    extended = raw if b"extends" not in raw else raw + _extended_bytes(path, raw)
    return _parse_vendor(path, raw, hashlib.sha256(extended).digest())


def _extended_bytes(path: Path, raw: bytes) -> bytes:
    """Return the bytes of the document that an overlay extends; none where it cannot be read, or for no overlay."""
    found = re.search(rb"^extends:\s*[\"']?([^\"'\s#]+)", raw, re.MULTILINE)
    try:
        return (path.parent / found[1].decode()).read_bytes() if found else b""
    except (OSError, ValueError):
        return b""


@lru_cache(maxsize=32)
def _parse_vendor(path: Path, raw: bytes, _: bytes) -> Vendor:
    """Return the vendor that a document's bytes describe. Cached, because parsing takes longer than reading a file."""
    document = read_with_files(path, raw)
    try:
        if is_overlay(document):
            document, extended = apply_overlay(document, path)
            return _read_vendor(upgrade(document), path, hashlib.sha256(_without_sandbox(raw) + extended).hexdigest())
        return _read_vendor(upgrade(document), path, _digest(document, raw))
    except ContractError as error:
        raise ContractError(f"{path}: {error}") from error
    except RecursionError as error:
        raise ContractError(f"{path}: is nested too deeply, or a $ref leads back to itself") from error
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ContractError(f"{path}: is not laid out as OpenAPI asks: {error!r}") from error


def _without_sandbox(raw: bytes) -> bytes:
    return raw.partition(f"\n{SANDBOX}:".encode())[0]


def _digest(document: Mapping[str, Any], raw: bytes) -> str:
    """Return the SHA-256 of a document's bytes up to its last block, if that is ``x-sandbox``.

    A run can be resumed only under the contract that its rows were checked with. A change of the sandbox's answers
    changes no contract, so it must not keep anybody from resuming a run.
    """
    head, mark, _ = raw.partition(f"\n{SANDBOX}:".encode())
    is_last = mark and list(document)[-1] == SANDBOX
    return hashlib.sha256(head + b"\n" if is_last else raw).hexdigest()


def _read_vendor(document: dict[str, Any], path: Path, digest: str) -> Vendor:
    ours = check_keys(document.get("x-importer", {}), VENDOR_KEYS, "#/x-importer")
    operations = _read_operations(document)
    deletions = [operation for operation in operations.values() if operation.method == "DELETE"]
    first = next(iter(operations.values()))
    item = document["paths"][first.path]
    servers = item[first.method.lower()].get("servers") or item.get("servers") or document.get("servers") or [{}]
    base_url, published = _read_server(servers[0])
    return Vendor(
        name=str(ours.get("vendor", path.stem)),
        title=str(document.get("info", {}).get("title", path.stem)),
        file=path,
        digest=digest,
        base_url=None if ours.get("placeholder") else base_url,
        published_url=ours.get("published", published),
        security=read_security(document, item[first.method.lower()], tuple(ours.get("key_prefixes", ()))),
        pace=_read_pace(ours.get("pace", {})),
        operations={name: known for name, known in operations.items() if known not in deletions},
        document=document,
        delete_operation=deletions[0] if deletions else None,
    )


def _read_server(server: Node) -> tuple[str | None, str | None]:
    """Return a server's address, or its form where a part of it is the user's own: a variable without a choice."""
    url = server.get("url")
    for name, variable in server.get("variables", {}).items():
        if variable.get("enum"):
            url = str(url).replace("{" + name + "}", str(variable.get("default", variable["enum"][0])))
    if url is None or ("{" not in url and url.startswith(("https://", "http://"))):
        return (url.rstrip("/") if url else url), None
    return None, url


def _read_pace(node: Node) -> Pace:
    try:
        return Pace(parse_rate(node.get("rate", DEFAULT_RATE)), int(node.get("concurrency", DEFAULT_CONCURRENCY)))
    except ValueError as error:
        raise ContractError(f"#/x-importer/pace: {error}") from error


def _read_operations(document: Node) -> dict[str, Operation]:
    """Return the operations that have an ``x-importer`` block, by name."""
    operations: dict[str, Operation] = {}
    steps: dict[str, tuple[str, dict[str, str]]] = {}  # by first operation: the place of the block, and the block
    for path, method in _operation_items(document):
        operation = read_operation(document, path, method)
        if operation.name in operations:
            raise ContractError(f"#/paths: two operations are called {operation.name!r}")
        operations[operation.name] = operation
        if step := document["paths"][path][method]["x-importer"].get("then"):
            steps[operation.name] = f"#/paths/{escape_step(path)}/{method}/x-importer/then", step
    if not operations:
        raise ContractError("#/paths: no operation has an x-importer block, so there is nothing to send a row to")
    joined = {name: _with_second_step(operations, name, *step) for name, step in steps.items()}
    seconds = {step["operation"] for _, step in steps.values()}
    return {name: joined.get(name, known) for name, known in operations.items() if name not in seconds}


def _with_second_step(
    operations: Mapping[str, Operation], name: str, place: str, block: Mapping[str, str]
) -> Operation:
    """Return an operation with the fields of its second step. Raises ContractError naming the place."""
    first, second = operations[name], operations.get(block["operation"])
    if second is None or second is first or second.method == "DELETE":
        known = ", ".join(other for other in operations if other != name) or "none"
        raise ContractError(
            f"{place}/operation: {block['operation']!r} is no other operation of this document: {known}"
        )
    if not first.answers.id:
        raise ContractError(f"{place}: a second step needs the contact's id, and no answer has one (id: false)")
    id_field = second.field(block["id"])
    if id_field is None:
        known = ", ".join(field.path for field in second.fields)
        raise ContractError(f"{place}/id: {second.name} has no field {block['id']!r}; it has {known}")
    if any(field.parts[0] == second.name or field.path == second.name for field in first.fields):
        raise ContractError(
            f"{place}/operation: a field of {name} is called {second.name!r}, too; rename the operation"
        )
    others = [field for field in second.fields if field is not id_field and not field.open]
    taken = {known.casefold() for field in first.fields for known in (field.path, field.parts[-1], *field.aliases)}
    return replace(
        first,
        fields=(*first.fields, *(_as_step_field(field, second.name, taken) for field in others)),
        then=SecondStep(second, id_field, needs_no_cell=not any(field.required for field in others)),
    )


def _as_step_field(field: Field, step: str, taken: set[str]) -> Field:
    """Return a field of a second step as a member of an optional object: required as soon as another one is there.

    A name that the first step takes is not its own, and neither is one such as ``id`` alone: a file's column of that
    name is the contact's.
    """
    own = () if field.is_guessed else tuple(name for name in field.aliases if name != field.parts[-1])
    names = (*own, *([field.path] if field.path.casefold() == step.casefold() else []))
    within = f"{step}.{field.required_within}" if field.required_within else step
    return replace(
        field,
        path=f"{step}.{field.path}",
        step=step,
        aliases=tuple(name for name in names if name.casefold() not in taken),
        role="" if field.is_guessed else field.role,
        required=False,
        required_within=within if field.required or field.required_within else None,
    )


def _answer_types(document: Node, responses: Node, place: str) -> Iterator[str]:
    """Yield the media types of the documented answers."""
    for status, response in responses.items():
        with contextlib.suppress(ContractError):  # an answer in another file
            yield from map(str.lower, resolve(document, response, f"{place}/{status}").get("content", {}))


def _operation_items(document: Node) -> Iterator[tuple[str, str]]:
    for path, item in document.get("paths", {}).items():
        for method in METHODS if isinstance(item, dict) else ():
            if "x-importer" in (item.get(method) or {}):
                yield path, method


def read_operation(document: Node, path: str, method: str) -> Operation:
    """Return an operation with its fields. Raises ContractError naming the place of what cannot be used."""
    item = document["paths"][path]
    node = item[method]
    place = f"#/paths/{escape_step(path)}/{method}"
    ours = check_keys(node["x-importer"], OPERATION_KEYS, f"{place}/x-importer")
    reader = FieldReader(document)
    given = {str(name): str(value) for name, value in ours.get("constants", {}).items()}
    parameters = read_parameters(
        document, reader, [*item.get("parameters", ()), *node.get("parameters", ())], given, place
    )
    if method == "delete":
        body, body_place, media_type = {"type": "object"}, place, JSON
    else:
        body, body_place, media_type = _read_body(document, reader, node, place)
    root, entries = read_body_parts(reader, body, body_place)
    envelope, entries = strip_envelope(entries)
    fields = _name_apart(parameters.fields, [entry for entry in entries if isinstance(entry, Field)])
    answers = read_answers(ours, f"{place}/x-importer", has_id=method != "delete")
    operation = Operation(
        name=str(ours.get("operation", "create")),
        method=method.upper(),
        path=path,
        document=str(ours.get("document", node.get("summary", ""))),
        fields=fields,
        answers=replace(
            answers,
            media_types=frozenset(_answer_types(document, node.get("responses", {}), f"{place}/responses")),
        ),
        repeatable=ours.get("repeatable", method == "delete"),  # to delete twice is to delete once
        identity=tuple(tuple(group) for group in ours.get("identity", ())),
        at_least=int(body.get("minProperties", 1 if ANY_OF_REQUIRED in body else 0)),
        containers=tuple(replace(entry, parts=(*root, *entry.parts)) for entry in _containers(entries, envelope)),
        body_schema=body,
        advise_any_of=tuple(ours.get("advise_any_of", ())),
        clear=ours.get("clear"),
        lookup=read_lookup(ours, f"{place}/x-importer"),
        idempotency=read_idempotency(ours, f"{place}/x-importer"),
        opt_in=ours.get("opt_in", False),
        constants=tuple(
            replace(entry, parts=(*root, *entry.parts)) for entry in entries if isinstance(entry, Constant)
        ),
        left_out=(*parameters.left_out, *(entry for entry in entries if isinstance(entry, LeftOut))),
        envelope=(*root, *envelope),
        headers=parameters.headers,
        query=parameters.query,
        media_type=media_type,
    )
    _check_operation(operation, place)
    if answers.id:
        check_id_pointer(document, node, answers.id, place)
    return operation


def _name_apart(parameters: tuple[Field, ...], fields: list[Field]) -> tuple[Field, ...]:
    """Return all fields. The own name of the last step is another name of a nested field, where no other has it.

    A name of a role that another field plays is not: ``emergencyContacts[0].email`` is not the contact's address.
    """
    taken = Counter(field.parts[-1] for field in (*parameters, *fields))
    fields = [_as_form_of_address(field, fields) for field in fields]
    played = {field.role for field in fields if field.role}
    named = [
        replace(field, aliases=(*field.aliases, field.parts[-1]))
        if len(field.parts) > 1
        and field.is_guessed | (not field.aliases)
        and taken[field.parts[-1]] == 1
        and (field.role or role_of_name(split_words(field.parts[-1])) not in played)
        else field
        for field in fields
    ]
    # Only the first field of a role is found by the role's names; the others keep their own.
    roles: set[str] = set()
    for index, field in sorted(enumerate(named), key=lambda entry: (len(entry[1].parts), entry[0])):
        if field.is_guessed and field.role in roles:
            own = tuple(name for name in field.aliases if name not in ROLES[field.role].aliases)
            named[index] = replace(field, aliases=own)
        roles.add(field.role)
    # A whole name is put together from its parts, where the file has those and the vendor cannot do without.
    has_parts = bool(roles & {"first_name", "last_name"})
    parts = ((*ROLES["first_name"].aliases,), (*ROLES["last_name"].aliases,))
    wholes = sorted((len(field.parts), index) for index, field in enumerate(named) if field.role == "full_name")
    for _, index in wholes[:1]:
        if named[index].is_guessed and (named[index].required or not has_parts):
            named[index] = replace(named[index], parts_known_as=parts)
    return (*parameters, *named)


def _as_form_of_address(field: Field, fields: Sequence[Field]) -> Field:
    """Return a ``title`` beside a suffix or a salutation as what it is there: Dr or Ms, and no job."""
    if not field.is_guessed or split_words(field.parts[-1]) != "title":
        return field
    beside = {split_words(other.parts[-1]) for other in fields if other.parts[:-1] == field.parts[:-1]}
    return field if not beside & FORMS_OF_ADDRESS else replace(field, role="", is_guessed=False, aliases=())


def _read_body(document: Node, reader: FieldReader, node: Node, place: str) -> tuple[dict[str, Any], str, str]:
    """Return the schema of an operation's body, its place, and its media type: JSON before a form."""
    content = resolve(document, node.get("requestBody", {}), f"{place}/requestBody").get("content", {})
    kinds = {str(name).partition(";")[0].strip().lower(): str(name) for name in content}
    is_json = [kind for kind in kinds if kind == JSON or kind.endswith("+json") or kind in ("*/*", "text/json")]
    chosen = next(iter(sorted(is_json, key=lambda kind: kind != JSON)), FORM if FORM in kinds else None)
    if chosen is None:
        sent = ", ".join(kinds) or "nothing"
        raise ContractError(f"{place}/requestBody: only JSON and form bodies can be sent, and this asks for {sent}")
    body_place = f"{place}/requestBody/content/{escape_step(kinds[chosen])}/schema"
    schema = reader.write_out(content[kinds[chosen]].get("schema", {}), body_place)
    return schema, schema.get(PLACE, body_place), JSON if chosen == "*/*" else chosen


def _containers(entries: Sequence[Part], envelope: tuple[str, ...]) -> Iterator[Container]:
    """Yield the objects that must be there even when empty, required open objects among them."""
    for entry in entries:
        if isinstance(entry, Container):
            yield entry
        elif isinstance(entry, Field) and entry.open and (entry.required or entry.required_within):
            yield Container((*envelope, *entry.parts), entry.required_within)


def _check_operation(operation: Operation, place: str) -> None:
    """Raise ContractError unless all names that an operation uses are its fields."""
    in_path = set(re.findall(r"\{([^}]*)\}", operation.path))
    in_path -= {name for name, _ in operation.query}  # given by the document
    parameters = {known.path for known in operation.fields if known.in_path and not known.query_name}
    if in_path != parameters:
        needed, described = (", ".join(sorted(names)) or "none" for names in (in_path, parameters))
        raise ContractError(f"{place}: the path needs the parameters {needed}; described are {described}")
    paths = [known.path for known in operation.fields]
    if len(set(paths)) != len(paths):
        raise ContractError(f"{place}: two fields have the same path")
    in_lookup = [name for _, names in operation.lookup.query for name in names] if operation.lookup else []
    in_identity = [name for group in operation.identity for name in group]
    for name in (*in_identity, *operation.advise_any_of, *in_lookup):
        if operation.field(name) is None:
            raise ContractError(f"{place}/x-importer: names the field {name!r}, which the body does not have")
