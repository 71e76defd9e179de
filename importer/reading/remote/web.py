"""Files on web servers, and the CSV export of Google Sheets.

A login comes from ``~/.netrc``, as for curl; a signed address brings its own. Proxies and certificates come from the
environment (``HTTPS_PROXY``, ``SSL_CERT_FILE``).
"""

from __future__ import annotations

import base64
import email.message
import http.client
import urllib.request
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from importer.errors import FileError
from importer.model.addresses import origin
from importer.reading.file_types import TABLE_SUFFIXES, suffix_of
from importer.reading.remote.address import Address
from importer.reading.remote.files import LARGEST_DOWNLOAD_BYTES, STALL_SECONDS, RemoteEntry, too_large
from importer.reading.remote.netrc_file import find_login

CHUNK_BYTES = 1 << 18
WEB_PAGES = (b"<!doctype", b"<html")
SUFFIX_BY_TYPE = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/vcard": ".vcf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/zip": ".zip",
}


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never from https to http, and takes no login to another server."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise HTTPError(newurl, code, "a redirect to an address without https", headers, fp)
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None and origin(newurl) != origin(req.full_url):
            following.remove_header("Authorization")
        return following


class WebSite:
    """One web server, of which single files are read."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def download(self, path: str, into: IO[bytes]) -> str:  # noqa: ARG002 - the address is the path
        shown = self._address.shown
        request = urllib.request.Request(self._address.url, headers={"Accept": "*/*"})  # noqa: S310 - http(s) only
        login = None if self._address.is_sheet else find_login(self._address.host)
        if login:
            request.add_header("Authorization", f"Basic {base64.b64encode(':'.join(login).encode()).decode()}")
        opener = urllib.request.build_opener(_SafeRedirects)
        try:
            with opener.open(request, timeout=STALL_SECONDS) as answer:
                self._copy(answer, into)
                return _suffix(answer.headers)
        except HTTPError as error:
            advice = {401: "; put the login into ~/.netrc", 403: "; it is not shared", 404: "; check the address"}
            raise FileError(f"{shown}: the server answered {error.code}{advice.get(error.code, '')}") from error
        except (URLError, OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            raise FileError(f"{shown}: cannot be read ({reason})") from error

    def list_folder(self, path: str) -> list[RemoteEntry]:  # noqa: ARG002
        raise FileError(
            f"{self._address.shown}: a web server does not list its files; use s3://, gs://, az:// or sftp://"
        )

    def upload(self, file: Path, path: str) -> None:  # noqa: ARG002
        raise FileError(f"{self._address.shown}: nothing is written to web servers")

    def move(self, path: str, to: str) -> None:  # noqa: ARG002
        raise FileError(f"{self._address.shown}: nothing is written to web servers")

    def _copy(self, answer: http.client.HTTPResponse, into: IO[bytes]) -> None:
        received, expected = 0, answer.length
        while chunk := answer.read(CHUNK_BYTES):
            if not received:
                self._reject_page(chunk)
            received += len(chunk)
            if received > LARGEST_DOWNLOAD_BYTES:
                raise too_large(self._address)
            into.write(chunk)
        if expected is not None and received < expected:
            raise http.client.IncompleteRead(b"", expected - received)

    def _reject_page(self, start: bytes) -> None:
        if start[:64].lstrip().lower().startswith(WEB_PAGES):
            advice = (
                "share the sheet with 'Anyone with the link', or download it and import the file"
                if self._address.is_sheet
                else "it may ask to sign in; use the address of the file itself"
            )
            raise FileError(f"{self._address.shown}: the server answered with a web page; {advice}")


def _suffix(headers: email.message.Message) -> str:
    suffix = suffix_of(headers.get_filename() or "")
    return suffix if suffix in TABLE_SUFFIXES else SUFFIX_BY_TYPE.get(headers.get_content_type(), "")
