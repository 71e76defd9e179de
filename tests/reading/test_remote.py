"""Files in a bucket, on an SFTP server and on the web, each from a real server on this machine."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request

import openpyxl
import pytest

from importer.errors import FileError
from importer.model.source_ref import SourceRef
from importer.reading import as_source
from importer.reading.read_options import ReadOptions
from importer.reading.remote import backends, open_remote, parse_address, web
from tests.remote_servers import s3_server, sftp_server, web_server

CSV = b"First name,Email\nAnn,ann@example.com\nBo,bo@example.com\n"


def workbook() -> bytes:
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in (("First name", "Email"), ("Ann", "ann@example.com"), ("Bo", "bo@example.com")):
        book.active.append(row)
    book.save(content)
    return content.getvalue()


def emails(address: str) -> list[str]:
    table = as_source(address).open(ReadOptions())
    assert "@" not in table.facts.path.partition("://")[2].partition("/")[0].replace("ops@", "")
    column = f"c{table.columns.index('Email')}"
    return [value for batch in table.batches() for value in batch.frame[column].to_list()]


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The bucket ``leads``, with credentials and address in the environment."""
    for name, value in {
        "ACCESS_KEY_ID": "x",
        "SECRET_ACCESS_KEY": "y",
        "REGION": "us-east-1",
        "ENDPOINT_URL": s3,
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    return "s3://leads"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return tmp_path / "home"


@pytest.fixture
def sftp(tmp_path: Path, home: Path) -> Iterator[tuple[Path, int]]:
    """The folder of an SFTP server, and its port."""
    folder = tmp_path / "remote"
    folder.mkdir()
    with sftp_server(folder, home) as port:
        yield folder, port


@pytest.mark.parametrize(("name", "content"), [("new leads.csv", CSV), ("leads.xlsx", workbook())])
def test_a_file_in_a_bucket_is_read_as_its_kind(bucket: str, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / "local").write_bytes(content)
    open_remote(parse_address(bucket)).upload(tmp_path / "local", f"in/{name}")

    assert emails(f"{bucket}/in/{name}") == ["ann@example.com", "bo@example.com"]
    assert as_source(f"{bucket}/in/{name}").digest() == as_source(tmp_path / "local").digest()


def test_the_copy_is_downloaded_once_and_deleted(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    (tmp_path / "local").write_bytes(CSV)
    open_remote(parse_address(bucket)).upload(tmp_path / "local", "once.csv")
    source = as_source(f"{bucket}/once.csv")

    first = source.digest()
    open_remote(parse_address(bucket)).move("once.csv", "moved.csv")
    table = source.open(ReadOptions())

    assert table.facts.sha256 == first
    assert sum(batch.frame.height for batch in table.batches()) == 2
    assert len(list(scratch.iterdir())) == 1
    del source, table
    assert list(scratch.iterdir()) == []


def test_a_file_on_an_sftp_server_is_read_with_the_keys_of_openssh(sftp: tuple[Path, int]) -> None:
    folder, port = sftp
    (folder / "leads.csv").write_bytes(CSV)

    assert emails(f"sftp://ops@127.0.0.1:{port}/leads.csv") == ["ann@example.com", "bo@example.com"]


def test_a_password_of_an_sftp_server_comes_from_netrc(sftp: tuple[Path, int], home: Path) -> None:
    folder, port = sftp
    (folder / "leads.csv").write_bytes(CSV)
    (home / ".ssh" / "id_ed25519").unlink()
    (home / ".netrc").write_text("machine 127.0.0.1 login other password not-a-secret\n")
    (home / ".netrc").chmod(0o600)

    assert emails(f"sftp://127.0.0.1:{port}/leads.csv") == ["ann@example.com", "bo@example.com"]


@pytest.mark.parametrize("problem", ["no file", "unknown host", "no login", "no server"])
def test_what_is_wrong_with_an_sftp_server_is_said(sftp: tuple[Path, int], home: Path, problem: str) -> None:
    _, port = sftp
    address, expected = f"sftp://ops@127.0.0.1:{port}/none.csv", "there is no such file"
    if problem == "unknown host":
        (home / ".ssh" / "known_hosts").write_text("")
        expected = "Connect once with: sftp 127.0.0.1"
    elif problem == "no login":
        (home / ".ssh" / "id_ed25519").unlink()
        expected = "does not accept the login"
    elif problem == "no server":
        address, expected = "sftp://ops@127.0.0.1:1/none.csv", "cannot be read"

    with pytest.raises(FileError, match=expected):
        emails(address)


def test_a_signed_address_is_used_and_never_shown(tmp_path: Path) -> None:
    answers = {"/leads.csv?sig=Sec-ret": (200, {}, CSV), "/none.csv?sig=Sec-ret": (404, {}, b"")}
    with web_server(answers) as (address, _):
        url = f"{address}/leads.csv?sig=Sec-ret"
        ref = SourceRef.of(url)
        command = [
            sys.executable, "-m", "importer", "check", url, f"{address}/none.csv?sig=Sec-ret", "--vendor", "iclosed",
            "--json", "--output", str(tmp_path / "reports"),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)

        assert emails(url) == ["ann@example.com", "bo@example.com"]
    assert json.loads(done.stdout)[0]["input"]["path"] == f"{address}/leads.csv"
    written = [path.read_bytes() for path in (tmp_path / "reports").rglob("*") if path.is_file()]
    assert written
    assert not any(b"Sec-ret" in content for content in (*written, done.stdout.encode(), done.stderr.encode()))
    assert (ref.name, ref.stem, "Sec-ret" in repr(ref)) == ("leads.csv", "leads", False)


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({"Content-Type": "text/csv; charset=utf-8"}, CSV),
        ({"Content-Disposition": 'attachment; filename="x.xlsx"'}, workbook()),
        ({}, workbook()),
        ({}, CSV),
    ],
)
def test_a_web_address_without_a_suffix_is_read_as_what_it_holds(headers: dict[str, str], content: bytes) -> None:
    with web_server({"/export": (200, headers, content)}) as (address, _):
        assert emails(f"{address}/export") == ["ann@example.com", "bo@example.com"]


