"""Follows ``$ref`` within one document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.contract import ContractError
from schemas.json_pointer import get_pointer


def resolve(document: Mapping[str, Any], node: Any, place: str) -> dict[str, Any]:
    """Return the object that a node is or refers to. Keys beside a ``$ref`` win over what it points to.

    Raises ContractError naming the place for a reference that leads nowhere, back to itself or out of the document.
    """
    if not isinstance(node, dict):
        raise ContractError(f"{place}: an object is expected here")
    followed: set[str] = set()
    siblings: dict[str, Any] = {}
    while "$ref" in node:
        target = str(node["$ref"])
        siblings = {**{key: value for key, value in node.items() if key != "$ref"}, **siblings}
        if target in followed or not target.startswith("#/"):
            raise ContractError(f"{place}: {target!r} cannot be followed: only places in this document can")
        followed.add(target)
        node = get_pointer(document, target[1:])
        if not isinstance(node, dict):
            raise ContractError(f"{place}: {target!r} points to nothing")
    return {**node, **siblings}
