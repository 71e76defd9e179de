"""Logins, the checks of every request, and the security headers of every answer."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import stat
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from importer.web.authentication import Authenticator, ServerAddress
from importer.web.routes import build_routes
from tests.web.steps import WebServer, serving

ACCEPT = {"Accept": "text/html"}


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Browser:
    """Sends requests as a browser does, with the headers that a test wants."""

    served: WebServer
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        host = urllib.parse.urlsplit(self.served.address).netloc
        sent = {"Host": host, **ACCEPT, **(headers or {})}
        if self.cookies:
            sent.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        found = {name.lower(): value for name, value in response.getheaders()}
        text = response.read().decode("utf-8", "replace")
        connection.close()
        return Answer(response.status, found, text)

    def enter(self) -> Answer:
        """Open the printed link."""
        answer = self.ask("GET", self.served.entry.removeprefix(self.served.address))
        name, _, value = answer.headers.get("set-cookie", "").partition("=")
        if name:
            self.cookies[name] = value.partition(";")[0]
        return answer

    @property
    def own(self) -> dict[str, str]:
        """The headers of a form of the web app."""
        return {"Origin": self.served.address, "Content-Type": "application/x-www-form-urlencoded"}

    def token(self) -> str:
        """The CSRF token of the session's forms."""
        return self.ask("GET", "/").text.split('data-csrf="')[1].split('"')[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """One server for all tests of this module that need no token of their own: starting one takes a second."""
    with serving(tmp_path_factory.mktemp("security") / "state") as found:
        yield found


@pytest.fixture(scope="module")
def session(server: WebServer) -> dict[str, str]:
    """The cookies of a browser that opened the printed link."""
    browser = Browser(server)
    browser.enter()
    return browser.cookies


@pytest.fixture
def outside(server: WebServer) -> Browser:
    """A browser that is not logged in."""
    return Browser(server)


@pytest.fixture
def inside(server: WebServer, session: dict[str, str]) -> Browser:
    """A browser that is logged in; the server has no drafts."""
    shutil.rmtree(server.state_dir / "drafts", ignore_errors=True)
    return Browser(server, dict(session))


def test_the_printed_address_lets_one_outsidein(served: WebServer) -> None:
    browser = Browser(served)
    answer = browser.enter()

    assert answer.status == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert browser.ask("GET", "/").status == 200

    second = Browser(served)
    assert "set-cookie" not in second.enter().headers
    assert second.ask("GET", "/", headers={"Accept": "*/*"}).status == 401


@pytest.mark.parametrize(
    "path", ["/", "/files/0123456789abcdef/columns", "/runs/x", "/runs/x/events", "/files/x/reports/errors.xlsx"]
)
def test_nobody_else_sees_anything(outside: Browser, path: str) -> None:
    assert outside.ask("GET", path).status == 303
    assert outside.ask("GET", path, headers={"Accept": "*/*"}).status == 401
    assert outside.ask("GET", path, headers={"Accept": "*/*", "Cookie": "contact_importer_1=x"}).status == 401


@pytest.mark.parametrize(
    "host", ["example.com", "example.com:80", "127.0.0.1:1", "localhost.example.com", "", "127.0.0.1@example.com"]
)
def test_a_name_that_somebody_pointed_here_is_refused(inside: Browser, host: str) -> None:
    port = urllib.parse.urlsplit(inside.served.address).port
    for name in (host, f"{host}:{port}" if host == "example.com" else host):
        assert inside.ask("GET", "/", headers={"Host": name}).status in (400, 421)


def test_localhost_is_this_machine_too(inside: Browser) -> None:
    port = urllib.parse.urlsplit(inside.served.address).port

    assert inside.ask("GET", "/", headers={"Host": f"localhost:{port}"}).status == 200


def _changes() -> list[str]:
    return [route.path for route in build_routes() if "POST" in (getattr(route, "methods", None) or ())]


def test_there_are_changes_to_be_guarded() -> None:
    assert len(_changes()) >= 14


@pytest.mark.parametrize("path", _changes())
def test_no_change_is_made_for_another_site(inside: Browser, path: str) -> None:
    token = inside.token()
    body = urllib.parse.urlencode({"csrf": token}).encode()
    filled = path.replace("{draft}", "0123456789abcdef").replace("{run}", "x")
    form = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": token}

    for origin in (
        "https://example.com",
        "null",
        "http://127.0.0.1:1",
        inside.served.address.replace("http:", "https:"),
    ):
        assert inside.ask("POST", filled, body, {**form, "Origin": origin}).status == 403
    assert inside.ask("POST", filled, body, form).status == 403  # no origin at all
    assert inside.ask("POST", filled, body, {**form, "Sec-Fetch-Site": "cross-site"}).status == 403


@pytest.mark.parametrize("path", [path for path in _changes() if path not in ("/login", "/language")])
@pytest.mark.parametrize("token", ["", "x", "0" * 64])
def test_no_change_is_made_without_the_csrf_token(inside: Browser, path: str, token: str) -> None:
    filled = path.replace("{draft}", "0123456789abcdef").replace("{run}", "x")

    answer = inside.ask("POST", filled, f"csrf={token}".encode(), {**inside.own, "X-CSRF-Token": token})

    assert answer.status == 403


def test_a_token_of_another_session_does_not_count() -> None:
    authenticator = Authenticator(ServerAddress("127.0.0.1", 1, "http://127.0.0.1:1"))
    first = authenticator.login_with_token(authenticator.token)

    assert first is not None
    assert authenticator.csrf_token(first) != authenticator.csrf_token("another")
    assert authenticator.csrf_token(first) != Authenticator(authenticator.address).csrf_token(first)


def test_a_session_is_over_once_it_has_ended() -> None:
    authenticator = Authenticator(ServerAddress("127.0.0.1", 1, "http://127.0.0.1:1"))
    session = authenticator.login_with_token(authenticator.token)
    assert session is not None
    assert authenticator.has_session(session)

    authenticator.end_session(session)

    assert not authenticator.has_session(session)


@pytest.mark.parametrize("path", ["/", "/login", "/static/page.js", "/nothing", "/runs/x"])
def test_every_answer_forbids_what_the_page_does_not_need(inside: Browser, path: str) -> None:
    headers = inside.ask("GET", path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"


def _upload(browser: Browser, name: str, content: bytes, kind: str = "iclosed:create") -> Answer:
    query = urllib.parse.urlencode({"name": name, "kind": kind})
    return browser.ask(
        "POST", f"/files?{query}", content, {"Origin": browser.served.address, "X-CSRF-Token": browser.token()}
    )


def test_an_upload_is_its_owners_alone(inside: Browser) -> None:
    answer = _upload(inside, "leads.csv", b"Email\nana@example.com\n")

    assert answer.status == 201
    drafts = inside.served.state_dir / "drafts"
    for path in drafts.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 50),
        ("contacts.pdf", b"%PDF-1.7"),
        ("contacts.csv", b"%PDF-1.7"),
        ("contacts.csv", b"PK\x03\x04rest of a workbook"),
        ("contacts.xlsx", b"Email\nana@example.com\n"),
        ("contacts.xlsx", b"MZ\x90\0"),
        ("contacts.csv", b"\x7fELF\2\1\1\0"),
        ("contacts.csv", b"Email\0\0\0\0name"),
        ("contacts.csv.gz", b"Email\nana@example.com\n"),
        ("contacts", b"Email\nana@example.com\n"),
        ("contacts.exe", b"Email\nana@example.com\n"),
        ("empty.csv", b""),
    ],
)
def test_what_is_no_table_is_refused_and_not_kept(inside: Browser, name: str, content: bytes) -> None:
    answer = _upload(inside, name, content)

    assert answer.status == 415
    assert name in json.loads(answer.text)["error"]
    assert list((inside.served.state_dir / "drafts").glob("*")) == []


