"""The grid of all rows: edited with the keyboard, filtered, sorted, replaced in, rows left out and restored."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.web.steps import PATIENCE, check, send, tally, to_import, upload, wait_for_results

Contacts = Callable[[str], list[dict[str, Any]]]


def _open(tab: Page, file: Path) -> None:
    upload(tab, file, "iclosed:create")
    check(tab)
    tab.get_by_role("link", name="Show all rows").click()
    expect(tab.locator("#grid tbody tr").first).to_be_visible()


@pytest.fixture
def grid(tab: Page, leads: Path) -> Page:
    """The grid of six rows: rows 6 to 8 are wrong."""
    _open(tab, leads)
    return tab


def _cell(tab: Page, row: int, column: int) -> Locator:
    return tab.locator(f'tr[data-row="{row}"] td[data-column="{column}"]')


def _expect_rows(tab: Page, *rows: str) -> None:
    expect(tab.locator("#grid tbody th > span:first-child")).to_have_text(list(rows))


def test_the_keyboard_corrects_one_problem_after_the_other(grid: Page) -> None:
    expect(_cell(grid, 6, 1)).to_have_attribute("aria-invalid", "true")
    _cell(grid, 2, 0).focus()
    for _ in range(3):
        grid.keyboard.press("ArrowDown")
    grid.keyboard.press("ArrowRight")
    expect(_cell(grid, 6, 1)).to_be_focused()
    grid.keyboard.press("Enter")
    grid.keyboard.type("nonsense")
    grid.keyboard.press("Escape")
    expect(_cell(grid, 6, 1)).to_be_focused()
    expect(_cell(grid, 6, 1).locator("bdi")).to_have_text("cy@")

    grid.keyboard.press("Enter")
    grid.keyboard.type("cy@example.com")
    grid.keyboard.press("Enter")

    expect(_cell(grid, 6, 2).locator("input")).to_be_focused()  # the next problem, opened
    expect(_cell(grid, 6, 1)).to_have_class("corrected")
    grid.keyboard.type("+15550100003")
    grid.keyboard.press("Enter")
    choice = _cell(grid, 6, 3).locator("select")  # the field has fixed choices
    expect(choice).to_be_focused()
    choice.select_option("POTENTIAL")
    grid.keyboard.press("Enter")
    expect(grid.locator("#grid-tally")).to_contain_text("4 rows in order · 2 to fix")
    grid.get_by_role("button", name="Undo", exact=True).click()
    expect(_cell(grid, 6, 3).locator("bdi")).to_have_text("Hot")
    expect(grid.locator("#grid-status")).to_contain_text("Undone")
    expect(grid.locator("#grid-tally")).to_contain_text("3 rows in order · 3 to fix")


def test_filters_and_sorting_choose_the_rows(grid: Page) -> None:
    _expect_rows(grid, "2", "4", "5", "6", "7", "8")
    grid.select_option("#shows", "error")
    expect(grid.locator("#grid tbody tr")).to_have_count(3)
    grid.select_option("#code", "enum")
    _expect_rows(grid, "6")
    grid.select_option("#code", "")
    grid.select_option("#shows", "all")
    grid.fill("#text", "AMINA")
    _expect_rows(grid, "5")
    grid.fill("#text", "")
    expect(grid.locator("#grid tbody tr")).to_have_count(6)
    grid.get_by_role("button", name="First Name").click()
    expect(grid.locator("th[aria-sort=ascending]")).to_have_count(1)
    grid.get_by_role("button", name="First Name").click()
    expect(grid.locator("th[aria-sort=descending]")).to_have_count(1)
    expect(grid.locator("#grid tbody th > span:first-child").first).to_have_text("7")


def test_replaced_cells_and_removed_rows_reach_bodies_and_reports(
    grid: Page, sandbox: str, contacts: Contacts, tmp_path: Path
) -> None:
    grid.get_by_text("Find and replace", exact=True).click()
    grid.fill("#find", "Ana")
    grid.fill("#by", "Anna")
    grid.get_by_role("button", name="Count").click()
    expect(grid.locator("#found")).to_have_text("2 cells in 2 rows")
    expect(_cell(grid, 2, 0).locator("bdi")).to_have_text("Ana")  # nothing is changed by counting
    grid.get_by_role("button", name="Replace all").click()
    expect(_cell(grid, 5, 0).locator("bdi")).to_have_text("Anna")
    expect(grid.locator("#grid-status")).to_contain_text("“Ana” replaced with “Anna”")
    for row in (4, 7, 8):
        grid.get_by_role("button", name=f"Leave out row {row}").click()
        expect(grid.locator(f'tr[data-row="{row}"]')).to_have_class("removed")
    grid.select_option("#shows", "removed")
    expect(grid.locator("#grid tbody tr")).to_have_count(3)
    grid.get_by_role("button", name="Restore row 7").click()
    expect(grid.locator('tr[data-row="7"]')).not_to_have_class("removed")
    grid.get_by_role("link", name="Back to the check").click()
    assert tally(grid)[1:3] == [2, 2]
    to_import(grid)
    send(grid, f"{sandbox}/iclosed")
    wait_for_results(grid)
    assert [made["firstName"] for made in contacts("iclosed")] == ["Anna"]
    with grid.expect_download() as download:
        grid.get_by_role("link", name="result.csv").click()
    download.value.save_as(tmp_path / "result.csv")
    with (tmp_path / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        statuses = {int(row["import_row"]): row["import_status"] for row in csv.DictReader(file)}
    assert {row: statuses[row] for row in (2, 4, 7, 8)} == {2: "created", 4: "skipped", 7: "invalid", 8: "skipped"}


def test_the_next_problem_may_be_on_another_page(tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    lines = [f"p{n}@example.com,{'x' * 60 if n in (3, 250) else 'Ok'}" for n in range(300)]
    file.write_text("Email,First Name\n" + "\n".join(lines) + "\n")
    _open(tab, file)
    expect(tab.locator("#grid tbody tr")).to_have_count(100)

    _cell(tab, 5, 1).focus()
    tab.keyboard.press("Enter")
    tab.keyboard.type("Short")
    tab.keyboard.press("Enter")

    expect(_cell(tab, 252, 1).locator("input")).to_be_focused()
    expect(tab.locator("#grid-range")).to_have_text("Rows 201 to 300 of 300")
    tab.keyboard.type("Short")
    tab.keyboard.press("Enter")
    expect(tab.locator("#grid-status")).to_contain_text("No more problems")
    expect(tab.locator("#grid-tally")).to_contain_text("300 rows in order")
    tab.get_by_role("button", name="Leave out all rows shown").click()
    expect(tab.locator("#grid-tally")).to_contain_text("300 left out")
    tab.get_by_role("button", name="Undo", exact=True).click()
    expect(tab.locator("#grid-tally")).to_contain_text("300 rows in order")


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious_in_the_grid(
    browser: Browser, tab: Page, logged_in: StorageState, leads: Path, width: int
) -> None:
    _open(tab, leads)
    context = browser.new_context(
        viewport={"width": width, "height": 900}, storage_state=logged_in, locale="en-GB",
        bypass_csp=True, reduced_motion="reduce",  # axe is put into the page as a script
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(tab.url)
    _cell(page, 6, 1).focus()
    page.keyboard.press("Enter")
    expect(_cell(page, 6, 1).locator("input")).to_be_focused()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # the loop's literals are strings to mypy
        found = Axe().run(page).response
        assert [
            (entry["id"], entry["nodes"][0]["html"][:200])
            for entry in found["violations"]
            if entry["impact"] in ("serious", "critical")
        ] == []
    overflow = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert overflow[0] <= overflow[1], "the page is wider than the window"
    if width == 390:
        expect(_cell(page, 6, 2).locator(".said")).to_be_visible()  # a card says what is wrong with its cell
        assert re.match("E-mail", _cell(page, 6, 1).get_attribute("data-label") or "")
    context.close()


def test_what_another_window_changes_is_shown_and_can_be_changed_further(grid: Page) -> None:
    other = grid.context.new_page()
    other.goto(grid.url)
    other.get_by_role("button", name="Leave out row 7").click()
    expect(other.locator("#grid-tally")).to_contain_text("1 left out")

    expect(grid.locator('tr[data-row="7"]')).to_have_class("removed")
    expect(grid.locator("#grid-status")).to_have_text("This file was changed in another window.")
    grid.get_by_role("button", name="Restore row 7").click()  # its revision is the current one
    expect(grid.locator("#grid-tally")).to_contain_text("0 left out")
    expect(other.locator('tr[data-row="7"]')).not_to_have_class("removed")
    other.close()


def test_a_wide_file_scrolls_in_its_box_and_not_the_page(tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    names = [f"Column {n}" for n in range(30)]
    file.write_text(f"{','.join(names)},Email\n{',' * 30}not an address\n{',' * 30}ann@example.com\n")
    _open(tab, file)
    assert tab.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert tab.evaluate("(box => box.scrollWidth - box.clientWidth)(document.getElementById('grid-box'))") > 500
