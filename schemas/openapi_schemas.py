"""Brings a schema of any version of OpenAPI into one form: JSON Schema 2020-12, written out, without ``$ref``.

``nullable`` becomes a type, boolean exclusive limits become numbers, ``allOf`` is merged, and ``oneOf`` or ``anyOf`` of
one form (besides null) is unwrapped. What cannot be brought into this form carries the reason under ``x-cannot``, and
each node that a ``$ref`` led to carries the place where it stands under ``x-place``, so that messages can name it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.contract import ContractError
from schemas.json_pointer import escape_step, get_pointer
from schemas.roles import role_of_name, split_words

CANNOT, PLACE, ANY_OF_REQUIRED = "x-cannot", "x-place", "x-any-of-required"
# They say nothing about a value.
DROPPED = {"discriminator", "xml", "externalDocs", "$comment", "$schema", "$id", "nullable", "contentEncoding"}
SCALAR_TYPES = ("string", "integer", "number", "boolean")
LOWEST = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
HIGHEST = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
# The first that is there decides, where two forms of one thing are merged: they only describe.
DESCRIBING = {"title", "description", "default", "example", "examples", "deprecated", "writeOnly", "readOnly", PLACE}
TYPE_BY_KEYWORD = {
    "properties": "object",
    "additionalProperties": "object",
    "items": "array",
    "pattern": "string",
    "minLength": "string",
    "maxLength": "string",
    "format": "string",
    "minimum": "number",
    "maximum": "number",
    "multipleOf": "number",
}
MOST_NODES, MOST_DEPTH = 50_000, 64
# Of members within members: an answer's id, and what it says of an error, are near the top.
DEEPEST_OF_ANSWERS = 6
Node = dict[str, Any]


class SchemaWriter:
    """Writes out the schemas of one document. Raises ContractError for a document that is too large."""

    def __init__(self, document: Mapping[str, Any], *, of_answers: bool = False) -> None:
        self._document = document
        self._of_answers = of_answers  # they have what is only read; what cannot be written out may be anything
        self._nodes = 0
        self._depth = 0

    def write_out(self, node: Any, place: str, above: tuple[str, ...] = ()) -> Node:
        """Return the schema in the one form. ``above`` are the references that led here."""
        self._nodes += 1
        if self._of_answers and (self._nodes > MOST_NODES or self._depth > DEEPEST_OF_ANSWERS):
            return {}
        if self._nodes > MOST_NODES:
            raise ContractError(f"{place}: the body has more than {MOST_NODES:,} parts; remove some in an overlay")
        if node is True:
            return {}
        if not isinstance(node, dict):
            raise ContractError(f"{place}: an object is expected here")
        if "$ref" not in node:
            return self._write_node(node, node.get(PLACE, place), above)
        followed, node, place = self._follow(node, node.get(PLACE, place), above)
        if CANNOT in node or not node:
            return dict(node)
        return {**self._write_node(node, place, followed), PLACE: place}

    def _follow(self, node: Node, place: str, above: tuple[str, ...]) -> tuple[tuple[str, ...], Node, str]:
        """Return the references down to a schema, the schema with what stands beside them, and its place."""
        siblings: Node = {}
        while "$ref" in node:
            target = str(node["$ref"])
            siblings = {**{key: value for key, value in node.items() if key != "$ref"}, **siblings}
            known = get_pointer(self._document, target[1:]) if target.startswith("#/") else None
            if not isinstance(known, dict):
                if self._of_answers:
                    return above, {}, place
                if target.startswith("#/"):
                    raise ContractError(f"{place}: {target!r} points to nothing")
                raise ContractError(
                    f"{place}: {target!r} cannot be followed: only places in this document and files in its folder can"
                )
            if target in above or len(above) > MOST_DEPTH:
                return above, {CANNOT: f"{target} leads back to itself", PLACE: place}, place
            above, node, place = (*above, target), known, target
            if "type" in node:  # what some write beside a reference says nothing
                siblings.pop("type", None)
        return above, {**node, **siblings}, place

    def _write_node(self, node: Node, place: str, above: tuple[str, ...]) -> Node:
        self._depth += 1
        found = self._write_members(node, place, above)
        self._depth -= 1
        if node.get("properties") == {} == found.get("properties"):  # an object of any members
            del found["properties"]
        return found

    def _write_members(self, node: Node, place: str, above: tuple[str, ...]) -> Node:
        found = {key: value for key, value in node.items() if key not in DROPPED}
        _upgrade_limits(found)
        if not isinstance(
            found.get("required", []), list
        ):  # a habit from JSON Schema's third draft; it says nothing here
            del found["required"]
        if isinstance(found.get("properties"), dict):
            found["properties"] = {
                name: self.write_out(entry, f"{place}/properties/{escape_step(name)}", above)
                for name, entry in found["properties"].items()
                if self._of_answers or not _is_read_only(self._document, entry)
            }
            gone = set(node["properties"]) - set(found["properties"])
            if gone and isinstance(found.get("required"), list):
                found["required"] = [name for name in found["required"] if name not in gone]
        for keyword in ("items", "additionalProperties"):
            if isinstance(found.get(keyword), dict):
                found[keyword] = self.write_out(found[keyword], f"{place}/{keyword}", above)
        parts = found.pop("allOf", [])
        for index, part in enumerate(parts):
            found = merge(found, self.write_out(part, f"{place}/allOf/{index}", above))
        for keyword in ("oneOf", "anyOf"):
            if keyword in found:
                found = self._unwrap(found, keyword, place, above)
        _infer_type(found)
        if node.get("nullable") is True and isinstance(found.get("type"), str):
            found["type"] = [found["type"], "null"]
        return found

    def _unwrap(self, node: Node, keyword: str, place: str, above: tuple[str, ...]) -> Node:
        """Return a schema with one of its forms merged in, or with all of them and the reason why none was."""
        base = {key: value for key, value in node.items() if key != keyword}
        forms = [self.write_out(form, f"{place}/{keyword}/{index}", above) for index, form in enumerate(node[keyword])]
        if keyword == "anyOf" and forms and all(_is_required_only(form) for form in forms):
            return {**base, ANY_OF_REQUIRED: [list(form["required"]) for form in forms]}
        has_null = any(form.get("type") == "null" for form in forms)
        forms = [form for form in forms if form.get("type") != "null"]
        chosen = _choose(forms, base)
        if chosen is None:
            listed = ", ".join(str(form.get("title") or form.get(PLACE) or form.get("type")) for form in forms)
            reason = (
                f"{keyword}: it takes {len(forms)} forms ({listed}); choose one by its number from 0, "
                "with x-importer: {form: 0} at this place"
            )
            return {**base, CANNOT: reason}
        merged = merge(base, chosen)
        if isinstance(merged.get("x-importer"), dict) and "form" in merged["x-importer"]:
            merged["x-importer"] = {key: value for key, value in merged["x-importer"].items() if key != "form"}
        if has_null and isinstance(merged.get("type"), str):
            merged["type"] = [merged["type"], "null"]
        return merged


def merge(first: Node, second: Node) -> Node:
    """Return a schema that only takes what both take, or one that says why there is none."""
    merged = dict(first)
    for key, value in second.items():
        if key not in merged:
            merged[key] = value
        elif merged[key] == value or key in DESCRIBING or key == CANNOT:
            continue
        elif key in _MERGED:
            merged[key] = _MERGED[key](merged[key], value)
        elif not key.startswith("x-"):
            merged[CANNOT] = f"allOf gives two values of {key}"
    return merged


def _merge_properties(first: Node, second: Node) -> Node:
    both = {name: merge(first[name], entry) for name, entry in second.items() if name in first}
    return {**first, **second, **both}


def _merge_additional(first: Any, second: Any) -> Any:
    if False in (first, second):
        return False
    return first if second is True else second


def _choose(forms: list[Node], base: Node) -> Node | None:
    """Return the form to send: the only one, the one asked for, or the simplest that one cell can hold."""
    asked = base["x-importer"].get("form") if isinstance(base.get("x-importer"), dict) else None
    if isinstance(asked, int) and 0 <= asked < len(forms):
        return forms[asked]
    if len(forms) == 1:
        return forms[0]
    if forms and all(form.get("type") == "string" and isinstance(form.get("enum"), list) for form in forms):
        return {**forms[0], "enum": list(dict.fromkeys(value for form in forms for value in form["enum"]))}
    # An empty text only says that a value may be taken away (Stripe); a table's blank cell says nothing.
    told = [form for form in forms if form.get("enum") != [""]]
    if len(told) == 1:
        return told[0]
    whole = [form for form in told if _is_address(form)]
    if len(whole) == 1:
        return whole[0]
    texts = [form for form in told if form.get("type") == "string"]
    plain = [form for form in told if form.get("type") in SCALAR_TYPES]
    return next(iter([*texts, *plain]), None)


def _is_address(form: Node) -> bool:
    """Return True for an object with the parts of an address, which tells more than an address in one text."""
    roles = {role_of_name(split_words(name)) for name in form.get("properties", {})}
    return len(roles & {"street", "city", "state", "zip", "country"}) > 1


def _is_required_only(form: Node) -> bool:
    return bool(form.get("required")) and set(form) <= {"required", "title", "description", "type", PLACE}


def _is_read_only(document: Mapping[str, Any], entry: Any) -> bool:
    """Return True for a property that only answers have. One level of reference is followed."""
    if not isinstance(entry, dict):
        return False
    if "readOnly" in entry:
        return entry["readOnly"] is True
    target = entry.get("$ref")
    if isinstance(target, str) and target.startswith("#/"):
        entry = get_pointer(document, target[1:])
    return isinstance(entry, dict) and entry.get("readOnly") is True


def _upgrade_limits(node: Node) -> None:
    """Turn the boolean exclusive limits of OpenAPI 3.0 and 2.0 into numbers."""
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(exclusive), bool) and node.pop(exclusive) and limit in node:
            node[exclusive] = node.pop(limit)


def _infer_type(node: Node) -> None:
    """Put the type where a document leaves it out, because other keywords leave no choice."""
    if "type" in node or CANNOT in node:
        return
    values = node.get("enum", [node["const"]] if "const" in node else [])
    if values and all(isinstance(value, str) for value in values):
        node["type"] = "string"
        return
    for keyword, type_ in TYPE_BY_KEYWORD.items():
        if keyword in node:
            node["type"] = type_
            return


def _common_type(first: Any, second: Any) -> Any:
    ours, theirs = ([kind] if isinstance(kind, str) else list(kind) for kind in (first, second))
    common = [kind for kind in ours if kind in theirs]
    if not common and {"integer", "number"} <= {*ours, *theirs}:
        return "integer"
    return common[0] if len(common) == 1 else common


_MERGED: dict[str, Callable[[Any, Any], Any]] = {
    "properties": _merge_properties,
    "required": lambda first, second: [*first, *(name for name in second if name not in first)],
    "enum": lambda first, second: [value for value in first if value in second],
    "items": merge,
    "additionalProperties": _merge_additional,
    "type": _common_type,
    **dict.fromkeys(LOWEST, min),
    **dict.fromkeys(HIGHEST, max),
}
