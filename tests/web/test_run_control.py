"""A running import: followed, paused, stopped and resumed, from any tab, after a restart."""

from __future__ import annotations

import contextlib
import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from importer.sandbox.app import build_app
from importer.sandbox.faults import parse_fault
from importer.sandbox.server import running
from tests.web.steps import PATIENCE, WebServer, check, counts, send, serving, to_import, upload, wait_for_results

ROWS = 120


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """So many rows that a run of them can be stopped: GoMobile begins with ten a second."""
    path = tmp_path / "many.csv"
    lines = [f"+1555010{n:04},p{n}@example.com" for n in range(ROWS)]
    path.write_text("primaryPhone,primaryEmail\n" + "\n".join(lines) + "\n")
    return path


@contextlib.contextmanager
def _slow() -> Iterator[str]:
    """A sandbox that takes 300 ms for each answer."""
    with running(build_app(latency=0.3)) as address:
        yield address


def _created(address: str, vendor: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{address}/_contacts/{vendor}") as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


def _start(tab: Page, file: Path, address: str) -> None:
    upload(tab, file, "gomobile:create")
    check(tab)
    to_import(tab)
    send(tab, f"{address}/gomobile", key="k")
    expect(tab.locator("progress[max]")).to_be_visible()


def test_a_run_is_followed_left_and_found_again(tab: Page, many: Path) -> None:
    """Progress and results come by themselves; neither the back button nor a closed tab stops or repeats a run."""
    with _slow() as address:
        _start(tab, many, address)
        expect(tab.locator(".chips")).to_contain_text("created")
        run = tab.url

        tab.go_back()
        tab.wait_for_url(run)
        tab.goto("about:blank")
        tab.wait_for_timeout(500)
        tab.goto(run)

        wait_for_results(tab)
        assert counts(tab) == {"created": ROWS}
        assert len(_created(address, "gomobile")) == ROWS


def test_a_paused_run_sends_nothing_until_it_is_resumed(tab: Page, many: Path) -> None:
    with _slow() as address:
        _start(tab, many, address)
        tab.get_by_role("button", name="Pause").click()
        expect(tab.locator(".stage")).to_contain_text("paused")
        tab.wait_for_timeout(1000)  # what had left is answered
        before = len(_created(address, "gomobile"))
        tab.wait_for_timeout(1500)

        assert len(_created(address, "gomobile")) == before < ROWS
        tab.reload()
        expect(tab.locator(".stage")).to_contain_text("paused")
        tab.get_by_role("button", name="Continue").click()
        wait_for_results(tab)

        assert counts(tab) == {"created": ROWS}
        assert len(_created(address, "gomobile")) == ROWS


def test_a_stopped_run_is_resumed_and_nothing_is_sent_twice(tab: Page, many: Path) -> None:
    with _slow() as address:
        _start(tab, many, address)
        expect(tab.locator(".chips")).to_contain_text("created")
        tab.get_by_role("button", name="Stop").click()
        wait_for_results(tab)
        assert counts(tab)["not attempted"] > 0

        tab.get_by_role("button", name="Continue this import").click()
        expect(tab.locator("[data-follow]")).to_be_visible()
        wait_for_results(tab)

        assert counts(tab) == {"created": ROWS}
        assert len(_created(address, "gomobile")) == ROWS


def test_two_tabs_that_begin_the_same_file_make_one_run(tab: Page, many: Path) -> None:
    with _slow() as address:
        upload(tab, many, "gomobile:create")
        check(tab)
        to_import(tab)
        other = tab.context.new_page()
        other.goto(tab.url)
        send(tab, f"{address}/gomobile", key="k")
        other.fill("#base_url", f"{address}/gomobile")
        other.locator(".bar .primary").click()  # the import is running: nothing is asked, and it is shown
        other.wait_for_url("**/runs/*")

        assert other.url == tab.url
        wait_for_results(other)
        assert len(_created(address, "gomobile")) == ROWS
        other.close()


def test_the_server_may_end_in_the_middle_and_the_run_is_resumed(browser: Browser, tmp_path: Path, many: Path) -> None:
    tab = browser.new_page()
    tab.set_default_timeout(PATIENCE)
    with _slow() as address:
        with serving(tmp_path / "state") as first:
            tab.goto(first.entry)
            _start(tab, many, address)
            expect(tab.locator(".chips")).to_contain_text("created")
            run = re.sub(r"^http://[^/]+", "", tab.url)

            assert first.stop() == 0

        assert 0 < len(_created(address, "gomobile")) < ROWS
        with serving(tmp_path / "state") as second:
            tab.goto(second.entry)
            expect(tab.locator("li", has_text="many.csv")).to_contain_text("Waiting for the API key")
            tab.goto(second.address + run)
            tab.fill("[name=key]", "k")
            tab.get_by_role("button", name="Continue this import").click()
            wait_for_results(tab)

            assert counts(tab) == {"created": ROWS}
            assert len(_created(address, "gomobile")) == ROWS
    tab.close()


def test_a_killed_server_leaves_nothing_that_is_sent_twice(browser: Browser, tmp_path: Path, many: Path) -> None:
    tab = browser.new_page()
    tab.set_default_timeout(PATIENCE)
    with _slow() as address:
        with serving(tmp_path / "state") as first:
            tab.goto(first.entry)
            _start(tab, many, address)
            expect(tab.locator(".chips")).to_contain_text("created")
            run = re.sub(r"^http://[^/]+", "", tab.url)
            first.process.kill()
            first.process.wait()

        with serving(tmp_path / "state") as second:
            tab.goto(second.entry)
            tab.goto(second.address + run)
            tab.fill("[name=key]", "k") if tab.locator("[name=key]").count() else None
            tab.get_by_role("button", name="Continue this import").click()
            wait_for_results(tab)
            ended = counts(tab)

        made = _created(address, "gomobile")
        assert sum(ended.values()) == ROWS
        assert len({contact["primaryPhone"] for contact in made}) == len(made)
        assert ended["created"] <= len(made) <= ended["created"] + ended.get("uncertain", 0)
    tab.close()


def test_uncertain_rows_are_resolved_in_the_web_app(browser: Browser, served: WebServer, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("Email,First Name\n" + "".join(f"p{n}@example.com,P{n}\n" for n in range(6)))
    tab = browser.new_page()
    tab.set_default_timeout(PATIENCE)
    faults = [parse_fault("apply-close:p=1")]
    with running(build_app(faults=faults)) as address:
        tab.goto(served.entry)
        upload(tab, file, "iclosed:create")
        check(tab)
        to_import(tab)
        send(tab, f"{address}/iclosed")
        wait_for_results(tab)
        made = {contact["email"]: contact["id"] for contact in _created(address, "iclosed")}
        doubts = counts(tab)["uncertain"]
        assert doubts == len(made) > 0

        for number, line in enumerate(tab.locator("table.doubts tbody tr").all()):
            email = re.findall(r"p\d+@example\.com", line.inner_text())[0]
            if number == 0:
                line.locator("select").select_option("absent")
            else:
                line.locator("select").select_option("created")
                line.locator("input").fill(str(made[email]))
        tab.get_by_role("button", name="Resolve these rows").click()
        wait_for_results(tab)

        expect(tab.locator("#doubts")).to_have_count(0)
        assert counts(tab)["created"] == doubts - 1
    tab.close()
