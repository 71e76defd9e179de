"""The results say which contacts lack their second step, and take the corrected file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.runs.test_second_step import imported, vendor, write
from tests.web.steps import WebServer


def test_open_second_steps_are_said(browser: Browser, served: WebServer, tmp_path: Path) -> None:
    file = write(tmp_path, *(f"p{number}@example.com,Ann,red" for number in range(40)))
    # In another thread: Playwright has an event loop in this one.
    with vendor("refuse:p=0.3") as address, ThreadPoolExecutor(1) as other:
        summary = other.submit(imported, tmp_path, address, file).result()
    tab = browser.new_page()
    try:
        tab.goto(served.entry)
        tab.goto(f"{served.address}/runs/{summary.run}")
        count = summary.problems["second_step_rejected"]
        expect(tab.get_by_text(f"{count} contacts are there, but their second step is not done")).to_be_visible()
        expect(tab.get_by_role("link", name="errors.xlsx").first).to_be_visible()
    finally:
        tab.close()
