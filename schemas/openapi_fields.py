"""Turns the schema of a body, and path parameters, into fields.

The rule for keywords is an allow-list: a keyword that constrains a value and is not handled here is an error, because
a constraint that is silently ignored would let a wrong row through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from schemas.contract import Constant, Container, ContractError, Field, LeftOut, Limits, UnsupportedError, join_path
from schemas.json_pointer import escape_step
from schemas.kind import Kind
from schemas.openapi_extension import FIELD_KEYS, check_keys
from schemas.openapi_keywords import ADVICE, LIMITS, check_limit, read_limits
from schemas.openapi_schemas import CANNOT, PLACE, SchemaWriter
from schemas.roles import ROLES, guess_role

ANNOTATIONS = {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"}
EXTENSIONS = {"x-aliases", "x-parts", "x-advisory", "x-calling-code", "x-importer"}
KEYWORDS_OF_BODY_OBJECTS = {"properties", "required", "additionalProperties", "minProperties"}
KEYWORDS_OF_ARRAYS = {"items", "minItems", "maxItems", "uniqueItems"}  # a cell's values are made unique
KEYWORDS_OF_SCALARS = set(LIMITS) - {"minItems", "maxItems"} | {"enum", "const"}
KEYWORDS_OF_TEXTS = {"minLength", "maxLength", "pattern", "format", "enum", "const"}
SCALARS = {"string", "integer", "number", "boolean"}
KINDS_BY_FORMAT = {"email": Kind.EMAIL, "date": Kind.DATE, "date-time": Kind.DATE_TIME, "uri": Kind.URI}
MOST_NESTED_OBJECTS = 16
OTHER_NAMES = "names of your own beside the documented ones; add those you send to properties in the overlay"
_OF_PAYMENT = re.compile(r"payment|\bcard\b|token", re.IGNORECASE)
Node = Mapping[str, Any]


Part = Field | Container | Constant | LeftOut


class FieldReader:
    """Reads the fields of one document. Every method raises ContractError naming the place in it."""

    def __init__(self, document: Node) -> None:
        self._document = document
        self._writer = SchemaWriter(document)

    def write_out(self, schema: Any, place: str) -> dict[str, Any]:
        """Return a schema of the document in the one form that this class reads."""
        return self._writer.write_out(schema, place)

    def read_parameter(self, node: Node, place: str) -> Field:
        """Return the field of a parameter in the path or the query."""
        extensions = {key: node[key] for key in EXTENSIONS if key in node}
        schema = {**self.write_out(node.get("schema", {"type": "string"}), place), **extensions}
        schema.setdefault("type", "string")
        schema.setdefault("description", node.get("description", ""))
        field = self._read_leaf(schema, (node["name"],), place, required=True, within=None, in_path=True)
        return replace(field, query_name=node["name"]) if node["in"] == "query" else field

    def read_object(
        self, node: Node, place: str, parts: tuple[str, ...] = (), *, required: bool = True, within: str | None = None
    ) -> Iterator[Part]:
        """Yield the fields below an object in the document's order, the objects that must be there, and constants.

        ``within`` is the outermost optional object that cannot be there without this one. Raises UnsupportedError for
        a required part that no cell can hold; an optional one is yielded as left out.
        """
        _check_object(node, parts, place)
        # A required member of an optional object is required as soon as that object is there.
        anchor = None if required else within or join_path(parts)
        required_names = set(node.get("required", ()))
        for name, child in node.get("properties", {}).items():
            below = child.get(PLACE, f"{place}/properties/{escape_step(name)}")
            path, is_required = (*parts, name), name in required_names
            try:
                yield from list(
                    self._read_member(
                        child, below, path, above_required=required, is_required=is_required, anchor=anchor
                    )
                )
            except UnsupportedError as error:
                if is_required:
                    error.place = error.place or below
                    raise
                yield LeftOut(join_path(path), below, str(error).removeprefix(f"{below}").lstrip("/: "))
        if node.get("properties") and node.get("additionalProperties") not in (None, False) and len(parts) <= 1:
            yield LeftOut(join_path((*parts, "…")), f"{place}/additionalProperties", OTHER_NAMES)

    def _read_member(
        self,
        child: Node,
        place: str,
        path: tuple[str, ...],
        *,
        above_required: bool,
        is_required: bool,
        anchor: str | None,
    ) -> Iterator[Part]:
        name = path[-1]
        required, within = above_required and is_required, anchor if is_required else None
        constant = _constant_of(child, is_required=is_required, place=place)
        if constant is not None:
            yield Constant(
                path,
                constant.value,
                anchor if is_required else anchor or (None if above_required else join_path(path[:-1])),
                place,
            )
            if constant.is_fixed:
                return
            required, within = False, None
        if "." in name or name.startswith("["):
            raise UnsupportedError(f"{place}: a name with a dot cannot be told from a nested field")
        if CANNOT in child:
            raise cannot(child, place)
        type_ = read_type(child, place)
        if type_ == "object" and child.get("properties"):
            if is_required:
                yield Container(path, within)
            yield from self.read_object(child, place, path, required=required, within=within)
        elif type_ == "array" and _holds_objects(child):
            yield from self._read_list(child, place, path, required=required, within=within)
        else:
            yield self._read_leaf(child, path, place, required=required, within=within)

    def _read_list(
        self,
        node: Node,
        place: str,
        path: tuple[str, ...],
        *,
        required: bool,
        within: str | None,
    ) -> Iterator[Part]:
        """Yield the parts of the one entry that a row gives a list of objects."""
        _check_keywords(node, KEYWORDS_OF_ARRAYS, place)
        items, below, entry = node["items"], node["items"].get(PLACE, f"{place}/items"), (*path, "[0]")
        if node.get("minItems", 0) > 1:
            raise UnsupportedError(f"{place}/minItems: a row gives one entry, but {node['minItems']} are asked for")
        if required and not node.get("minItems"):
            yield Constant(
                path, [], place=place
            )  # the list must be there; its entry only where a cell has something for it
            try:
                yield from list(self.read_object(items, below, entry, required=False))
            except UnsupportedError as error:
                yield LeftOut(join_path(entry), below, str(error))
            return
        parts = list(self.read_object(items, below, entry, required=required, within=within))
        if required:
            yield Container(entry, None)
        yield from parts

    def _read_leaf(
        self,
        node: Node,
        parts: tuple[str, ...],
        place: str,
        *,
        required: bool,
        within: str | None,
        in_path: bool = False,
    ) -> Field:
        items, limits = self._read_items(node, place), read_limits(node, place)
        ours = check_keys(node.get("x-importer", {}), FIELD_KEYS, f"{place}/x-importer")
        examples = node.get("examples") or ([node["example"]] if "example" in node else [None])
        role, is_guessed = _read_role(node, ours, parts, limits, place)
        known = ROLES.get(role)
        is_list = read_type(node, place) == "array"  # its values are cleaned as they are
        kind = ours.get("kind") or (
            known.kind if known and not limits.enum and not limits.format and not is_list else None
        )
        return Field(
            path=join_path(parts),
            parts=parts,
            type=read_type(node, place),
            entry_type=read_type(node["items"], f"{place}/items") if read_type(node, place) == "array" else "string",
            kind=_read_kind(kind, limits, f"{place}/x-importer/kind"),
            required=required,
            required_within=within,
            in_path=in_path,
            limits=limits,
            items=items,
            advisory=_read_advice(node, f"{place}/x-advisory"),
            aliases=tuple(dict.fromkeys([*node.get("x-aliases", ()), *(known.aliases if known else ())])),
            parts_known_as=tuple(map(tuple, node.get("x-parts", ()))),
            calling_code=join_path((*parts[:-1], node["x-calling-code"])) if "x-calling-code" in node else "",
            description=str(node.get("description", "")),
            hint=str(ours.get("hint", known.hint if known else "")),
            example=examples[0] if isinstance(examples, list) else None,
            role=role,
            is_guessed=is_guessed,
            place=place,
        )

    def _read_items(self, node: Node, place: str) -> Limits | None:
        """Return the limits of an array's items or an open object's members, and check the leaf's own keywords."""
        type_ = read_type(node, place)
        if type_ == "array":
            _check_keywords(node, KEYWORDS_OF_ARRAYS, place)
            return self._read_entry_limits(node.get("items") or {}, f"{place}/items")
        if type_ != "object":
            _check_keywords(node, KEYWORDS_OF_SCALARS, place)
            return None
        _check_keywords(node, {"additionalProperties"}, place)
        members = node.get("additionalProperties", True)
        if members is False:
            raise UnsupportedError(f"{place}: an object without properties that takes no others has no fields")
        if not isinstance(members, dict) or not members or "type" not in members:
            return None
        place = f"{place}/additionalProperties"
        if CANNOT in members or read_type(members, place) != "string":
            raise UnsupportedError(f"{place}: a cell can hold members that are texts, and no others")
        _check_keywords(members, KEYWORDS_OF_TEXTS, place)
        return read_limits(members, place)

    def _read_entry_limits(self, node: Node, place: str) -> Limits:
        """Return the limits of each of the values in a cell."""
        if CANNOT in node or read_type(node, place) not in SCALARS:
            raise UnsupportedError(f"{place}: a cell cannot hold an array of objects or arrays")
        _check_keywords(node, KEYWORDS_OF_TEXTS if read_type(node, place) == "string" else KEYWORDS_OF_SCALARS, place)
        return read_limits(node, place)


