"""For everybody: axe finds nothing serious, the keyboard is enough, narrow screens and French work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.web.steps import PATIENCE, WebServer, check, counts, to_import, unfold, upload, wait_for_results

WIDTHS = (1280, 390)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(params=WIDTHS)
def sized_tab(
    request: pytest.FixtureRequest, browser: Browser, shared: WebServer, logged_in: StorageState
) -> Iterator[Page]:
    """A tab that is wide or narrow."""
    context = browser.new_context(
        viewport={"width": request.param, "height": 900}, storage_state=logged_in, locale="en-GB",
        bypass_csp=True,  # axe is put into the page as a script
        reduced_motion="reduce",  # colours change at once between light and dark
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(shared.address)
    yield page
    context.close()


def _is_accessible(tab: Page) -> None:
    """Check the page as it is now, in light and in dark colours."""
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme)
        found: dict[str, Any] = Axe().run(tab).response
        serious = [
            (scheme, entry["id"], [node["html"][:200] for node in entry["nodes"]][:3])
            for entry in found["violations"]
            if entry["impact"] in ("serious", "critical")
        ]
        assert serious == []
        assert len(found["passes"]) > 10
        width = tab.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], "the page is wider than the window"


def test_axe_finds_nothing_serious_on_any_page(sized_tab: Page, leads: Path, sandbox: str) -> None:
    tab = sized_tab
    _is_accessible(tab)
    upload(tab, leads, "iclosed:create")
    for name in ("The same value in every row", "More options", "Saved mappings"):
        unfold(tab, name)
    _is_accessible(tab)
    check(tab)
    _is_accessible(tab)
    cell = tab.locator("form.fix [name=text]").last
    cell.fill("Max")
    cell.press("Enter")
    expect(tab.locator("tr.fixed")).to_have_count(1)
    _is_accessible(tab)
    tab.reload()
    tab.get_by_role("link", name="Corrected (1)").click()
    _is_accessible(tab)
    to_import(tab)
    _is_accessible(tab)
    tab.fill("#base_url", f"{sandbox}/iclosed")
    tab.fill("#key", "iclosed-k")
    tab.locator(".bar .primary").click()
    expect(tab.locator("dialog")).to_be_visible()
    _is_accessible(tab)
    tab.locator("dialog .primary").click()
    tab.wait_for_url("**/runs/*")
    wait_for_results(tab)
    _is_accessible(tab)
    tab.goto(f"{tab.url.split('/runs/')[0]}/nothing")
    _is_accessible(tab)


def test_the_keyboard_is_enough(tab: Page, leads: Path, sandbox: str) -> None:
    tab.goto(tab.url)
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Skip to the content")).to_be_focused()
    tab.keyboard.press("Enter")
    tab.keyboard.press("Tab")
    expect(tab.locator("#kind")).to_be_focused()
    tab.keyboard.type("iClosed")
    tab.keyboard.press("Tab")
    expect(tab.locator("#file")).to_be_focused()
    tab.set_input_files("#file", leads)  # it is uploaded at once
    tab.wait_for_url("**/columns")
    tab.get_by_role("button", name="Check the rows").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("#tally")).to_be_visible()
    _tab_to(tab, "text")
    tab.keyboard.type("cy@example.com")
    tab.keyboard.press("Enter")
    expect(tab.locator("#tally strong").nth(3)).to_have_text("1")
    tab.get_by_role("link", name="Continue to the import").focus()
    tab.keyboard.press("Enter")
    expect(tab.locator("#base_url")).to_be_visible()
    _tab_to(tab, "base_url")
    tab.keyboard.type(f"{sandbox}/iclosed")
    tab.keyboard.press("Tab")
    tab.keyboard.type("iclosed-k")
    tab.keyboard.press("Enter")
    expect(tab.locator("dialog")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.locator("dialog")).to_have_count(0)
    tab.get_by_role("button", name="Send 2 contacts").focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("link", name="Not yet")).to_be_focused()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    wait_for_results(tab)
    assert counts(tab) == {"created": 2, "duplicate": 1, "invalid": 3}


def _tab_to(tab: Page, name: str) -> None:
    for _ in range(60):
        if tab.evaluate("document.activeElement.name") == name:
            tab.keyboard.press("ControlOrMeta+a")
            return
        tab.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not lead to {name}")


def test_the_language_is_the_browsers_and_can_be_chosen(
    browser: Browser, shared: WebServer, logged_in: StorageState
) -> None:
    context = browser.new_context(locale="fr-FR", storage_state=logged_in)
    tab = context.new_page()
    tab.goto(shared.address)
    assert tab.locator("html").get_attribute("lang") == "fr"

    tab.get_by_role("button", name="English").click()

    assert tab.locator("html").get_attribute("lang") == "en"
    tab.reload()
    assert tab.locator("html").get_attribute("lang") == "en"
    context.close()
