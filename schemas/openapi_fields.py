"""Turns the schema of a body, and path parameters, into fields.

The rule for keywords is an allow-list: a keyword that constrains a value and is not handled here is an error, because
a constraint that is silently ignored would let a wrong row through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.contract import Container, ContractError, Field, Kind, Limits
from schemas.json_pointer import escape_step
from schemas.openapi_extension import only
from schemas.openapi_keywords import ADVICE, LIMITS, check_limit, read_limits
from schemas.openapi_references import resolve

ANNOTATIONS = {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"}
EXTENSIONS = {"x-aliases", "x-parts", "x-advisory", "x-calling-code", "x-importer"}
KEYWORDS_OF_BODY_OBJECTS = {"properties", "required", "additionalProperties", "minProperties"}
KEYWORDS_OF_ARRAYS = {"items", "minItems", "maxItems"}
KEYWORDS_OF_SCALARS = set(LIMITS) - {"minItems", "maxItems"} | {"enum", "const"}
KEYWORDS_OF_TEXTS = {"minLength", "maxLength", "pattern", "format", "enum", "const"}
SCALARS = {"string", "integer", "number", "boolean"}
KINDS_BY_FORMAT = {"email": Kind.EMAIL, "date": Kind.DATE, "date-time": Kind.DATE_TIME, "uri": Kind.URI}
MOST_NESTED_OBJECTS = 16
Node = Mapping[str, Any]


class FieldReader:
    """Reads the fields of one document. Every method raises ContractError naming the place in it."""

    def __init__(self, document: Node) -> None:
        self._document = document

    def read_parameter(self, entry: Node, place: str) -> Field:
        """Return the field of a path parameter."""
        node = self._resolve(entry, place)
        if node.get("in") != "path":
            raise ContractError(f"{place}: only path parameters can be fed from a column")
        extensions = {key: node[key] for key in EXTENSIONS if key in node}
        schema = {**self._resolve(node["schema"], place), **extensions}
        schema.setdefault("description", node.get("description", ""))
        return self._read_leaf(schema, (node["name"],), place, required=True, within=None, in_path=True)

    def read_object(
        self, node: Node, place: str, parts: tuple[str, ...] = (), *, required: bool = True, within: str | None = None
    ) -> Iterator[Field | Container]:
        """Yield the fields below an object in the document's order, and the objects that must be there.

        ``within`` is the outermost optional object that cannot be there without this one.
        """
        _check_object(node, parts, place)
        # A required member of an optional object is required as soon as that object is there.
        anchor = None if required else within or ".".join(parts)
        required_names = set(node.get("required", ()))
        for name, entry in node.get("properties", {}).items():
            below = f"{place}/properties/{escape_step(name)}"
            if "." in name:
                raise ContractError(f"{below}: a name with a dot cannot be told from a nested field")
            child, path = self._resolve(entry, below), (*parts, name)
            child_required, child_within = (
                required and name in required_names,
                anchor if name in required_names else None,
            )
            if read_type(child, below) == "object" and "properties" in child:
                if name in required_names:
                    yield Container(path, child_within)
                yield from self.read_object(child, below, path, required=child_required, within=child_within)
            else:
                yield self._read_leaf(child, path, below, required=child_required, within=child_within)

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
        ours = only(node.get("x-importer", {}), {"kind", "hint"}, f"{place}/x-importer")
        examples = node.get("examples") or ([node["example"]] if "example" in node else [None])
        return Field(
            path=".".join(parts),
            parts=parts,
            type=read_type(node, place),
            kind=_read_kind(ours.get("kind"), limits, f"{place}/x-importer/kind"),
            required=required,
            required_within=within,
            in_path=in_path,
            limits=limits,
            items=items,
            advisory=_read_advice(node, f"{place}/x-advisory"),
            aliases=tuple(node.get("x-aliases", ())),
            parts_known_as=tuple(map(tuple, node.get("x-parts", ()))),
            calling_code=".".join((*parts[:-1], node["x-calling-code"])) if "x-calling-code" in node else "",
            description=str(node.get("description", "")),
            hint=str(ours.get("hint", "")),
            example=examples[0],
        )

    def _read_items(self, node: Node, place: str) -> Limits | None:
        """Return the limits of an array's items or an open object's members, and check the leaf's own keywords."""
        type_ = read_type(node, place)
        if type_ == "array":
            _check_keywords(node, KEYWORDS_OF_ARRAYS, place)
            return self._read_text_limits(node.get("items"), f"{place}/items", "an array of anything but text")
        if type_ != "object":
            _check_keywords(node, KEYWORDS_OF_SCALARS, place)
            return None
        _check_keywords(node, {"additionalProperties"}, place)
        members = node.get("additionalProperties", True)
        if members is False:
            raise ContractError(f"{place}: an object without properties that takes no others has no fields")
        if not isinstance(members, dict) or not members:
            return None
        return self._read_text_limits(members, f"{place}/additionalProperties", "members of anything but text")

    def _read_text_limits(self, node: Node | None, place: str, described: str) -> Limits:
        schema = self._resolve(node or {}, place)
        if read_type(schema, place) != "string":
            raise ContractError(f"{place}: {described} cannot be fed from one cell")
        _check_keywords(schema, KEYWORDS_OF_TEXTS, place)
        return read_limits(schema, place)

    def _resolve(self, node: Any, place: str) -> dict[str, Any]:
        return resolve(self._document, node, place)


