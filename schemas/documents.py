"""Reads documents from files: YAML or JSON of bounded size, with what their ``$ref`` name in files beside them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from schemas.contract import ContractError

MAX_DOCUMENT_BYTES, MAX_NODES = 20_000_000, 2_000_000
# PyYAML takes a second for each megabyte; JSON of the same size takes a hundredth of that.
MAX_YAML_BYTES = 5_000_000
MOST_FILES = 500


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # one of two classes
    """A safe loader that keeps to YAML 1.2: ``no``, ``=`` and ``2024-01-15`` are texts."""


_BY_12 = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, _BY_12 if tag.endswith(":bool") else pattern)
        for tag, pattern in resolvers
        if not tag.endswith((":value", ":timestamp")) and (not tag.endswith(":bool") or first in "tTfF")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_bytes(path: Path) -> bytes:
    """Return a document's bytes. Raises ContractError if it cannot be read or is too large."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_DOCUMENT_BYTES + 1)
    except OSError as error:
        raise ContractError(f"{path}: cannot be read: {error.strerror}") from error
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise ContractError(f"{path}: is larger than {MAX_DOCUMENT_BYTES // 1_000_000} MB; keep only what is sent")
    return raw


def parse(path: Path, raw: bytes) -> Any:
    """Return the value of a document. Raises ContractError naming the file."""
    try:
        return _parse_json(raw) or _parse_yaml(path, raw)
    except ContractError:
        raise
    except (yaml.YAMLError, ValueError) as error:
        raise ContractError(f"{path}: is not YAML: {error}") from error
    except RecursionError as error:
        raise ContractError(f"{path}: is nested too deeply") from error


def _parse_json(raw: bytes) -> Any:
    """Return the value of a JSON object; None for anything else, because YAML may begin with a brace, too."""
    if raw.lstrip()[:1] != b"{":
        return None
    try:
        return json.loads(raw)
    except json.JSONDecodeError:
        return None


def _parse_yaml(path: Path, raw: bytes) -> Any:
    if len(raw) > MAX_YAML_BYTES:
        raise ContractError(f"{path}: is larger than {MAX_YAML_BYTES // 1_000_000} MB; keep only what is sent")
    document = yaml.load(raw, Loader=_Loader)  # noqa: S506 - a safe loader
    _check_nodes(document)
    return document


def read_with_files(path: Path, raw: bytes) -> Any:
    """Return a document in which every ``$ref`` to a file below its folder leads to a place in the document itself."""
    document = parse(path, raw)
    if isinstance(document, dict) and b"$ref" in raw:
        _Files(path, document).gather()
    return document


class _Files:
    """Gathers the files that a document refers to under ``x-files``."""

    def __init__(self, path: Path, document: dict[str, Any]) -> None:
        self._folder = path.resolve().parent
        self._document = document
        self._names: dict[Path, str] = {path.resolve(): ""}
        self._kept: dict[str, Any] = {}

    def gather(self) -> None:
        waiting: list[tuple[Any, Path]] = [(self._document, next(iter(self._names)))]
        while waiting:
            node, file = waiting.pop()
            waiting.extend(self._rewrite(node, file))
        if self._kept:
            self._document["x-files"] = self._kept

    def _rewrite(self, root: Any, file: Path) -> list[tuple[Any, Path]]:
        """Rewrite the references of one file; return the files that are new."""
        found, stack = [], [root]
        while stack:
            node = stack.pop()
            if isinstance(node, list):
                stack.extend(node)
            if not isinstance(node, dict):
                continue
            target = node.get("$ref")
            if isinstance(target, str) and not target.startswith(("http://", "https://")):
                name, _, pointer = target.partition("#")
                other = (file.parent / unquote(name)).resolve() if name else file
                if other not in self._names:
                    # One that is missing is an error only where it is needed: there the $ref cannot be followed.
                    if not other.is_relative_to(self._folder) or not other.is_file():
                        continue
                    found.append((self._load(other), other))
                prefix = self._names[other]
                if name or prefix:
                    node["$ref"] = f"#{prefix}{pointer}" if prefix or pointer else "#"
            stack.extend(value for value in node.values() if isinstance(value, dict | list))
        return found

    def _load(self, file: Path) -> Any:
        if len(self._names) >= MOST_FILES:
            raise ContractError(f"the document is spread over more than {MOST_FILES} files")
        name = str(len(self._names))
        self._names[file] = f"/x-files/{name}"
        self._kept[name] = parse(file, read_bytes(file))
        return self._kept[name]


def _check_nodes(document: Any) -> None:
    """Make every key a text. Raises ValueError when aliases make the document far larger than its text, or endless."""
    sizes: dict[int, int] = {}

    def measure(node: Any) -> int:
        if not isinstance(node, dict | list):
            return 1
        if id(node) in sizes:
            if not sizes[id(node)]:
                raise ValueError("an alias leads back to itself")
            return sizes[id(node)]
        sizes[id(node)] = 0
        if isinstance(node, dict):
            for key in [key for key in node if not isinstance(key, str)]:  # 401: is a status, and a $ref names it
                node[json.dumps(key) if isinstance(key, bool) else str(key)] = node.pop(key)
        children = node.values() if isinstance(node, dict) else node
        sizes[id(node)] = size = 1 + sum(measure(child) for child in children)
        if size > MAX_NODES:
            raise ValueError("its aliases make it too large")
        return size

    measure(document)
