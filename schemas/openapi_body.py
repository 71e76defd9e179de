"""Reads what a request is made of besides its fields: constants, parameters, and the objects around the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.contract import (
    Constant,
    Container,
    ContractError,
    Field,
    LeftOut,
    UnsupportedError,
    join_path,
)
from schemas.openapi_fields import FieldReader, Part, cannot, read_type
from schemas.openapi_references import resolve
from schemas.openapi_schemas import CANNOT, PLACE
from schemas.openapi_security import key_parameters

# The client sends these itself.
OWN_HEADERS = {"accept", "content-type", "authorization", "user-agent", "idempotency-key"}
GIVE_A_VALUE = "; it is required, so give its value in an overlay: x-importer: {value: …} at this place"
REMOVE_IT = "; an overlay can remove it: {target: …, remove: true}"


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of an operation: fields, constants of headers and query, and what is left out."""

    fields: tuple[Field, ...]
    headers: tuple[tuple[str, str], ...]
    query: tuple[tuple[str, str], ...]
    left_out: tuple[LeftOut, ...]


def read_parameters(
    document: Mapping[str, Any], reader: FieldReader, entries: Sequence[Any], given: Mapping[str, str], place: str
) -> Parameters:
    """Return the parameters. ``given`` are values for those of any place, by name. Raises ContractError."""
    fields: list[Field] = []
    headers: list[tuple[str, str]] = []
    query: list[tuple[str, str]] = []
    left_out: list[LeftOut] = []
    known: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
    keys = key_parameters(document)
    for index, entry in enumerate(entries):  # the operation's own come last, and win
        below = f"{place}/parameters/{index}"
        node = resolve(document, entry, below)
        if (node.get("in"), str(node.get("name")).lower()) in keys:
            continue
        known[str(node.get("in")), str(node.get("name"))] = (below, node)
    unknown = set(given) - {name for _, name in known}
    headers += [(name, given[name]) for name in sorted(unknown)]
    for (where, name), (below, node) in known.items():
        value = given.get(
            name, _only_value(reader.write_out(node.get("schema", {}), below)) if _is_needed(node) else None
        )
        if where == "path" and name not in given:
            fields.append(reader.read_parameter(node, below))
        elif value is not None and where == "header":
            headers.append((name, value))
        elif value is not None:
            query.append((name, value))
        elif where == "query" and node.get("required"):
            fields.append(reader.read_parameter(node, below))
        elif where == "header" and node.get("required") and name.lower() not in OWN_HEADERS:
            raise ContractError(
                f"{below}: the header {name} is required; give its value in x-importer of the operation: "
                f"constants: {{{name}: …}}"
            )
        elif where in ("query", "header") and name.lower() not in OWN_HEADERS:
            left_out.append(LeftOut(name, below, f"an optional parameter of the {where}"))
    return Parameters(tuple(fields), tuple(headers), tuple(query), tuple(left_out))


def _is_needed(node: Mapping[str, Any]) -> bool:
    return bool(node.get("required")) and node.get("in") in ("query", "header")


def _only_value(schema: Mapping[str, Any]) -> str | None:
    """Return the one value that a parameter can have, or its default."""
    if "const" in schema:
        return str(schema["const"])
    if isinstance(schema.get("enum"), list) and len(schema["enum"]) == 1:
        return str(schema["enum"][0])
    return str(schema["default"]) if "default" in schema else None


def read_body_parts(reader: FieldReader, body: Mapping[str, Any], place: str) -> tuple[tuple[str, ...], list[Part]]:
    """Return the steps to the object in a body that is a list of one, and the parts of the object.

    Raises ContractError for a body without fields, or with a required part that no cell can hold.
    """
    root: tuple[str, ...] = ()
    if CANNOT in body:
        raise cannot(body, place)
    if read_type(body, place) == "array" and read_type(body.get("items", {}), f"{place}/items") == "object":
        place, body, root = body["items"].get(PLACE, f"{place}/items"), body["items"], ("[0]",)
        if CANNOT in body:
            raise cannot(body, place)
    if read_type(body, place) != "object":
        raise ContractError(f"{place}/type: the body must be an object with properties")
    try:
        parts = list(reader.read_object(body, place))
    except UnsupportedError as error:
        message = f"{error}{'' if error.can_choose else GIVE_A_VALUE if error.place else REMOVE_IT}"
        raise UnsupportedError(message, error.place, can_choose=error.can_choose) from error
    return root, parts


def strip_envelope(parts: Sequence[Part]) -> tuple[tuple[str, ...], list[Part]]:
    """Return the steps that all fields have in common, and the parts with fields named without them."""
    fields = [part for part in parts if isinstance(part, Field)]
    envelope = _common_steps([field.parts for field in fields])
    # The columns of an open object are named by its whole path.
    if not envelope or any(field.open for field in fields):
        return (), list(parts)
    around = {join_path(envelope[: length + 1]) for length in range(len(envelope))}

    def inner(path: str | None) -> str | None:
        """Return the name of an object below the envelope; None for one that is always there."""
        return None if path is None or path in around else path.removeprefix(join_path(envelope)).lstrip(".")

    stripped: list[Part] = []
    for part in parts:
        if isinstance(part, Field):
            steps = part.parts[len(envelope) :]
            required = part.required or part.required_within in around
            calling = part.calling_code and str(inner(part.calling_code))
            part = replace(  # noqa: PLW2901 - the same part under its name
                part,
                path=join_path(steps),
                parts=steps,
                required=required,
                required_within=inner(part.required_within),
                calling_code=calling,
            )
        elif isinstance(part, Constant | Container):
            part = replace(part, within=inner(part.within))  # noqa: PLW2901 - the same part, as above
        stripped.append(part)
    return envelope, stripped


def _common_steps(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the first steps that all paths share, of which each goes on."""
    if not paths:
        return ()
    common = paths[0][:-1]
    for path in paths[1:]:
        size = next((n for n, (a, b) in enumerate(zip(common, path[:-1], strict=False)) if a != b), None)
        common = common[: min(len(common), len(path) - 1) if size is None else size]
    return common