def test_a_login_from_netrc_is_sent_to_its_server_only(home: Path) -> None:
    home.mkdir()
    (home / ".netrc").write_text("machine 127.0.0.1 login ops password not-a-secret\n")
    (home / ".netrc").chmod(0o600)
    with contextlib.ExitStack() as servers:
        other, of_other = servers.enter_context(web_server({"/leads.csv": (200, {}, CSV)}))
        redirect = {"/leads.csv": (302, {"Location": f"{other}/leads.csv"}, b"")}
        address, of_first = servers.enter_context(web_server(redirect))
        assert len(emails(f"{address}/leads.csv")) == 2

    assert of_first[0]["Authorization"].startswith("Basic ")
    assert "Authorization" not in of_other[0]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((404, {}, b""), "answered 404; check the address"),
        ((401, {}, b""), "answered 401; put the login into ~/.netrc"),
        ((200, {}, b"<!DOCTYPE html><title>Sign in</title>"), "a web page; it may ask to sign in"),
        ((200, {"Content-Length": "900"}, CSV), "cannot be read"),
        ((200, {"Content-Length": "0"}, b""), "is empty"),
    ],
)
def test_an_answer_that_is_no_file_is_refused(answer: tuple[int, dict[str, str], bytes], expected: str) -> None:
    with web_server({"/leads.csv": answer}) as (address, _), pytest.raises(FileError, match=expected):
        emails(f"{address}/leads.csv")


def test_no_more_than_a_limit_of_bytes_is_downloaded(
    bucket: str, sftp: tuple[Path, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "local").write_bytes(CSV)
    open_remote(parse_address(bucket)).upload(tmp_path / "local", "large.csv")
    (sftp[0] / "large.csv").write_bytes(CSV)
    for module in ("bucket", "sftp", "web"):
        monkeypatch.setattr(f"importer.reading.remote.{module}.LARGEST_DOWNLOAD_BYTES", 20)

    with web_server({"/large.csv": (200, {}, CSV)}) as (address, _):
        for url in (f"{bucket}/large.csv", f"sftp://ops@127.0.0.1:{sftp[1]}/large.csv", f"{address}/large.csv"):
            with pytest.raises(FileError, match="has more than"):
                emails(url)


def test_a_link_to_a_google_sheet_is_its_export_as_csv() -> None:
    link = "https://docs.google.com/spreadsheets/d/1aB-c_D/edit?usp=sharing&resourcekey=Sec-ret#gid=42"
    address, ref = parse_address(link), SourceRef.of(link)

    assert address.url == "https://docs.google.com/spreadsheets/d/1aB-c_D/export?format=csv&gid=42"
    assert ref.uri == "https://docs.google.com/spreadsheets/d/1aB-c_D#gid=42"
    assert ref.stem == "1aB-c_D"
    assert parse_address("https://docs.google.com/spreadsheets/d/1aB-c_D").url.endswith("/export?format=csv")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ftp://example.com/a.csv", "files are read from s3://"),
        ("http://example.com/a.csv", "use https://"),
        ("sftp://ops:Sec-ret@example.com/a.csv", "put no password into the address"),
        ("https://user:Sec-ret@example.com/a.csv", "put no password into the address"),
        ("s3:///a.csv", "names no server or bucket"),
        ("https://example.com:99999999/a.csv", "is not an address"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_its_secrets(address: str, expected: str) -> None:
    with pytest.raises(FileError, match=expected) as caught:
        as_source(address).open(ReadOptions())
    assert "Sec-ret" not in str(caught.value)


@pytest.mark.parametrize(("address", "module"), [("s3://leads/a.csv", "obstore"), ("sftp://example.com/a", "asyncssh")])
def test_without_the_extra_the_message_names_it(address: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda name: None if name == module else object())

    with pytest.raises(FileError, match=r"pip install '\.\[remote\]'"):
        open_remote(parse_address(address))


def test_nobody_is_sent_from_https_to_http() -> None:
    with contextlib.closing(io.BytesIO()) as body, pytest.raises(HTTPError) as caught:
        web._SafeRedirects().redirect_request(
            Request("https://example.com/a.csv"), body, 302, "Found", {}, "http://example.com/a.csv"
        )
    caught.value.close()