@pytest.mark.parametrize(
    "content",
    [
        "Email\nana@example.com\n".encode("utf-16"),
        "Email\nana@example.com\n".encode("utf-16-le"),
        "Email\nJosé@example.com\n".encode("latin-1"),
    ],
)
def test_text_in_any_encoding_is_taken(inside: Browser, content: bytes) -> None:
    assert _upload(inside, "contacts.csv", content).status == 201


def test_an_upload_that_says_it_is_too_large_is_refused_at_once(inside: Browser) -> None:
    headers = {"Origin": inside.served.address, "X-CSRF-Token": inside.token(), "Content-Length": "500000001"}

    answer = inside.ask("POST", "/files?name=a.csv&kind=iclosed:create", None, headers)

    assert answer.status == 413


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd.csv",
        "..\\..\\boot.csv",
        "/etc/passwd.csv",
        "a\0b.csv",
        "x" * 900 + ".csv",
        "CON.csv",
        ".csv",
        "\u202eecivres.csv",
    ],
)
def test_a_files_name_leads_nowhere_else(inside: Browser, name: str) -> None:
    answer = _upload(inside, name, b"Email\nana@example.com\n")

    drafts = inside.served.state_dir / "drafts"
    if answer.status == 201:
        (kept,) = [path for path in drafts.rglob("*.csv") if path.is_file()]
        assert kept.parent.name == "upload"
        assert kept.parent.parent.parent == drafts
    else:
        assert answer.status == 415


@pytest.mark.parametrize("draft", ["../../etc", "..%2f..%2fetc", "0123456789abcdeg", "x" * 5000, "%00"])
def test_an_id_that_is_none_leads_nowhere(inside: Browser, draft: str) -> None:
    assert inside.ask("GET", f"/files/{draft}/columns").status in (400, 404)