def read_type(node: Node, place: str) -> Any:
    """Return the one type of a schema, besides null. Raises ContractError if there are none or several."""
    named = node.get("type")
    if isinstance(named, list):
        named = [entry for entry in named if entry != "null"]
        named = named[0] if len(named) == 1 else named
    if isinstance(named, str) and (named in SCALARS or named in ("array", "object")):
        return named
    for keyword in ("oneOf", "anyOf", "allOf"):
        if keyword in node:
            raise ContractError(f"{place}/{keyword}: cannot be turned into columns; write out the one form you send")
    raise ContractError(f"{place}/type: {named!r} is not one type that a cell can hold")


def _read_kind(named: str | None, limits: Limits, place: str) -> Kind:
    if named is not None:
        try:
            return Kind(named)
        except ValueError as error:
            raise ContractError(f"{place}: {named!r} is none of {', '.join(Kind)}") from error
    return Kind.CHOICE if limits.enum else KINDS_BY_FORMAT.get(limits.format or "", Kind.TEXT)


def _read_advice(node: Node, place: str) -> Limits:
    """Return the limits that only warn."""
    advice = only(node.get("x-advisory", {}), set(ADVICE), place)
    for key, value in advice.items():
        check_limit(key, value, place)
    return Limits(**{ADVICE[key]: value for key, value in advice.items()})


def _check_object(node: Node, parts: tuple[str, ...], place: str) -> None:
    _check_keywords(node, KEYWORDS_OF_BODY_OBJECTS, place)
    if parts and "minProperties" in node:
        raise ContractError(f"{place}/minProperties: can be asked of the whole body only")
    if len(parts) > MOST_NESTED_OBJECTS:
        raise ContractError(f"{place}: nests deeper than {MOST_NESTED_OBJECTS} objects, or a $ref leads back to itself")
    unknown = set(node.get("required", ())) - set(node.get("properties", {}))
    if unknown:
        raise ContractError(f"{place}/required: names {sorted(unknown)}, which stand in no properties")


def _check_keywords(node: Node, handled: set[str], place: str) -> None:
    allowed = handled | ANNOTATIONS | EXTENSIONS | {"type"}
    for keyword in node:
        # Extensions of other tools constrain nothing.
        if keyword not in allowed and not keyword.startswith("x-"):
            raise ContractError(f"{place}/{keyword}: the importer cannot check this, so it will not use the document")
