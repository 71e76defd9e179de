"""Reads an OpenAPI 3.1 document into a contract, and says by place what it cannot express.

The rule for keywords is an allow-list: a keyword that constrains a value and is not handled here is an
error, because a constraint that is silently left out would let a wrong row through.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from schemas.contract import (
    Container,
    ContractError,
    Field,
    Kind,
    Limits,
    Operation,
    Pace,
    Security,
    Vendor,
)
from schemas.durations import parse_rate
from schemas.openapi_extension import OPERATION_KEYS, only, read_answers, read_idempotency, read_lookup
from schemas.openapi_keywords import ADVICE, LIMITS, check_limit, read_limits

ANNOTATIONS = {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"}
EXTENSIONS = {"x-aliases", "x-parts", "x-advisory", "x-importer"}
SCALARS = {"string", "integer", "number", "boolean"}
KINDS_BY_FORMAT = {"email": Kind.EMAIL, "date": Kind.DATE, "date-time": Kind.DATE_TIME, "uri": Kind.URI}
DEEPEST = 16
METHODS = ("post", "patch", "put")
Node = Mapping[str, Any]


def read_vendor(path: Path) -> Vendor:
    """Read a document. Raises ContractError naming the file and the place in it."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ContractError(f"{path}: cannot be read: {error.strerror}") from error
    return _vendor(path, raw)


