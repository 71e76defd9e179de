"""Drafts the overlay that makes a vendor of its published document: what is guessed is marked as a guess."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.contract import ContractError, Operation, UnsupportedError
from schemas.documents import read_bytes, read_with_files
from schemas.json_pointer import split_pointer
from schemas.openapi import read_operation
from schemas.openapi_references import resolve
from schemas.openapi_responses import find_ids, success_answers
from schemas.openapi_schemas import SchemaWriter
from schemas.openapi_security import key_parameters
from schemas.openapi_versions import upgrade
from schemas.overlay import apply_actions
from schemas.roles import THINGS, is_own_id

BODY_METHODS = ("post", "put", "patch")
OTHERS = re.compile(
    r"batch|bulk|import|search|merge|upsert|export|archive|restore|list_?membership|webhook|group|custom_?field|note|tag|"
    r"token|address|attribute|setting|verif|suppress|segment|template|report|convert|\bcases?\b|task|retrieve|"
    r"\bget\b|\blist of\b|"
    r"password|available|payment|dimension|filter",
    re.IGNORECASE,
)
TEXT_NAMES = ("message", "detail", "error_description", "description", "error", "title")
CODE_NAMES = ("code", "error_code", "type", "error")
FIELD_NAMES = ("field_errors", "fieldErrors", "errors")
MOST_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Candidate:
    """An operation that takes a body, and how likely it creates a contact: the higher, the likelier."""

    method: str
    path: str
    summary: str
    score: int

    @property
    def name(self) -> str:
        """The name on the command line, such as ``POST /contacts``."""
        return f"{self.method.upper()} {self.path}"


@dataclass(slots=True)
class OverlayDraft:
    """An overlay in the making: the text of its file, the operation, and what a person has to answer."""

    text: str
    operation: Operation
    questions: list[str] = field(default_factory=list)


def list_candidates(path: Path) -> list[Candidate]:
    """Return the operations of a document that take a body, the likeliest first. Raises ContractError."""
    try:
        document = upgrade(read_with_files(path, read_bytes(path)))
    except ContractError as error:
        text = str(error)
        raise ContractError(text if str(path) in text else f"{path}: {text}") from error
    found = []
    for place, item in document.get("paths", {}).items():
        for method in BODY_METHODS if isinstance(item, dict) else ():
            node = item.get(method)
            if isinstance(node, dict) and "requestBody" in node:
                found.append(Candidate(method, place, str(node.get("summary", "")), _score(place, method, node)))
    return sorted(found, key=lambda candidate: (-candidate.score, len(candidate.path)))


def _score(path: str, method: str, node: Mapping[str, Any]) -> int:
    last = next((step for step in reversed(path.strip("/").split("/")) if not step.startswith("{")), "")
    words = f"{last} {node.get('operationId', '')} {node.get('summary', '')}".lower()
    score = sum(8 - index // 2 for index, thing in enumerate(THINGS) if thing in last.lower())
    score += 3 * any(thing in words for thing in THINGS) + 2 * bool(re.search("create|add|new", words))
    score -= 6 * bool(OTHERS.search(words)) + 4 * path.rstrip("/").endswith("}") + 3 * (method != "post")
    return score - path.count("/")


def draft_overlay(path: Path, method: str, place: str, name: str, reference: str = "") -> OverlayDraft:
    """Return the overlay of one operation. Raises ContractError for one that cannot be used, with the remedy."""
    raw = read_bytes(path)
    published = read_with_files(path, raw)
    if place not in published.get("paths", {}) or method not in published["paths"][place]:
        raise ContractError(f"{path}: has no operation {method.upper()} {place}")
    if method not in BODY_METHODS:
        raise ContractError(f"{path}: {method.upper()} {place} takes no row: only POST, PUT and PATCH can be added")
    document = upgrade(published)
    ours, notes, questions = _guess_answers(document, place, method)
    target = f"$.paths[{_quote(place)}].{method}"
    actions: list[dict[str, Any]] = []
    for _ in range(MOST_ROUNDS):
        try:
            operation = _try(published, [*actions, {"target": target, "update": {"x-importer": ours}}], place, method)
            break
        except UnsupportedError as error:
            actions.append(_repair(error, questions))
        except _MissingHeaderError as error:
            ours.setdefault("constants", {})[error.name] = error.example
            questions.append(f"the value of the header {error.name}: {error.example!r} is in the file")
    else:
        raise ContractError(f"{path}: {place} has more than {MOST_ROUNDS} parts that no cell can hold")
    by_depth = sorted(operation.body_fields, key=lambda known: len(known.parts))
    first = {known.role: known.path for known in reversed(by_depth) if known.type == "string"}
    required = [known.path for known in operation.body_fields if known.required and len(known.parts) == 1]
    own_ids = [path for path in required if is_own_id(path)]
    if identity := [[path] for path in (*own_ids, *(first.get(role) for role in ("email", "phone"))) if path]:
        ours["identity"] = identity
    text = _render(reference or path.name, raw, name, target, ours, notes, actions, operation, questions)
    return OverlayDraft(text, operation, questions)


class _MissingHeaderError(Exception):
    def __init__(self, name: str, example: str) -> None:
        super().__init__(name)
        self.name = name
        self.example = example


def _try(published: Any, actions: list[dict[str, Any]], place: str, method: str) -> Operation:
    document = upgrade(apply_actions(published, actions))
    item = document["paths"][place]
    ours = item[method].get("x-importer", {})
    for entry in [*item.get("parameters", ()), *item[method].get("parameters", ())]:
        node = resolve(document, entry, "#")
        schema = resolve(document, node.get("schema", {}), "#")
        is_open = not ({"const", "default"} & set(schema)) and len(schema.get("enum") or ()) != 1
        own = ("accept", "content-type", "authorization")
        is_header = node.get("in") == "header" and node.get("required") and str(node["name"]).lower() not in own
        is_header = is_header and ("header", str(node["name"]).lower()) not in key_parameters(document)
        if is_header and is_open and node["name"] not in ours.get("constants", {}):
            example = node.get("example", schema.get("example", (schema.get("examples") or ["ANSWER"])[0]))
            raise _MissingHeaderError(str(node["name"]), str(example))
    return read_operation(document, place, method)


def _repair(error: UnsupportedError, questions: list[str]) -> dict[str, Any]:
    """Return the action that chooses the first form of a part, or gives an empty value, and ask about it."""
    if not error.place:
        raise ContractError(str(error)) from error
    target = _json_path(error.place)
    if error.can_choose:
        questions.append(f"which form of {error.place} is sent: the first is chosen")
        return {"target": target, "update": {"x-importer": {"form": 0}}}
    questions.append(f"the value of {error.place} ({error}): an empty one is in the file")
    return {"target": target, "update": {"x-importer": {"value": {}}}}


def _guess_answers(document: Any, place: str, method: str) -> tuple[dict[str, Any], dict[str, str], list[str]]:
    """Return the keys of ``x-importer`` that the answers tell, a remark on each, and what must be asked."""
    node, questions = document["paths"][place][method], []
    answers = list(success_answers(document, node, "#"))
    ids = [pointer for schema, _ in answers for pointer in find_ids(schema)]
    ids += [pointer for schema, example in answers for pointer in find_ids(_shape(example))]
    ids = list(dict.fromkeys(ids))
    ours: dict[str, Any] = {
        "operation": _guess_name(place, method, node),
        "repeatable": False,
        "id": ids[0] if ids else False,
    }
    notes = {"repeatable": "a second request of the same kind may create a second contact"}
    if method == "put":
        notes["repeatable"] = "true if a second request of the same kind changes the same contact and makes no other"
    if ids:
        others = f"; also there: {', '.join(ids[1:4])}" if ids[1:] else ""
        notes["id"] = f"guessed from the documented answer{others}"
    else:
        notes["id"] = "no documented answer has an id; put its place here if there is one, such as /data/id"
        questions.append("the place of the contact's id in an answer (none is documented)")
    flags = ("success", "ok")
    found = next((name for schema, _ in answers for name in flags if _is_flag(schema, name)), None)
    if found:
        ours["success"], notes["success"] = {f"/{found}": True}, "guessed from the documented answer"
    errors = _guess_errors(document, node)
    if errors:
        ours["errors"], notes["errors"] = errors, "guessed from the documented errors"
    return ours, notes, questions


def _guess_name(place: str, method: str, node: Mapping[str, Any]) -> str:
    """Return ``update`` for an operation on one contact that is there already, else ``create``."""
    words = f"{node.get('operationId', '')} {node.get('summary', '')}".lower()
    is_of_one = place.rstrip("/").endswith("}") and not re.search(r"create|add|upsert|identify", words)
    return "update" if method == "patch" or is_of_one else "create"


def _is_flag(schema: Mapping[str, Any], name: str) -> bool:
    return bool(schema.get("properties", {}).get(name, {}).get("type") == "boolean")


def _shape(value: Any) -> dict[str, Any]:
    """Return the schema of an example, as far as its members go."""
    if isinstance(value, dict):
        return {"properties": {name: _shape(member) for name, member in value.items()}}
    return {"items": _shape(value[0])} if isinstance(value, list) and value else {}


def _guess_errors(document: Any, node: Mapping[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"text": [], "code": [], "fields": []}
    for status, response in node.get("responses", {}).items():
        if str(status)[:1] != "4" and status != "default":
            continue
        try:
            content = resolve(document, response, "#").get("content") or {}
        except ContractError:  # an answer in another file
            continue
        for media in content.values():
            schema = SchemaWriter(document, of_answers=True).write_out(media.get("schema", {}), "#")
            if not schema.get("properties"):
                schema = _shape(media.get("example"))
            for pointer, member in _places(schema):
                name = pointer.rsplit("/", 1)[-1]
                is_object = bool(member.get("properties")) or member.get("type") in ("object", "array")
                if name in TEXT_NAMES and not is_object:
                    found["text"].append(pointer)
                elif name in CODE_NAMES and not is_object:
                    found["code"].append(pointer)
                elif name in FIELD_NAMES and member.get("type") == "object":
                    found["fields"].append(pointer)
    return {key: list(dict.fromkeys(pointers))[:4] for key, pointers in found.items() if pointers}


def _places(schema: Mapping[str, Any], pointer: str = "", depth: int = 0) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, member in schema.get("properties", {}).items():
        if isinstance(member, dict):
            yield f"{pointer}/{name}", member
            if depth < 2:
                yield from _places(member, f"{pointer}/{name}", depth + 1)
    if isinstance(schema.get("items"), dict) and depth < 3:
        yield from _places(schema["items"], f"{pointer}/0", depth + 1)


def _render(  # noqa: PLR0913, PLR0917 - the parts of one file
    reference: str,
    raw: bytes,
    name: str,
    target: str,
    ours: dict[str, Any],
    notes: dict[str, str],
    actions: list[dict[str, Any]],
    operation: Operation,
    questions: list[str],
) -> str:
    lines = [
        f"# How the contact importer uses {reference}, which stays as its vendor published it.",
        "# What is guessed is marked; docs/vendors.md explains every key.",
        "overlay: 1.0.0",
        f'info: {{ title: {_flow(name)}, version: "1.0" }}',
        f"extends: {_flow(reference)}",
        f"x-extends-sha256: {hashlib.sha256(raw).hexdigest()}",
        "actions:",
        "  - target: $",
        "    # The rate is guessed: a careful beginning; the pace is learned from there.",
        f"    update: {{ x-importer: {{ vendor: {_flow(name)}, pace: {{ rate: 5/s, concurrency: 4 }} }} }}",
        f"  - target: {_flow(target)}",
        "    update:",
        "      x-importer:",
    ]
    for key, value in {**ours, **({} if "identity" in ours else {"identity": []})}.items():
        note = notes.get(key, "guessed: the fields that tell one contact from another" if key == "identity" else "")
        lines.append(f"        {key}: {_flow(value)}{f' # {note}' if note else ''}")
    for action in actions:
        lines += [f"  - target: {_flow(action['target'])} # to answer", f"    update: {_flow(action['update'])}"]
    lines += ["# Fields (role guessed by name; x-importer: {role: …} at the field says another):"]
    for known in operation.fields:
        role = f" = {known.role}" if known.role else ""
        what = str(known.kind) if known.type == "string" else "list" if known.type == "array" else known.type
        what = "any names" if known.open else what
        lines.append(f"#   {known.path}{' (required)' if known.required else ''}: {what}{role}")
    if operation.constants:
        lines.append("# Sent without a column:")
        lines += [f"#   {'.'.join(entry.parts)} = {json.dumps(entry.value)}" for entry in operation.constants]
    if operation.left_out:
        lines.append("# Left out, because it is optional and no cell can hold it:")
        lines += [f"#   {entry.path}: {' '.join(entry.reason.split())[:160]}" for entry in operation.left_out]
    lines += [f"# To answer: {question}" for question in questions]
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    """Return a value in YAML's flow style, which for JSON values is JSON."""
    return (
        value
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z/][\w/.-]*", value)
        else json.dumps(value, ensure_ascii=False)
    )


def _json_path(pointer: str) -> str:
    steps = split_pointer(pointer.removeprefix("#"))
    return "$" + "".join(f"[{step}]" if step.isdecimal() else f"[{_quote(step)}]" for step in steps)


def _quote(step: str) -> str:
    return "'" + step.replace("\\", "\\\\").replace("'", "\\'") + "'"
