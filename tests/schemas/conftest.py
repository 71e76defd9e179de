"""A made-up vendor's document, changed where a test needs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture
def document(tmp_path: Path) -> Callable[..., Path]:
    """Write a document whose body has these properties; ``at`` puts values at other places, by their path."""

    def write(properties: dict[str, Any] | None = None, *, required: tuple[str, ...] = (), **at: Any) -> Path:
        body = {"type": "object", "required": list(required), "properties": properties or {"a": {"type": "string"}}}
        operation: dict[str, Any] = {
            "x-importer": {"id": "/id", **at.get("importer", {})},
            "requestBody": {
                "content": {"application/json": {"schema": at.get("schema", {**body, **at.get("body", {})})}}
            },
            "responses": {"200": {"description": "done"}},
            **at.get("operation", {}),
        }
        content: dict[str, Any] = {
            "openapi": "3.1.0",
            "info": {"title": "Made up", "version": "1"},
            "servers": [{"url": "https://api.example.com"}],
            "paths": {at.get("path", "/people"): {"post": operation}},
            "components": {"schemas": at.get("schemas", {})},
            **at.get("top", {}),
        }
        file = tmp_path / "madeup.yaml"
        file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
        return file

    return write