@pytest.mark.parametrize("name", ["../../draft.json", "..%2fdraft.json", "draft.json", "plan.json", "bodies.json"])
def test_only_reports_can_be_downloaded(inside: Browser, name: str) -> None:
    place = json.loads(_upload(inside, "leads.csv", b"Email\nana@example.com\n").text)["location"]
    draft = place.split("/")[2]

    assert inside.ask("GET", f"/files/{draft}/reports/{name}").status in (400, 404)


def test_deleting_a_file_deletes_all_of_it(inside: Browser) -> None:
    place = json.loads(_upload(inside, "leads.csv", b"Email\nana@example.com\n").text)["location"]
    draft = place.split("/")[2]

    inside.ask("POST", f"/files/{draft}/delete", f"csrf={inside.token()}".encode(), inside.own)

    assert list((inside.served.state_dir / "drafts").glob("*")) == []


@pytest.fixture
def with_password(tmp_path: Path) -> Iterator[Browser]:
    """A server that asks for a password."""
    password = tmp_path / "password"
    password.write_text("correct horse battery\n")
    password.chmod(0o600)
    with serving(tmp_path / "state", "--password-file", str(password)) as found:
        yield Browser(found)


def test_a_password_is_asked_and_five_wrong_ones_are_enough(with_password: Browser) -> None:
    assert with_password.ask("GET", "/").status == 303
    assert 'type="password"' in with_password.ask("GET", "/login").text

    right = with_password.ask("POST", "/login", b"password=correct+horse+battery", with_password.own)
    assert right.status == 303
    name, _, value = right.headers["set-cookie"].partition("=")
    assert Browser(with_password.served, {name: value.partition(";")[0]}).ask("GET", "/").status == 200

    for _ in range(5):
        assert with_password.ask("POST", "/login", b"password=wrong", with_password.own).status == 401
    late = with_password.ask("POST", "/login", b"password=correct+horse+battery", with_password.own)
    assert late.status == 401
    assert "Wait half a minute" in late.text


def test_a_password_is_the_only_way_in(with_password: Browser) -> None:
    assert with_password.ask("GET", "/enter?token=").status == 303
    assert "set-cookie" not in with_password.ask("GET", "/enter?token=").headers


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.0.2.1", False),
        ("::", False),
        ("example.com", False),
    ],
)
def test_loopback_addresses_are_local(host: str, local: bool) -> None:
    assert ServerAddress(host, 8765, f"http://{host}:8765").is_local is local


def test_behind_a_proxy_only_its_name_and_addresses_are_known() -> None:
    address = ServerAddress("0.0.0.0", 8765, "https://contacts.example.com")

    assert address.is_secure
    assert address.accepts_host("contacts.example.com")
    assert address.accepts_host("192.0.2.7:8765")
    assert not address.accepts_host("evil.example.org")
    assert not address.accepts_host("contacts.example.com.evil.example.org")


@pytest.mark.skipif(os.name != "posix", reason="files have no modes there")
def test_the_state_folder_is_not_for_others(server: WebServer) -> None:
    assert stat.S_IMODE(server.state_dir.stat().st_mode) == 0o700


def test_the_cookies_of_other_programs_do_not_matter(inside: Browser) -> None:
    (name, value), *_ = inside.cookies.items()
    for others in ('prefs={"a":1}', "a@b=1", "foo=bar baz", "x=é", "=", ";;"):
        for cookie in (f"{others}; {name}={value}", f"{name}={value}; {others}"):
            assert inside.ask("GET", "/", headers={"Cookie": cookie.encode("utf-8").decode("latin-1")}).status == 200


def test_a_preview_of_the_address_does_not_use_it_up(served: WebServer) -> None:
    browser = Browser(served)
    browser.ask("HEAD", served.entry.removeprefix(served.address))

    assert "set-cookie" in browser.enter().headers


@pytest.mark.parametrize("path", ["/login", "/language"])
def test_forms_without_a_session_are_small(outside: Browser, path: str) -> None:
    assert outside.ask("POST", path, b"a=1&" * 5000, outside.own).status == 413


@pytest.mark.parametrize("query", ["from=" + "9" * 5000, "from=-1", "from=x", "from=%00"])
def test_malformed_numbers_are_ignored(inside: Browser, query: str) -> None:
    assert inside.ask("GET", f"/?{query}").status == 200


def test_every_reader_has_a_language_of_their_own(inside: Browser) -> None:
    said = [inside.ask("GET", "/", headers={"Accept-Language": language}).text for language in ("en", "fr", "en", "fr")]

    assert ["Import contacts" in text for text in said] == [True, False, True, False]
    assert ['lang="fr"' in text.split("<head>")[0] for text in said] == [False, True, False, True]
