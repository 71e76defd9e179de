"""Files are written whole, for their owner only."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from importer.files import make_private_folder, write_atomic


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "names.json"
    write_atomic(path, "before")

    with pytest.raises(UnicodeEncodeError):
        write_atomic(path, "\ud800")

    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_files_and_folders_are_their_owners(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    make_private_folder(folder)
    write_atomic(folder / "a.json", "{}")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "a.json").stat().st_mode) == 0o600
