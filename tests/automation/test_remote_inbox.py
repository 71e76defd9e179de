"""The inbox over a bucket and over an SFTP folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from importer.reading.remote import open_remote, parse_address
from tests.remote_servers import s3_server, sftp_server

Contacts = Callable[[str], list[dict[str, Any]]]
FILES = {
    "a.csv": b"First name,Email\nAnn,ann@example.com\n",
    "again.csv": b"First name,Email\nAnn,ann@example.com\n",
    "bad.csv": b"First name,Email\nBo,bo@\n",
    "broken.xlsx": b"no workbook at all",
    ".hidden.csv": b"First name,Email\nNo,no@example.com\n",
    "notes.md": b"# no table",
}


@pytest.fixture(params=["bucket", "sftp"])
def inbox(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a folder with some files."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ICLOSED_API_KEY", "iclosed_made_up_1234567890")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    remote = tmp_path / "remote"
    remote.mkdir()
    for name, content in FILES.items():
        (remote / name).write_bytes(content)
    if request.param == "sftp":
        with sftp_server(tmp_path, tmp_path / "home") as port:
            yield f"sftp://ops@127.0.0.1:{port}/remote"
        return
    with s3_server() as server:
        for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "y", "ENDPOINT_URL": server}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        bucket = open_remote(parse_address("s3://leads/in/"))
        for name in FILES:
            bucket.upload(remote / name, f"in/{name}")
        yield "s3://leads/in/"


def names(inbox: str, folder: str = "") -> set[str]:
    address = parse_address(f"{inbox.rstrip('/')}/{folder}")
    return {entry.name for entry in open_remote(address).list_folder(address.path)}


def test_each_file_is_imported_once_and_moved_there_with_its_reports(
    inbox: str, sandbox: str, contacts: Contacts, tmp_path: Path
) -> None:
    command = [
        sys.executable, "-m", "importer", "inbox", inbox, "--vendor", "iclosed", "--base-url", f"{sandbox}/iclosed",
        "--settle", "0.1s", "--yes",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    second = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)

    assert done.returncode == 2, done.stderr  # of broken.xlsx
    assert second.returncode == 0, second.stderr
    assert [contact["email"] for contact in contacts("iclosed")] == ["ann@example.com"]
    assert names(inbox) == {".hidden.csv", "notes.md"}
    assert names(inbox, "done") == {"a.csv", "again.csv"}
    assert names(inbox, "attention") == {"bad.csv"}
    assert names(inbox, "failed") == {"broken.xlsx", "broken.xlsx.error.txt"}
    folder = next(line for line in done.stdout.splitlines() if line.startswith("bad.csv"))
    assert "attention/bad.csv" in folder
    local = next((tmp_path / "state" / "inboxes").glob("*/attention/*/errors.csv")).parent
    assert {"result.csv", "errors.csv", "errors.xlsx"} <= names(inbox, f"attention/{local.name}")
    assert not list((tmp_path / "state" / "inboxes").rglob("bad.csv"))


def test_when_the_vendor_is_down_the_file_stays(inbox: str) -> None:
    command = [
        sys.executable, "-m", "importer", "inbox", inbox, "--vendor", "iclosed", "--base-url", "http://127.0.0.1:9",
        "--settle", "0.1s", "--yes", "--max-tries", "1",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)

    assert done.returncode == 4, done.stderr
    assert {"a.csv", "again.csv"} <= names(inbox)
