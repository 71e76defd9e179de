"""Proxies and certificates: the key never travels where it should not, and failures name their remedy."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import trustme

from importer.automation.preflight import Level, run_checks
from importer.errors import SettingsError
from importer.pipeline import run_import
from importer.sending import proxy as proxies
from importer.sending.http_client import Client, Exchange, Failure
from importer.sending.target import Target, find_target
from importer.settings import Settings
from schemas.registry import load_vendor

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
CREATED = b'HTTP/1.1 201 X\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{"id":"7"}'


class TlsVendor:
    """A vendor whose certificate a company's own authority has signed."""

    def __init__(self, folder: Path, *names: str) -> None:
        authority, self._context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names).configure_cert(self._context)
        self.ca_file = str(folder / "company.pem")
        authority.cert_pem.write_to_path(self.ca_file)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.heads: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listening.accept()
            except OSError:
                return
            try:
                with self._context.wrap_socket(plain, server_side=True) as connection:
                    self.heads.append(connection.recv(65536))
                    connection.sendall(CREATED[:-10] if self.heads[-1].startswith(b"HEAD") else CREATED)
            except OSError:
                continue


class SocksProxy:
    """SOCKS5 without a password; leads every name to one port of this machine."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"socks5://127.0.0.1:{self._listening.getsockname()[1]}"
        self.names: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with self._listening:
            connection, _ = self._listening.accept()
        with connection, socket.create_connection(("127.0.0.1", self._to)) as onward:
            self._relay(connection, onward)

    def _relay(self, connection: socket.socket, onward: socket.socket) -> None:
        connection.recv(262)
        connection.sendall(b"\x05\x00")
        request = connection.recv(262)
        self.names.append(request[5:-2])
        connection.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        back = threading.Thread(target=self._pump, args=(onward, connection), daemon=True)
        back.start()
        self._pump(connection, onward)
        back.join()

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return


def post(url: str, ca_file: str | None = None) -> Exchange:
    async def send() -> Exchange:
        target = Target(url, {"x-api-key": "k"}, url, ca_file=ca_file)
        async with Client(target, "POST", timeout=3.0, connections=1) as client:
            return await client.send("/contacts", b"{}", lambda _: None)

    return asyncio.run(send())


def test_a_companys_authority_is_trusted_beside_the_public_ones(tmp_path: Path) -> None:
    vendor = TlsVendor(tmp_path, "localhost")

    assert post(f"https://localhost:{vendor.port}", vendor.ca_file).status == 201


def test_a_certificate_that_cannot_be_verified_names_the_options(tmp_path: Path) -> None:
    vendor = TlsVendor(tmp_path, "localhost")

    exchange = post(f"https://localhost:{vendor.port}")

    assert exchange.failure is Failure.NOT_SENT
    assert "--ca-file" in exchange.detail
    assert "SSL_CERT_FILE" in exchange.detail
    assert vendor.heads == []


def test_the_option_reaches_a_run_and_is_kept_for_a_resume(tmp_path: Path) -> None:
    vendor = TlsVendor(tmp_path, "localhost")
    file = tmp_path / "f.csv"
    file.write_text("primaryPhone\n+12025550101\n")
    settings = Settings(
        "gomobile", base_url=f"https://localhost:{vendor.port}", ca_file=vendor.ca_file, output=tmp_path / "out"
    )

    summary = run_import(file, settings)

    assert summary.counts["created"] == 1
    assert summary.settings["--ca-file"] == vendor.ca_file


def test_the_doctor_follows_the_same_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = TlsVendor(tmp_path, "localhost")
    for name in PROXY_VARIABLES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    settings = Settings("cleartalk", base_url=f"https://localhost:{vendor.port}", api_key="secret-key")

    without = {result.name: result for result in run_checks(settings, "option")}
    trusting = Settings("cleartalk", base_url=settings.base_url, api_key=settings.api_key, ca_file=vendor.ca_file)
    found = {result.name: result for result in run_checks(trusting, "option")}

    assert without["host"].level is Level.ERROR
    assert "--ca-file" in without["host"].message
    assert found["host"].level is Level.OK
    assert all(b"secret-key" not in head for head in vendor.heads)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_without_certificates_stops_before_anything_is_sent(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)

    with pytest.raises(SettingsError, match=r"--ca-file: .*ca\.pem"):
        find_target(load_vendor("cleartalk"), None, "k", str(file))


def test_a_socks_proxy_is_used_and_resolves_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = TlsVendor(tmp_path, "vendor.example.com")
    socks = SocksProxy(vendor.port)
    monkeypatch.setenv("ALL_PROXY", socks.url)

    exchange = post("https://vendor.example.com", vendor.ca_file)

    assert exchange.status == 201
    assert socks.names == [b"vendor.example.com"]


def test_a_socks_proxy_that_cannot_be_reached_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")

    assert post("https://vendor.example.com").failure is Failure.NOT_SENT


def test_a_socks_proxy_without_its_library_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://user:password@127.0.0.1:9")
    monkeypatch.setattr(proxies.importlib.util, "find_spec", lambda _: None)

    with pytest.raises(SettingsError, match=r"pip install '\.\[socks\]'") as caught:
        find_target(load_vendor("cleartalk"), None, "k")
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("proxy", ["ftp://127.0.0.1:9", "http://127.0.0.1:x", "http://"])
def test_a_proxy_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    with pytest.raises(SettingsError, match="HTTPS_PROXY"):
        find_target(load_vendor("cleartalk"), None, "k")


def test_the_built_in_copy_is_reached_without_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, leads: Path
) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    command = [
        sys.executable,
        "-m",
        "importer",
        "run",
        str(leads),
        "--vendor",
        "iclosed",
        "--sandbox",
        "--json",
        "--region",
        "US",
    ]

    ran = subprocess.run([*command, "--output", str(tmp_path / "out")], capture_output=True, text=True, check=False)

    assert '"created": 2' in ran.stdout, ran.stdout + ran.stderr


@pytest.mark.parametrize("vendor", ["iclosed", "gomobile", "cleartalk", "clemta"])
def test_an_endpoint_for_a_base_url_is_understood(vendor: str) -> None:
    contract: Any = load_vendor(vendor)
    path = contract.operations["create"].path
    base = find_target(contract, "https://example.com/v", "k")

    pasted = find_target(contract, f"https://example.com/v{path}", "k")

    assert pasted.url(path) == base.url(path)
    assert pasted.name == base.name
