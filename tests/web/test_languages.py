"""A crawl over pages and error states in each language: no English sentence is left, and no option of the command line."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, StorageState, expect

from importer.web.i18n import DOMAIN, FOLDER
from tests.web.steps import PATIENCE, WebServer

SEEN = """() => [
  document.title,
  ...[...document.querySelectorAll("body *")].filter(
    (element) => !element.closest("[lang=en], pre, code, bdi, option, script") && !element.matches("#grid td")).flatMap((element) => [
      ...[...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent),
      element.getAttribute("aria-label") || "", element.getAttribute("placeholder") || "",
      ...Object.values(element.dataset),
    ]),
].map((text) => text.trim().replace(/\\s+/g, " ")).filter(Boolean)"""


def _english(language: str) -> set[str]:
    """Return the English texts that this language says in another way."""
    path = FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    entries = [entry for entry in read_po(io.BytesIO(path.read_bytes()), locale=language) if entry.id]
    pairs = [
        (english, told)
        for entry in entries
        for english, told in zip(
            *((text,) if isinstance(text, str) else text for text in (entry.id, entry.string)), strict=True
        )
    ]
    return {english for english, told in pairs if english != told and "%" not in english and "{" not in english}


def _pages(tab: Page, leads: Path, folder: Path) -> Iterator[str]:
    """Go through the app, and yield a name wherever there is something new to read."""
    origin = re.sub(r"(http://[^/]+).*", r"\1", tab.url)
    yield "home"
    for name, text in {
        "header.csv": "ana@example.com\n1\n",
        "few.csv": "Company Mail,Who\nana@example.com,A\n",
    }.items():
        (folder / name).write_text(text)
        tab.goto(f"{origin}/")
        tab.select_option("#kind", "clemta:create")
        tab.set_input_files("#file", folder / name)
        tab.wait_for_url("**/columns")
        yield name
    tab.locator(".bar .primary").click()
    expect(tab.locator(".notice.bad")).to_be_visible()
    yield "missing fields"
    tab.goto(f"{origin}/")
    tab.select_option("#kind", "iclosed:create")
    tab.set_input_files("#file", leads)
    tab.wait_for_url("**/columns")
    tab.locator("[name=limit]").evaluate("field => field.value = 'x'")
    tab.locator(".bar .primary").click()
    expect(tab.locator(".notice.bad")).to_be_visible()
    yield "a wrong number"
    tab.locator("[name=limit]").evaluate("field => field.value = ''")
    tab.locator(".bar .primary").click()
    expect(tab.locator("#tally")).to_be_visible()
    yield "check"
    tab.goto(tab.url.replace("/check", "/grid"))
    expect(tab.locator("#grid tbody tr").first).to_be_visible()
    tab.locator("[data-all=remove]").click()
    expect(tab.locator("tr.removed").first).to_be_visible()
    tab.locator("[data-do=undo]").click()
    expect(tab.locator("tr.removed")).to_have_count(0)
    yield "grid"
    tab.goto(tab.url.replace("/grid", "/import"))
    yield "import"
    tab.locator("[value=practice]").check()
    tab.locator(".bar .primary").click()
    expect(tab.locator("dialog")).to_be_visible()
    yield "confirmation"
    tab.locator("dialog .primary").click()
    tab.wait_for_url("**/runs/*")
    yield "running"
    expect(tab.locator("#files")).to_be_visible()
    yield "results"
    tab.goto(f"{tab.url}/undo")
    yield "undo"
    for path in ("/nothing", "/files/0123456789abcdef/columns", "/runs/x", "/template?kind=x"):
        tab.goto(origin + path)
        yield path


@pytest.mark.parametrize("language", ["fr", "es"])
def test_no_english_sentence_is_left(
    browser: Browser, shared: WebServer, logged_in: StorageState, language: str, leads: Path, tmp_path: Path
) -> None:
    context = browser.new_context(locale=language, storage_state=logged_in)
    context.set_default_timeout(PATIENCE)
    tab = context.new_page()
    tab.goto(shared.address)
    english, wrong = _english(language), []

    for name in _pages(tab, leads, tmp_path):
        seen: list[str] = tab.evaluate(SEEN)
        assert len(seen) > 5
        wrong += [(name, text) for text in seen if text in english or re.search(r"(^|\s)--[a-z]", text)]

    assert wrong == []
    context.close()
