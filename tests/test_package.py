"""The installed packages say that they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("package", ["importer", "schemas"])
def test_a_package_is_marked_as_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").exists()
