"""Every status has a dot of its own colour in the web app."""

from __future__ import annotations

from pathlib import Path

import pytest

import importer.web.routes
from importer.model.status import Status

STYLES = (Path(importer.web.routes.__file__).parent / "static" / "page.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("status", list(Status))
def test_a_status_has_a_dot(status: Status) -> None:
    assert f".dot.{status}" in STYLES
