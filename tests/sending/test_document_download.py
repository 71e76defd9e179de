"""A vendor's document by its https address: downloaded once, and kept beside its overlay."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

ROOT = Path(__file__).parents[2]
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Made up", "version": "1"},
    "servers": [{"url": "https://api.example.com"}],
    "paths": {
        "/contacts": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"type": "object", "properties": {"email": {"type": "string", "format": "email"}}}
                        }
                    }
                },
                "responses": {"200": {"description": "done"}},
            }
        }
    },
}


class DocumentServer:
    """An https server of one document, whose certificate an authority of its own has signed."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        self.ca_file = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                found = self.path == "/openapi.json"
                self.send_response(200 if found else 404)
                self.end_headers()
                self.wfile.write(json.dumps(DOCUMENT).encode() if found else b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.address = f"https://localhost:{self.server.server_port}"


@pytest.fixture
def documents(tmp_path: Path) -> Iterator[DocumentServer]:
    """A server that runs while a test does."""
    served = DocumentServer(tmp_path)
    thread = threading.Thread(target=served.server.serve_forever, daemon=True)
    thread.start()
    yield served
    served.server.shutdown()
    served.server.server_close()


def add(folder: Path, ca_file: Path | None, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | ({"SSL_CERT_FILE": str(ca_file)} if ca_file else {})
    command = [sys.executable, "-m", "importer", "vendors", "add", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_document_is_downloaded_once_and_kept(tmp_path: Path, documents: DocumentServer) -> None:
    url = f"{documents.address}/openapi.json"
    listed = add(tmp_path, documents.ca_file, url)
    drafted = add(tmp_path, documents.ca_file, url, "--operation", "POST /contacts", "-o", "acme.yaml")

    assert "POST /contacts" in listed.stdout, listed.stderr
    assert drafted.returncode == 0, drafted.stderr
    assert documents.asked == ["/openapi.json"]
    assert json.loads((tmp_path / "openapi.json").read_text()) == DOCUMENT
    assert "extends: openapi.json" in (tmp_path / "acme.yaml").read_text()


def test_what_cannot_be_downloaded_is_said_and_leaves_no_file(tmp_path: Path, documents: DocumentServer) -> None:
    missing = add(tmp_path, documents.ca_file, f"{documents.address}/other.json")
    unknown = add(tmp_path, None, f"{documents.address}/openapi.json")

    assert (missing.returncode, unknown.returncode) == (2, 2)
    assert "other.json cannot be downloaded" in missing.stderr
    assert "404" in missing.stderr
    assert "SSL_CERT_FILE" in unknown.stderr
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".json"] == []
