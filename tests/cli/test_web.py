"""``contact-importer web``: what is refused before anything is served, what is printed, how it ends."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.steps import serving


def _web(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "importer", "web", "--no-browser", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_others_are_not_let_near_it_without_a_password(host: str) -> None:
    ended = _web("--host", host)

    assert ended.returncode == 2
    assert "--password-file" in ended.stderr
    assert "TLS" in ended.stderr


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [("short", 0o600, "at least 8"), ("long enough", 0o644, "chmod 600"), (None, 0, "cannot be read")],
)
def test_a_password_that_is_none_is_refused(tmp_path: Path, content: str | None, mode: int, said: str) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)

    ended = _web("--host", "0.0.0.0", "--password-file", str(file))

    assert ended.returncode == 2
    assert said in ended.stderr


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = _web("--port", str(port))

    assert ended.returncode == 2
    assert f"--port {port}" in ended.stderr


def test_with_a_password_no_token_is_printed_and_the_need_for_tls_is_said(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("long enough")
    password.chmod(0o600)

    with serving(tmp_path / "state", "--host", "0.0.0.0", "--password-file", str(password)) as served:
        assert "token" not in served.entry


def test_ctrl_c_is_how_it_ends(tmp_path: Path) -> None:
    with serving(tmp_path / "state") as served:
        assert served.stop() == 0
