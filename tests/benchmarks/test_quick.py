"""The benchmarks run, whoever of the others is installed; what they say of tiny files means nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(600)
def test_the_benchmarks_run():
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.benchmarks", "--quick"]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "| work " in ended.stdout
