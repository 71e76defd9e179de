"""Names, headers and cells that are markup: shown as what they are, on every page."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from importer.sandbox.app import build_app
from importer.sandbox.faults import parse_fault
from importer.sandbox.server import running
from tests.web.steps import check, send, to_import, unfold, upload, wait_for_results

SCRIPT = '"\'><img src=x onerror="window.owned=1"><script>window.owned=1</script>{{7*1234567}}%(n)s${7*1234567}'


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A file in which everything is a script: its name, its headers, its values, wrong ones among them."""
    path = tmp_path / "a'\"&lt;img src=x onerror=window.owned=1&gt;.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["Email", f"First Name {SCRIPT}", "Status", f"Notes {SCRIPT}", f"=cmd|' /C calc'!A0 {SCRIPT}"])
        rows.writerow(["ana@example.com", "Ana", "", SCRIPT, SCRIPT])
        rows.writerow([SCRIPT, SCRIPT, SCRIPT, SCRIPT, SCRIPT])
        rows.writerow(["bo@example.com", SCRIPT * 3, "Hot" + SCRIPT, "x\ny" + SCRIPT, ""])
    return path


def _nothing_ran(tab: Page) -> None:
    assert tab.evaluate("window.owned") is None
    assert tab.locator("img[src=x]").count() == 0
    assert str(7 * 1234567) not in tab.locator("main").inner_text()


def test_nothing_in_a_file_becomes_part_of_the_page(tab: Page, hostile: Path, sandbox: str) -> None:
    upload(tab, hostile, "iclosed:create")
    _nothing_ran(tab)
    expect(tab.locator("table.columns")).to_contain_text("<script>window.owned=1</script>")
    tab.locator("tr", has=tab.locator("th", has_text="First Name")).locator("select").select_option("firstName")
    check(tab)
    _nothing_ran(tab)
    cell = tab.locator("form.fix [name=text]").first
    cell.fill(f"{SCRIPT} again")
    cell.press("Enter")
    expect(tab.locator(".verdict").first).not_to_contain_text("checking")
    _nothing_ran(tab)
    tab.reload()
    tab.get_by_role("link", name="Corrected (1)").click()
    _nothing_ran(tab)
    to_import(tab)
    _nothing_ran(tab)
    send(tab, f"{sandbox}/iclosed")
    wait_for_results(tab)
    _nothing_ran(tab)
    tab.goto(tab.url.split("/runs/")[0])
    _nothing_ran(tab)


def test_a_vendor_that_answers_with_markup_is_quoted(tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("Email,First Name\nana@example.com,<script>owned=1</script>\n")
    with running(build_app(faults=[parse_fault("apply-close:p=1")])) as address:
        upload(tab, file, "iclosed:create")
        check(tab)
        to_import(tab)
        _nothing_ran(tab)
        send(tab, f"{address}/iclosed")
        wait_for_results(tab)

    _nothing_ran(tab)
    expect(tab.locator("table.doubts")).to_contain_text("<script>")


def test_markup_in_an_address_or_a_mapping_name_is_text(tab: Page, leads: Path) -> None:
    upload(tab, leads, "iclosed:create")
    unfold(tab, "Saved mappings")
    tab.fill("#name", SCRIPT)
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.locator(".notice.good")).to_contain_text("Saved as")
    _nothing_ran(tab)
    check(tab)
    to_import(tab)
    tab.fill("#base_url", "https://example.com/" + "%22%3E%3Cscript%3E")
    tab.fill("#key", SCRIPT)
    tab.locator(".bar .primary").click()

    expect(tab.locator("p.complaint")).not_to_be_empty()
    _nothing_ran(tab)
    assert SCRIPT not in tab.content()
