"""What several rooms' tests need: a sandbox, a state folder of their own, a small file."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from importer.journal_location import KEY_ENVIRONMENT, URL_ENVIRONMENT
from importer.sandbox.app import build_app
from importer.sandbox.server import running
from tests.postgres_server import Server, find_programs, running_server

WITHOUT_POSTGRES = "PostgreSQL is not installed (Debian: apt-get install postgresql), so its journal is NOT tested"
JOURNAL_KEY = "07" * 32
IGNORED_AT_START = frozenset(n for n in signal.valid_signals() if signal.getsignal(n) is signal.SIG_IGN)

# A slow machine is no failure; pytest-timeout ends what hangs.
settings.register_profile("steady", parent=settings.default, deadline=None)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's journal, keys, addresses or proxies."""
    monkeypatch.setenv("CONTACT_IMPORTER_STATE_DIR", str(tmp_path / "state"))
    for name in (URL_ENVIRONMENT, KEY_ENVIRONMENT):
        monkeypatch.setenv(name, "")
    for vendor in ("CLEARTALK", "ICLOSED", "CLEMTA", "GOMOBILE"):
        monkeypatch.delenv(f"{vendor}_API_KEY", raising=False)
        monkeypatch.delenv(f"{vendor}_BASE_URL", raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """No test leaves a signal ignored: the processes that later ones start would ignore it, too."""
    yield
    ignored = {number for number in signal.valid_signals() if signal.getsignal(number) is signal.SIG_IGN}
    assert ignored <= IGNORED_AT_START


@pytest.fixture
def sandbox() -> Iterator[str]:
    """The address of a fresh sandbox of all vendors."""
    with running(build_app()) as address:
        yield address


@pytest.fixture
def contacts(sandbox: str) -> Callable[[str], list[dict[str, Any]]]:
    """What a vendor of the sandbox has been sent."""

    def look(vendor: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{sandbox}/_contacts/{vendor}") as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found

    return look


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    """Six rows for iClosed: two good ones, a twin, three that are wrong; a blank line among them."""
    path = tmp_path / "leads.csv"
    path.write_text(
        "First Name,E-mail,Phone,Status,Owner\n"
        "Ana,ana@example.com,+1 555 010 0001,qualified,Joe\n"
        "\n"
        "Bo,bo@example.com,+15550100002,,Joe\n"
        "Ana,ana@example.com,+15550100001,QUALIFIED,Amina\n"
        "Cy,cy@,1.55512E+10,Hot,Joe\n"
        "Maximiliane-Friederike-Luise,max@example.com,,,Joe\n"
        ",,,,Joe\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL of this test session's own, whose database "template" has the tables of a journal."""
    programs = find_programs()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail(WITHOUT_POSTGRES)
        pytest.skip(WITHOUT_POSTGRES)
    from importer.journal.postgres.connection import connect
    from importer.journal.postgres.digests import Digests, read_key
    from importer.journal.postgres.schema import initialize

    with running_server(programs) as server:
        server.execute("CREATE DATABASE template")
        with connect(server.url("template")) as connection:
            initialize(connection, Digests(read_key(JOURNAL_KEY)))
        yield server


@pytest.fixture
def postgres_journal(postgres_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an empty PostgreSQL journal, which is the one to use until the end of the test."""
    name = f"test_{uuid.uuid4().hex}"
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE template")
    monkeypatch.setenv(URL_ENVIRONMENT, postgres_server.url(name))
    monkeypatch.setenv(KEY_ENVIRONMENT, JOURNAL_KEY)
    yield postgres_server.url(name)
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def pytest_report_header() -> str:
    """Say at the top of every run whether the journal on PostgreSQL is tested."""
    programs = find_programs()
    return f"PostgreSQL: {programs}" if programs else f"PostgreSQL: {WITHOUT_POSTGRES}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What known_gaps.txt names is expected to fail, and fails the suite when it passes."""
    gaps = {line for line in (Path(__file__).parent / "known_gaps.txt").read_text().splitlines() if line[:1] != "#"}
    for item in items:
        if item.nodeid in gaps:
            item.add_marker(pytest.mark.xfail(strict=True, reason="a known gap"))
