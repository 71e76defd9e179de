"""Reads where a document wants its credential."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.contract import ContractError, KeyPlace, Security
from schemas.openapi_references import resolve

Node = Mapping[str, Any]


def read_security(document: Node, operation: Node, prefixes: tuple[str, ...]) -> Security | None:
    """Return the credential of an operation: the first alternative that can be used. An empty one makes it optional.

    Raises ContractError naming the place if there is none that can be used.
    """
    alternatives = operation.get("security", document.get("security")) or []
    named = [alternative for alternative in alternatives if alternative]
    if not named:
        return None
    reasons = []
    for alternative in named:
        try:
            keys = tuple(_read_scheme(document, name) for name in alternative)
        except ContractError as error:
            reasons.append(str(error))
            continue
        return Security(keys, len(named) == len(alternatives), prefixes)
    raise ContractError(reasons[0])


def key_parameters(document: Node) -> set[tuple[str, str]]:
    """Return where the document's keys are sent: some name such a header or query among the parameters, too."""
    schemes = document.get("components", {}).get("securitySchemes", {}).values()
    return {
        (str(scheme.get("in")), str(scheme.get("name")).lower())
        for scheme in schemes
        if isinstance(scheme, Mapping) and scheme.get("type") == "apiKey"
    }


def _read_scheme(document: Node, name: str) -> KeyPlace:
    place = f"#/components/securitySchemes/{name}"
    schemes = document.get("components", {}).get("securitySchemes", {})
    if name not in schemes:
        raise ContractError(f"{place}: is missing, and security names it")
    scheme = resolve(document, schemes[name], place)
    kind, http = scheme.get("type"), str(scheme.get("scheme", "")).lower()
    if kind == "apiKey" and scheme.get("in") in ("header", "query"):
        return KeyPlace(str(scheme["name"]), in_query=scheme["in"] == "query")
    # A token that the user has from the vendor's OAuth is sent like any other bearer's.
    if (kind == "http" and http == "bearer") or kind in ("oauth2", "openIdConnect"):
        return KeyPlace("Authorization", "Bearer")
    if kind == "http" and http == "basic":
        return KeyPlace("Authorization", "Basic")
    raise ContractError(f"{place}: only a key in a header or the query, bearer, basic and OAuth tokens can be used")
