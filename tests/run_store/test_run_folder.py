"""Two runs never share an id, nor a folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from importer.run_store import run_folder
from importer.run_store.run_folder import create_run_folder, new_run_id


def test_an_id_has_32_random_bits() -> None:
    ids = {new_run_id() for _ in range(2000)}

    assert all(re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{8}", run) for run in ids)
    assert len(ids) == 2000


def test_an_id_that_is_taken_is_not_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["a", "a", "b"])
    monkeypatch.setattr(run_folder, "new_run_id", lambda: next(ids))

    folders = [create_run_folder(tmp_path), create_run_folder(tmp_path)]

    assert [folder.run for folder in folders] == ["a", "b"]
    assert all(folder.path.is_dir() for folder in folders)
