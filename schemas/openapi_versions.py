"""Brings a document of OpenAPI 2.0 or 3.x into the places where 3.1 has things. Schemas stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.contract import ContractError
from schemas.json_pointer import escape_step
from schemas.openapi_schemas import PLACE

METHODS = ("post", "patch", "put", "delete", "get")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SCHEMA_KEYS = {"type", "format", "enum", "default", "pattern", "minLength", "maxLength", "minimum", "maximum", "items"}


def upgrade(document: Any) -> dict[str, Any]:
    """Return the document with the members of 3.1. Raises ContractError if it is no OpenAPI document."""
    if not isinstance(document, dict):
        raise ContractError("is not an OpenAPI document (its first line says, for example: openapi: 3.1.0)")
    version = str(document.get("openapi") or document.get("swagger") or "")
    if version.startswith("3."):
        return document
    if not version.startswith("2"):
        raise ContractError("is not an OpenAPI document (its first line says, for example: openapi: 3.1.0)")
    components = {"securitySchemes": {n: _scheme(s) for n, s in document.get("securityDefinitions", {}).items()}}
    paths = {
        path: {
            key: _operation(document, entry, item, f"#/paths/{escape_step(path)}/{key}")
            if key in METHODS and isinstance(entry, dict)
            else entry
            for key, entry in item.items()
            if key != "parameters"
        }
        if isinstance(item, dict)
        else item
        for path, item in document.get("paths", {}).items()
    }
    return {**document, "openapi": "3.1.0", "servers": _servers(document), "components": components, "paths": paths}


def _servers(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    host, base = document.get("host"), document.get("basePath", "").rstrip("/")
    schemes = document.get("schemes") or ["https"]
    scheme = "https" if "https" in schemes else schemes[0]
    return [{"url": f"{scheme}://{host}{base}" if host else base or "/"}]


def _scheme(scheme: Any) -> Any:
    return {**scheme, "type": "http", "scheme": "basic"} if scheme.get("type") == "basic" else scheme


def _operation(
    document: Mapping[str, Any], node: Mapping[str, Any], item: Mapping[str, Any], place: str
) -> dict[str, Any]:
    consumes = node.get("consumes") or document.get("consumes") or [JSON]
    produces = node.get("produces") or document.get("produces") or [JSON]
    operation = {key: value for key, value in node.items() if key not in ("parameters", "consumes", "produces")}
    parameters, form, required = [], {}, []
    entries = [("#", entry) for entry in item.get("parameters", ())]
    entries += [(f"{place}/parameters/{index}", entry) for index, entry in enumerate(node.get("parameters", ()))]
    for below, entry in entries:
        parameter = _follow(document, entry)
        if parameter.get("in") == "body":
            schema = {PLACE: f"{below}/schema", **parameter.get("schema", {})}
            content = {kind: {"schema": schema} for kind in consumes}
            operation["requestBody"] = {"required": parameter.get("required", False), "content": content}
        elif parameter.get("in") == "formData":
            form[parameter["name"]] = _schema_of(parameter)
            required += [parameter["name"]] if parameter.get("required") else []
        else:
            kept = {key: value for key, value in parameter.items() if key not in SCHEMA_KEYS}
            parameters.append({**kept, "schema": _schema_of(parameter)})
    if form:
        schema = {"type": "object", "properties": form, **({"required": required} if required else {})}
        operation["requestBody"] = {"required": bool(required), "content": {FORM: {"schema": schema}}}
    operation["parameters"] = parameters
    operation["responses"] = {
        status: _response(_follow(document, answer), produces) for status, answer in node.get("responses", {}).items()
    }
    return operation


def _schema_of(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = {key: parameter[key] for key in SCHEMA_KEYS if key in parameter}
    return {**schema, **({"description": parameter["description"]} if "description" in parameter else {})}


def _response(answer: Mapping[str, Any], produces: list[str]) -> dict[str, Any]:
    content = {kind: {"schema": answer["schema"]} for kind in produces} if "schema" in answer else {}
    for kind, example in (answer.get("examples") or {}).items():
        content.setdefault(kind, {})["example"] = example
    return {"description": answer.get("description", ""), **({"content": content} if content else {})}


def _follow(document: Mapping[str, Any], node: Any) -> dict[str, Any]:
    from schemas.openapi_references import resolve

    return resolve(document, node, "#")