def cannot(node: Node, place: str) -> UnsupportedError:
    """Return the error of a schema that could not be brought into the one form."""
    reason = str(node[CANNOT])
    where = f"{place}/{reason}" if reason.startswith(("oneOf:", "anyOf:")) else f"{place}: {reason}"
    return UnsupportedError(where, place, can_choose=reason.startswith(("oneOf:", "anyOf:")))


def read_type(node: Node, place: str) -> Any:
    """Return the one type of a schema, besides null: of several, text. Raises ContractError if no cell can hold it."""
    named = node.get("type")
    if named is None:
        raise UnsupportedError(f"{place}/type: is missing, and no other keyword tells it")
    types = [named] if isinstance(named, str) else [entry for entry in named if entry != "null"]
    if "string" in types and SCALARS.issuperset(types):
        return "string"
    if len(types) == 1 and types[0] in {*SCALARS, "array", "object"}:
        return types[0]
    raise UnsupportedError(f"{place}/type: a cell cannot hold {' or '.join(map(str, types)) or 'what has no type'}")


@dataclass(frozen=True, slots=True)
class _Given:
    """A value that the document gives; ``is_fixed`` if no cell may give another."""

    value: Any
    is_fixed: bool


def _constant_of(node: Node, *, is_required: bool, place: str) -> _Given | None:
    """Return the value that a part gives itself: ours, or of a required one its only value or its default."""
    ours = check_keys(node.get("x-importer", {}), FIELD_KEYS, f"{place}/x-importer")
    if "value" in ours:
        return _Given(ours["value"], is_fixed=True)
    if not is_required:
        return None
    if "const" in node:
        return _Given(node["const"], is_fixed=True)
    if isinstance(node.get("enum"), list) and len(node["enum"]) == 1:
        return _Given(node["enum"][0], is_fixed=True)
    return _Given(node["default"], is_fixed=False) if node.get("default") is not None else None


