"""The page in a process of its own, and a real browser to use it with."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from tests.web.steps import PATIENCE, Served, serving

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
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page that many tests use, each with files of its own."""
    with serving(tmp_path_factory.mktemp("page") / "state") as found:
        yield found


@pytest.fixture(scope="session")
def let_in(browser: Browser, shared: Served) -> StorageState:
    """The cookies of a browser that opened the printed address."""
    context = browser.new_context()
    context.new_page().goto(shared.entry)
    found = context.storage_state()
    context.close()
    return found


@pytest.fixture
def context(browser: Browser, let_in: StorageState) -> Iterator[BrowserContext]:
    """A browser that was let in to the shared page."""
    found = browser.new_context(locale="en-GB", storage_state=let_in)
    found.set_default_timeout(PATIENCE)
    yield found
    found.close()


@pytest.fixture
def tab(context: BrowserContext, shared: Served) -> Iterator[Page]:
    """A tab of it; whatever a script complains about fails the test."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(shared.address)
    yield page
    assert complaints == []


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A page with a state folder of its own."""
    with serving(tmp_path / "state") as found:
        yield found
