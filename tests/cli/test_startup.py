"""What a command loads: not what it never uses, even where that is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_a_package_that_only_others_need_is_not_loaded_and_not_missed(tmp_path: Path) -> None:
    for name in ("pandas", "hypothesis"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('somebody loaded me')\n")
    (tmp_path / "people.csv").write_text("Email\nana@example.com\nbo@\n", encoding="utf-8")
    command = [sys.executable, "-m", "importer", "check", str(tmp_path / "people.csv"), "--vendor", "iclosed"]

    ended = subprocess.run(
        [*command, "--output", str(tmp_path / "out"), "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )

    assert (ended.returncode, ended.stderr) == (3, "")