@lru_cache(maxsize=16)
def _vendor(path: Path, raw: bytes) -> Vendor:
    """The vendor that a document's bytes describe; a run asks for it several times."""
    try:
        document = yaml.load(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{path}: is not YAML: {error}") from error
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.1"):
        raise ContractError(f"{path}: is not an OpenAPI 3.1 document (its first line says: openapi: 3.1.0)")
    try:
        return _Reader(document).vendor(path, hashlib.sha256(raw).hexdigest())
    except ContractError as error:
        raise ContractError(f"{path}: {error}") from error
    except RecursionError as error:
        raise ContractError(f"{path}: a $ref leads back to itself; a body must have an end") from error
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ContractError(f"{path}: does not have the form of a contract: {error!r}") from error


class _Reader:
    """One document, with its references resolved as they are met."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def vendor(self, path: Path, digest: str) -> Vendor:
        ours = only(
            self.document.get("x-importer", {}),
            {"vendor", "pace", "placeholder", "published", "key_prefixes"},
            "#/x-importer",
        )
        server = (self.document.get("servers") or [{}])[0].get("url")
        pace = ours.get("pace", {})
        try:
            start = Pace(parse_rate(pace.get("rate", "5/s")), int(pace.get("concurrency", 4)))
        except ValueError as error:
            raise ContractError(f"#/x-importer/pace: {error}") from error
        operations: dict[str, Operation] = {}
        for operation in self.operations():
            if operation.name in operations:
                raise ContractError(f"#/paths: two operations are called {operation.name!r}")
            operations[operation.name] = operation
        if not operations:
            raise ContractError("#/paths: no operation has an x-importer block, so there is nothing to send a row to")
        return Vendor(
            name=str(ours.get("vendor", path.stem)),
            title=self.document["info"]["title"],
            file=path,
            digest=digest,
            base_url=None if ours.get("placeholder") else server,
            published_url=ours.get("published"),
            security=self.security(tuple(ours.get("key_prefixes", ()))),
            pace=start,
            operations=operations,
            document=self.document,
        )

    def security(self, prefixes: tuple[str, ...]) -> Security | None:
        wanted = self.document.get("security") or []
        names = [name for entry in wanted for name in entry]
        if not names:
            return None
        place = f"#/components/securitySchemes/{names[0]}"
        scheme = self.resolve(self.document["components"]["securitySchemes"][names[0]], place)
        required = all(wanted)
        if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
            return Security(scheme["name"], "", required, prefixes)
        if scheme.get("type") == "http" and scheme.get("scheme", "").lower() == "bearer":
            return Security("Authorization", "Bearer", required, prefixes)
        raise ContractError(f"{place}: only an apiKey in a header or an http bearer scheme can be used")

    def operations(self) -> Iterator[Operation]:
        for path, item in self.document.get("paths", {}).items():
            for method in METHODS:
                if "x-importer" in item.get(method, {}):
                    yield self.operation(path, method, item)

    def operation(self, path: str, method: str, item: Node) -> Operation:
        node = item[method]
        place = f"#/paths/{_escape(path)}/{method}"
        ours = only(node["x-importer"], OPERATION_KEYS, f"{place}/x-importer")
        parameters = [*item.get("parameters", ()), *node.get("parameters", ())]
        fields = [self.parameter(entry, f"{place}/parameters/{index}") for index, entry in enumerate(parameters)]
        content = self.resolve(node.get("requestBody", {}), f"{place}/requestBody").get("content", {})
        if "application/json" not in content:
            raise ContractError(f"{place}/requestBody: only an application/json body can be sent")
        body_place = f"{place}/requestBody/content/application~1json/schema"
        body = self.resolve(content["application/json"]["schema"], body_place)
        containers: list[Container] = []
        for part in self.leaves(body, (), body_place, required=True, within=None):
            if isinstance(part, Field):
                fields.append(part)
            if isinstance(part, Container) or (part.open and (part.required or part.required_within)):
                within = part.within if isinstance(part, Container) else part.required_within
                containers.append(Container(part.parts, within))
        if _type(body, body_place) != "object":
            raise ContractError(f"{body_place}/type: a body is an object of fields")
        named = set(re.findall(r"\{([^}]*)\}", path))
        fed = {known.path for known in fields if known.in_path}
        if named != fed:
            raise ContractError(f"{place}: the path names {sorted(named)}, its parameters are {sorted(fed)}")
        paths = [known.path for known in fields]
        if len(set(paths)) != len(paths):
            raise ContractError(f"{place}: two fields have the same path")
        operation = Operation(
            name=str(ours.get("operation", "create")),
            method=method.upper(),
            path=path,
            document=str(ours.get("document", node.get("summary", ""))),
            fields=tuple(fields),
            answers=read_answers(ours, f"{place}/x-importer"),
            repeatable=bool(ours.get("repeatable", False)),
            identity=tuple(tuple(group) for group in ours.get("identity", ())),
            at_least=int(body.get("minProperties", 0)),
            containers=tuple(containers),
            body_schema=body,
            advise_any_of=tuple(ours.get("advise_any_of", ())),
            clear=ours.get("clear"),
            lookup=read_lookup(ours, f"{place}/x-importer"),
            idempotency=read_idempotency(ours, f"{place}/x-importer"),
        )
        asked = [name for _, names in operation.lookup.query for name in names] if operation.lookup else []
        for name in (*(name for group in operation.identity for name in group), *operation.advise_any_of, *asked):
            if operation.field(name) is None:
                raise ContractError(f"{place}/x-importer: names the field {name!r}, which the body does not have")
        return operation

    def parameter(self, entry: Node, place: str) -> Field:
        node = self.resolve(entry, place)
        if node.get("in") != "path":
            raise ContractError(f"{place}: only path parameters can be fed from a column")
        schema = {**self.resolve(node["schema"], place), **{key: node[key] for key in EXTENSIONS if key in node}}
        schema.setdefault("description", node.get("description", ""))
        return self.leaf(schema, (node["name"],), place, required=True, within=None, in_path=True)

    def leaves(
        self, node: Node, parts: tuple[str, ...], place: str, *, required: bool, within: str | None
    ) -> Iterator[Field | Container]:
        """The fields below an object, in the order of the document, and the objects that must be there.

        ``within`` is the outermost optional object that cannot be there without this one.
        """
        _check_keywords(node, {"properties", "required", "additionalProperties", "minProperties"}, place)
        if parts and "minProperties" in node:
            raise ContractError(f"{place}/minProperties: can be asked of the whole body only")
        here = ".".join(parts)
        if len(parts) > DEEPEST:
            raise ContractError(f"{place}: nests deeper than {DEEPEST} objects, or a $ref leads back to itself")
        anchor = None if required else within or here
        wanted = set(node.get("required", ()))
        unknown = wanted - set(node.get("properties", {}))
        if unknown:
            raise ContractError(f"{place}/required: names {sorted(unknown)}, which stand in no properties")
        for name, entry in node.get("properties", {}).items():
            below = f"{place}/properties/{_escape(name)}"
            if "." in name:
                raise ContractError(f"{below}: a name with a dot cannot be told from a nested field")
            child = self.resolve(entry, below)
            must, inside = required and name in wanted, anchor if name in wanted else None
            if _type(child, below) == "object" and "properties" in child:
                if name in wanted:
                    yield Container((*parts, name), inside)
                yield from self.leaves(child, (*parts, name), below, required=must, within=inside)
            else:
                yield self.leaf(child, (*parts, name), below, required=must, within=inside)

    def leaf(
        self,
        node: Node,
        parts: tuple[str, ...],
        place: str,
        *,
        required: bool,
        within: str | None,
        in_path: bool = False,
    ) -> Field:
        kind_of = _type(node, place)
        items = None
        if kind_of == "array":
            _check_keywords(node, {"items", "minItems", "maxItems"}, place)
            items = self.text_limits(node.get("items"), f"{place}/items", "an array of anything but text")
        elif kind_of == "object":
            _check_keywords(node, {"additionalProperties"}, place)
            extra = node.get("additionalProperties", True)
            if extra is False:
                raise ContractError(f"{place}: an object without properties that takes no others has no fields")
            if isinstance(extra, dict) and extra:
                items = self.text_limits(extra, f"{place}/additionalProperties", "members of anything but text")
        else:
            _check_keywords(node, set(LIMITS) - {"minItems", "maxItems"} | {"enum", "const"}, place)
        ours = only(node.get("x-importer", {}), {"kind", "hint"}, f"{place}/x-importer")
        advice = only(node.get("x-advisory", {}), set(ADVICE), f"{place}/x-advisory")
        for key, value in advice.items():
            check_limit(key, value, f"{place}/x-advisory")
        limits = read_limits(node, place)
        examples = node.get("examples") or ([node["example"]] if "example" in node else [None])
        return Field(
            path=".".join(parts),
            parts=parts,
            type=kind_of,
            kind=_kind(ours.get("kind"), limits, f"{place}/x-importer/kind"),
            required=required,
            required_within=within,
            in_path=in_path,
            limits=limits,
            items=items,
            advisory=Limits(**{ADVICE[key]: value for key, value in advice.items()}),
            aliases=tuple(node.get("x-aliases", ())),
            parts_known_as=tuple(map(tuple, node.get("x-parts", ()))),
            description=str(node.get("description", "")),
            hint=str(ours.get("hint", "")),
            example=examples[0],
        )

    def text_limits(self, node: Node | None, place: str, what: str) -> Limits:
        schema = self.resolve(node or {}, place)
        if _type(schema, place) != "string":
            raise ContractError(f"{place}: {what} cannot be fed from one cell")
        _check_keywords(schema, {"minLength", "maxLength", "pattern", "format", "enum", "const"}, place)
        return read_limits(schema, place)

    def resolve(self, node: Any, place: str) -> dict[str, Any]:
        """Follow ``$ref`` (inside this document); keys beside it win over what it points to."""
        if not isinstance(node, dict):
            raise ContractError(f"{place}: an object is expected here")
        seen: set[str] = set()
        beside: dict[str, Any] = {}
        while "$ref" in node:
            target = node["$ref"]
            beside = {**{key: value for key, value in node.items() if key != "$ref"}, **beside}
            if target in seen or not str(target).startswith("#/"):
                raise ContractError(f"{place}: {target!r} cannot be followed: only places in this document can")
            seen.add(target)
            node = self.document
            for escaped in target[2:].split("/"):
                step = escaped.replace("~1", "/").replace("~0", "~")
                if not isinstance(node, dict) or step not in node:
                    raise ContractError(f"{place}: {target!r} points to nothing")
                node = node[step]
        return {**node, **beside}


def _kind(named: str | None, limits: Limits, place: str) -> Kind:
    if named is not None:
        try:
            return Kind(named)
        except ValueError as error:
            raise ContractError(f"{place}: {named!r} is none of {', '.join(Kind)}") from error
    if limits.enum:
        return Kind.CHOICE
    return KINDS_BY_FORMAT.get(limits.format or "", Kind.TEXT)


def _type(node: Node, place: str) -> Any:
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


def _check_keywords(node: Node, handled: set[str], place: str) -> None:
    allowed = handled | ANNOTATIONS | EXTENSIONS | {"type"}
    for keyword in node:
        if keyword not in allowed and not (keyword.startswith("x-") and keyword not in EXTENSIONS):
            raise ContractError(f"{place}/{keyword}: the importer cannot check this, so it will not use the document")


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
