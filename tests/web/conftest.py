"""The web app in its own process, and a real browser that uses it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from tests.web.steps import PATIENCE, WebServer, serving

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, else the one that Playwright has installed."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=arguments)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """A server for all tests that need no state folder of their own; each uploads its own files."""
    with serving(tmp_path_factory.mktemp("page") / "state") as found:
        yield found


@pytest.fixture(scope="session")
def logged_in(browser: Browser, shared: WebServer) -> StorageState:
    """The cookies of a browser that opened the printed link."""
    context = browser.new_context()
    context.new_page().goto(shared.entry)
    found = context.storage_state()
    context.close()
    return found


@pytest.fixture
def context(browser: Browser, logged_in: StorageState) -> Iterator[BrowserContext]:
    """A browser that is logged in to the shared server."""
    found = browser.new_context(locale="en-GB", storage_state=logged_in)
    found.set_default_timeout(PATIENCE)
    yield found
    found.close()


@pytest.fixture
def tab(context: BrowserContext, shared: WebServer) -> Iterator[Page]:
    """A tab of this browser. An error in a script fails the test."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(shared.address)
    yield page
    assert complaints == []


@pytest.fixture
def served(tmp_path: Path) -> Iterator[WebServer]:
    """A server with its own state folder."""
    with serving(tmp_path / "state") as found:
        yield found
