"""Looks for places in the answers that a document describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemas.contract import ContractError
from schemas.json_pointer import get_pointer, split_pointer
from schemas.openapi_references import resolve
from schemas.openapi_schemas import CANNOT, SchemaWriter
from schemas.roles import OWN_ID, THINGS, split_words

Node = Mapping[str, Any]
ID_NAMES = ("id", "uuid", "_id", "guid", "uid")
DEEPEST_ID = 4


def success_answers(document: Node, node: Node, place: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield the schema and the example of each documented success answer in JSON, the schema written out."""
    for status, response in node.get("responses", {}).items():
        if str(status)[:1] != "2":
            continue
        try:
            content = resolve(document, response, f"{place}/responses/{status}").get("content") or {}
        except ContractError:  # an answer in another file
            continue
        for kind, media in content.items():
            if "json" not in str(kind).lower() and kind != "*/*":
                continue
            schema = SchemaWriter(document, of_answers=True).write_out(
                media.get("schema", {}), f"{place}/responses/{status}"
            )
            yield schema, _example_of(document, media, schema)


def check_id_pointer(document: Node, node: Node, pointer: str, place: str) -> None:
    """Raise ContractError if answers are documented and none of them has this place."""
    answers = list(success_answers(document, node, place))
    if answers and not any(
        has_place(schema, pointer) or get_pointer(example, pointer) is not None for schema, example in answers
    ):
        found = next((path for schema, _ in answers for path in find_ids(schema)), None)
        meant = f"; perhaps {found} is meant" if found else ""
        raise ContractError(f"{place}/x-importer/id: no documented answer has {pointer}{meant}")


def has_place(schema: Node, pointer: str) -> bool:
    """Return False only if a schema says which members there are, and this place is none of them."""
    for step in split_pointer(pointer):
        if CANNOT in schema or not schema or ("properties" not in schema and "items" not in schema):
            return True
        if "items" in schema and step.isdecimal():
            schema = schema["items"]
        elif step in schema.get("properties", {}):
            schema = schema["properties"][step]
        else:
            return isinstance(schema.get("additionalProperties"), dict) or schema.get("additionalProperties") is True
    return True


def find_ids(schema: Node, things: Sequence[str] = THINGS) -> list[str]:
    """Return the places of what may be the contact's id, the likeliest first: near the top, and in no list."""
    found = sorted(_id_places(schema, things))
    return [pointer for *_, pointer in found]


def _id_places(
    schema: Node, things: Sequence[str], pointer: str = "", depth: int = 0, lists: int = 0
) -> Iterator[tuple[int, int, bool, int, str]]:
    """Yield likelihoods (the smaller, the likelier) and places."""
    members = schema.get("properties", {})
    holder = split_words(pointer.rsplit("/", 1)[-1])
    is_other = bool(holder) and not holder.isdecimal() and holder not in (*things, "data", "result")
    for name in members:
        lower = name.lower()
        if lower in ID_NAMES:
            yield (lists, depth, is_other, ID_NAMES.index(lower), f"{pointer}/{name}")
        elif (found := OWN_ID.fullmatch(name)) and split_words(found[1]) in things:
            yield (lists, depth + 1, is_other, len(ID_NAMES), f"{pointer}/{name}")
    if depth >= DEEPEST_ID:
        return
    if "items" in schema:
        yield from _id_places(schema["items"], things, f"{pointer}/0", depth + 1, lists + 1)
    for name, member in members.items():
        if isinstance(member, dict) and ("properties" in member or "items" in member):
            yield from _id_places(member, things, f"{pointer}/{name}", depth + 1, lists)


def _example_of(document: Node, media: Node, schema: Node) -> Any:
    if "example" in media:
        return media["example"]
    for entry in (media.get("examples") or {}).values():
        entry = resolve(document, entry, "#") if isinstance(entry, dict) else {}  # noqa: PLW2901 - follows a $ref
        if "value" in entry:
            return entry["value"]
    examples = schema.get("examples")
    return schema.get("example", examples[0] if isinstance(examples, list) and examples else None)
