"""Applies an OpenAPI Overlay 1.0: our remarks on a vendor's document, which itself stays as it was published."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.contract import ContractError

DIGEST = "x-extends-sha256"
KEYS = {"overlay", "info", "extends", "actions", DIGEST, "x-sandbox"}


def is_overlay(document: Any) -> bool:
    """Return True for an overlay."""
    return isinstance(document, Mapping) and "overlay" in document


def is_overlay_file(file: Path) -> bool:
    """Return True for the file of an overlay. One that cannot be read is none."""
    try:
        return b"\noverlay:" in b"\n" + file.read_bytes()
    except OSError:
        return False


def apply_overlay(overlay: Mapping[str, Any], path: Path) -> tuple[dict[str, Any], bytes]:
    """Return the document that an overlay extends, with its actions done, and the bytes of that document.

    Raises ContractError naming what is wrong with the overlay, or that the document is not the one it was written for.
    """
    from schemas.documents import read_bytes, read_with_files

    extends = overlay.get("extends")
    if not isinstance(extends, str):
        raise ContractError("extends: is missing; it names the vendor's document, such as extends: acme-openapi.json")
    if extends.startswith(("http://", "https://")):
        raise ContractError(f"extends: {extends} is not kept on this machine; vendors add downloads it")
    file = path.parent / extends
    raw = read_bytes(file)
    expected = overlay.get(DIGEST)
    if expected and hashlib.sha256(raw).hexdigest() != expected:
        raise ContractError(
            f"{DIGEST}: {extends} has changed since this overlay was written; look at the changes, then put its new "
            f"SHA-256 here: {hashlib.sha256(raw).hexdigest()}"
        )
    document = apply_actions(read_with_files(file, raw), overlay.get("actions") or ())
    if "x-sandbox" in overlay:
        document["x-sandbox"] = overlay["x-sandbox"]
    return document, raw


def apply_actions(document: Any, actions: Sequence[Any]) -> dict[str, Any]:
    """Return a copy of a document with these actions done. Raises ContractError naming the action."""
    changed: dict[str, Any] = copy.deepcopy(document)
    for index, action in enumerate(actions):
        _apply(changed, action, f"#/actions/{index}")
    return changed


def _apply(document: dict[str, Any], action: Any, place: str) -> None:
    from jsonpath import JSONPathError, finditer

    if not isinstance(action, Mapping) or not isinstance(action.get("target"), str):
        raise ContractError(f"{place}: an action has a target, such as $.paths['/contacts'].post")
    try:
        matches = list(finditer(action["target"], document))
    except JSONPathError as error:
        raise ContractError(f"{place}/target: is not a JSONPath: {error}") from error
    if not matches:
        raise ContractError(f"{place}/target: {action['target']} is nowhere in the document that this extends")
    for match in matches:
        if action.get("remove") is True:
            if match.parent is None:
                raise ContractError(f"{place}/target: the whole document cannot be removed")
            above: Any = match.parent.obj
            del above[match.parts[-1]]
        elif "update" in action:
            _update(match.obj, action["update"], f"{place}/update")


def _update(node: Any, update: Any, place: str) -> None:
    """Merge a value into a node of the document, as the Overlay Specification says: lists grow, others are replaced."""
    if isinstance(node, list):
        node.append(copy.deepcopy(update))
        return
    if not isinstance(node, dict) or not isinstance(update, Mapping):
        raise ContractError(f"{place}: only an object or a list can be updated")
    for key, value in update.items():
        if isinstance(node.get(key), dict) and isinstance(value, Mapping):
            _update(node[key], value, place)
        elif isinstance(node.get(key), list) and isinstance(value, list):
            node[key].extend(copy.deepcopy(value))
        else:
            node[key] = copy.deepcopy(value)
