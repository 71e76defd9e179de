"""The steps of a user in the web app, and the process that serves it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

PATIENCE = 30_000  # milliseconds that the browser waits for what a test expects
expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class WebServer:
    """A server: its process, its address, and the link that logs in."""

    process: subprocess.Popen[str]
    address: str
    entry: str
    state_dir: Path

    def stop(self) -> int:
        """Press Ctrl-C; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def serve(state_dir: Path, *options: str, port: int = 0) -> WebServer:
    """Start ``contact-importer web``, and wait until it prints its address."""
    command = [sys.executable, "-m", "importer", "web", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--state-dir", str(state_dir), *options],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.match(r"Open (http://[^/\s]+)(/enter\?token=\S+)?", line)
    assert found, line
    return WebServer(process, found[1], found[1] + (found[2] or ""), state_dir)


@contextlib.contextmanager
def serving(state_dir: Path, *options: str, port: int = 0) -> Iterator[WebServer]:
    """Serve while the block runs."""
    served = serve(state_dir, *options, port=port)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.process.kill()
            served.process.wait()
        assert served.process.stdout is not None
        served.process.stdout.close()


def upload(tab: Page, file: Path, kind: str) -> None:
    """Upload a file from the first page, and wait for its columns."""
    tab.goto(f"{_origin(tab)}/")
    tab.select_option("#kind", kind)
    tab.set_input_files("#file", file)  # it is uploaded at once, because it is clear where its contacts go
    tab.wait_for_url("**/columns")


def unfold(tab: Page, title: str) -> None:
    """Open a collapsible part of the page, unless it is open."""
    part = tab.locator("details", has=tab.get_by_text(title, exact=True))
    if part.get_attribute("open") is None:
        tab.get_by_text(title, exact=True).click()


def check(tab: Page) -> None:
    """Go from the columns to the result of the check."""
    tab.get_by_role("button", name="Check the rows").click()
    expect(tab.locator("#tally")).to_be_visible()
    tab.wait_for_load_state()


def to_import(tab: Page) -> None:
    """Go from the check to the import page."""
    tab.get_by_role("link", name="Continue to the import").click()
    expect(tab.get_by_role("heading", name="What will be sent first")).to_be_visible()
    tab.wait_for_load_state()  # the heading is there before the script that asks for confirmation


def send(tab: Page, address: str, key: str = "iclosed-k") -> None:
    """Enter address and key, and start the import."""
    tab.fill("#base_url", address)
    if tab.locator("#key").count():
        tab.fill("#key", key)
    tab.locator(".bar .primary").click()
    tab.locator("dialog .primary").click()
    tab.wait_for_url("**/runs/*")


def wait_for_results(tab: Page) -> None:
    """Wait until the run has ended and its results are shown."""
    expect(tab.get_by_role("button", name="Delete the data of this run")).to_be_visible(timeout=3 * PATIENCE)


def tally(tab: Page) -> list[int]:
    """Return the numbers of rows, of valid rows, of invalid rows, and of corrected cells."""
    return [int(text.replace(",", "")) for text in tab.locator("#tally strong").all_inner_texts()]


def counts(tab: Page) -> dict[str, int]:
    """Return the number of rows by status, as the page shows it."""
    rows = tab.locator("table.counts tbody tr").all()
    return {
        row.locator("th").inner_text().strip(): int(row.locator("td").first.inner_text().replace(",", ""))
        for row in rows
    }


def _origin(tab: Page) -> str:
    found = re.match(r"http://[^/]+", tab.url)
    assert found
    return found[0]
