"""Photograph the web app for docs/images: ``python -m tests.docs.web_pictures`` imports a sample file in a browser."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from importer.sandbox.app import build_app
from importer.sandbox.server import running
from tests.docs.console import ROOT
from tests.web.conftest import CHROMIUM
from tests.web.steps import check, serving, to_import, upload, wait_for_results

IMAGES = ROOT / "docs" / "images"
SAMPLE = ROOT / "sample_data" / "iclosed-leads.csv"
WIDE, NARROW = (1200, 780), (390, 780)


def photograph(tab: Page, name: str) -> None:
    """Write what a window of this size shows, from the top of the page."""
    tab.evaluate("scrollTo(0, 0)")
    tab.screenshot(path=IMAGES / f"{name}.png", animations="disabled")


def open_tab(browser: Browser, entry: BrowserContext | str, size: tuple[int, int], *, dark: bool = False) -> Page:
    """Return a tab of a new browser that is logged in: by the printed link, or as another browser is."""
    known = None if isinstance(entry, str) else entry.storage_state()
    context = browser.new_context(
        locale="en-US",
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        storage_state=known,
    )
    tab = context.new_page()
    if isinstance(entry, str):
        tab.goto(entry)
    return tab


def take_pictures(browser: Browser, entry: str, address: str) -> None:
    """Go from the first page to the results, with a picture of each step."""
    tab = open_tab(browser, entry, WIDE)
    photograph(tab, "web-home")
    upload(tab, SAMPLE, "iclosed:create")
    photograph(tab, "web-columns")
    narrow = open_tab(browser, tab.context, NARROW, dark=True)
    narrow.goto(tab.url)
    photograph(narrow, "web-columns-narrow")
    check(tab)
    photograph(tab, "web-check")
    to_import(tab)
    tab.fill("#base_url", address)
    if tab.locator("#key").count():
        tab.fill("#key", "iclosed-practice")
    tab.locator(".bar .primary").click()
    expect(tab.locator("dialog .primary")).to_be_visible()
    photograph(tab, "web-confirm")
    tab.locator("dialog .primary").click()
    tab.wait_for_url("**/runs/*")
    wait_for_results(tab)
    photograph(tab, "web-results")
    dark = open_tab(browser, tab.context, WIDE, dark=True)
    dark.goto(tab.url)
    wait_for_results(dark)
    photograph(dark, "web-results-dark")


def main() -> None:
    """Take all pictures anew."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "state") as server,
        running(build_app()) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        take_pictures(browser, server.entry, f"{address}/iclosed")
        browser.close()


if __name__ == "__main__":
    main()
