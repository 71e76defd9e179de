"""Start-up: a command loads what it needs and nothing else, and leaves Python's import system as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HEAVY = ("polars", "pandera", "httpx", "aiohttp", "pydantic")


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after this code."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_help_loads_no_heavy_module() -> None:
    assert not loaded_by("import importer.cli").intersection(HEAVY)


def test_a_check_loads_nothing_that_sends() -> None:
    loaded = loaded_by("import importer.cli.check, importer.pipeline")

    assert "polars" in loaded
    assert "importer.sending.session" not in loaded


def test_a_command_hides_no_module_from_others() -> None:
    loaded_by(
        "before = list(sys.meta_path)\n"
        "from importer.cli.startup import fast_imports\n"
        "with fast_imports():\n    import importer.pipeline\n"
        "assert sys.meta_path == before"
    )


def test_the_garbage_collector_is_on_after_imports() -> None:
    loaded_by(
        "import gc\n"
        "from importer.cli.startup import fast_imports\n"
        "with fast_imports():\n    assert not gc.isenabled()\n"
        "assert gc.isenabled()"
    )


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
