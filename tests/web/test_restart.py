"""A restart of the program: browsers stay logged in, open tabs reconnect, and what was running continues."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from importer.sandbox.app import build_app
from importer.sandbox.server import running
from importer.web.authentication import Authenticator, ServerAddress
from tests.web.steps import PATIENCE, check, counts, send, serving, to_import, upload, wait_for_results

ROWS = 90
ADDRESS = ServerAddress("127.0.0.1", 1, "http://127.0.0.1:1")


def test_an_open_tab_sees_a_killed_import_continue_by_itself(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOMOBILE_API_KEY", "k")
    file = tmp_path / "many.csv"
    file.write_text("primaryPhone,First Name\n" + "".join(f"+1555010{n:04},P{n}\n" for n in range(ROWS)))
    tab = browser.new_page()
    tab.set_default_timeout(PATIENCE)
    with running(build_app(latency=0.3)) as address:
        monkeypatch.setenv("GOMOBILE_BASE_URL", f"{address}/gomobile")
        with serving(tmp_path / "state") as first:
            tab.goto(first.entry)
            upload(tab, file, "gomobile:create")
            check(tab)
            to_import(tab)
            send(tab, f"{address}/gomobile", key="")
            expect(tab.locator(".chips")).to_contain_text("created")
            first.process.kill()
            first.process.wait()
        expect(tab.locator(".lost")).to_contain_text("Trying again")

        with serving(tmp_path / "state", port=int(first.address.rpartition(":")[2])):
            wait_for_results(tab)  # nobody logged in, reloaded or pressed anything
            ended = counts(tab)

            assert sum(ended.values()) == ROWS
            assert set(ended) <= {"created", "uncertain"}
            with urllib.request.urlopen(f"{address}/_contacts/gomobile") as answer:
                made = json.load(answer)
            assert len({contact["primaryPhone"] for contact in made}) == len(made) >= ended["created"]

            # The addresses of forms lead to their pages.
            run = tab.url
            tab.goto(f"{run}/resume")
            assert tab.url == run
            tab.goto(f"{first.address}/sample")
            assert tab.url == f"{first.address}/"
    tab.close()


def test_a_session_outlives_the_program_until_logout_or_another_password(tmp_path: Path) -> None:
    before = Authenticator(ADDRESS, "correct horse", state_dir=tmp_path)
    session, other = (before.login_with_password("correct horse", "c") for _ in range(2))
    assert session is not None
    assert other is not None
    before.end_session(other)

    after = Authenticator(ADDRESS, "correct horse", state_dir=tmp_path)

    assert after.has_session(session)
    assert after.csrf_token(session) == before.csrf_token(session)
    assert not after.has_session(other)
    assert not Authenticator(ADDRESS, "another password", state_dir=tmp_path).has_session(session)
    assert session not in (tmp_path / "web-sessions.json").read_text()