def _holds_objects(node: Node) -> bool:
    items = node.get("items")
    return (
        isinstance(items, dict)
        and items.get("type") in ("object", ["object", "null"])
        and bool(items.get("properties"))
    )


def _read_role(node: Node, ours: Node, parts: tuple[str, ...], limits: Limits, place: str) -> tuple[str, bool]:
    """Return a field's role, and whether it is guessed. A field with a kind or names of its own is not guessed at."""
    if "role" in ours:
        if ours["role"] not in ("", "none") and ours["role"] not in ROLES:
            raise ContractError(f"{place}/x-importer/role: {ours['role']!r} is none of {', '.join(ROLES)}, none")
        return ("" if ours["role"] == "none" else ours["role"]), False
    if "kind" in ours or "x-aliases" in node:
        return "", False
    type_ = str(read_type(node, place))
    if type_ == "array" and node.get("items", {}).get("type") != "string":
        return "", False
    role = guess_role(parts, limits.format, type_)
    if role == "source" and _OF_PAYMENT.search(str(node.get("description", ""))):
        role = ""
    return role, bool(role)


def _read_kind(named: str | None, limits: Limits, place: str) -> Kind:
    if named is not None:
        try:
            return Kind(named)
        except ValueError as error:
            raise ContractError(f"{place}: {named!r} is none of {', '.join(Kind)}") from error
    return Kind.CHOICE if limits.enum else KINDS_BY_FORMAT.get(limits.format or "", Kind.TEXT)


def _read_advice(node: Node, place: str) -> Limits:
    """Return the limits that only warn."""
    advice = check_keys(node.get("x-advisory", {}), dict.fromkeys(ADVICE), place)
    for key, value in advice.items():
        check_limit(key, value, place)
    return Limits(**{ADVICE[key]: value for key, value in advice.items()})


def _check_object(node: Node, parts: tuple[str, ...], place: str) -> None:
    _check_keywords(node, KEYWORDS_OF_BODY_OBJECTS, place)
    if parts and "minProperties" in node:
        raise UnsupportedError(f"{place}/minProperties: is checked for the whole body only")
    if len(parts) > MOST_NESTED_OBJECTS:
        raise UnsupportedError(
            f"{place}: nests deeper than {MOST_NESTED_OBJECTS} objects, or a $ref leads back to itself"
        )
    unknown = set(node.get("required", ())) - set(node.get("properties", {}))
    if unknown and node.get("additionalProperties", True) is not False:
        raise UnsupportedError(
            f"{place}/required: names {', '.join(sorted(unknown))}, which is not among the properties"
        )


def _check_keywords(node: Node, handled: set[str], place: str) -> None:
    allowed = handled | ANNOTATIONS | EXTENSIONS | {"type"}
    for keyword in node:
        # Extensions of other tools constrain nothing.
        if keyword not in allowed and not keyword.startswith("x-"):
            raise UnsupportedError(f"{place}/{keyword}: the importer has no check for this keyword")
