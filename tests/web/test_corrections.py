"""Cells corrected in place: judged at once, kept, undone, sent as corrected."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.web.steps import check, counts, send, tally, to_import, upload, wait_for_results

Contacts = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def checked(tab: Page, leads: Path) -> Page:
    """Six rows, checked: rows 6 to 8 are wrong, row 6 in three cells."""
    upload(tab, leads, "iclosed:create")
    check(tab)
    return tab


def _cell(tab: Page, row: int, column: str) -> Any:
    return tab.get_by_label(f"Row {row}, {column}", exact=True)


def _save(tab: Page, row: int, column: str, text: str) -> Any:
    """Type a text into a cell, and save it with the keyboard; the line that it is in."""
    cell = _cell(tab, row, column)
    cell.fill(text)
    cell.press("Enter")
    return tab.locator("tr").filter(has=cell)


def test_a_corrected_cell_is_in_order_at_once(checked: Page) -> None:
    assert tally(checked) == [6, 3, 3, 0]

    line = _save(checked, 7, "First Name", "Maximiliane")

    expect(line.locator(".verdict")).to_contain_text("in order now")
    expect(line).to_have_class(re.compile("fixed"))
    expect(checked.locator("#tally strong").nth(1)).to_have_text("4")
    assert tally(checked) == [6, 4, 2, 1]


def test_a_cell_that_is_still_wrong_says_what_is_wrong_now(checked: Page) -> None:
    line = _save(checked, 6, "E-mail", "cy@example")

    expect(line.locator(".verdict")).to_contain_text("is not an e-mail address")
    assert tally(checked)[2] == 3

    line = _save(checked, 6, "E-mail", "cy@example.com")

    expect(line.locator(".verdict")).to_contain_text("in order now")
    expect(line.locator(".verdict")).to_contain_text("2 other problems in this row")


def test_corrections_survive_a_reload_and_can_be_undone(checked: Page) -> None:
    line = _save(checked, 7, "First Name", "Maximiliane")
    expect(line.locator(".verdict")).to_contain_text("in order now")

    checked.reload()

    assert tally(checked) == [6, 4, 2, 1]
    expect(_cell(checked, 7, "First Name")).to_have_count(0)
    checked.get_by_role("link", name="Corrected (1)").click()
    expect(checked.locator("table.problems tbody")).to_contain_text("Maximiliane-Friederike-Luise")
    checked.get_by_role("button", name="Undo the correction in row 7").click()
    expect(checked.locator("#tally strong").nth(1)).to_have_text("3")
    assert tally(checked) == [6, 3, 3, 0]


def test_what_was_corrected_is_what_is_sent(checked: Page, sandbox: str, contacts: Contacts) -> None:
    for column, text in (("E-mail", "cy@example.com"), ("Phone", "+15550100003"), ("Status", "POTENTIAL")):
        expect(_save(checked, 6, column, text).locator(".verdict")).to_contain_text("in order now")
    to_import(checked)
    assert counts(checked)["ready to send"] == 3

    send(checked, f"{sandbox}/iclosed")

    wait_for_results(checked)
    (made,) = [made for made in contacts("iclosed") if made["email"] == "cy@example.com"]
    assert (made["phoneNumber"], made["status"]) == ("+15550100003", "POTENTIAL")
    checked.get_by_text("Notes about the file", exact=True).click()
    expect(checked.locator("main")).to_contain_text("3 cells were corrected before the import")


def test_the_downloads_get_the_corrections_when_asked(checked: Page, tmp_path: Path) -> None:
    import openpyxl

    expect(_save(checked, 7, "First Name", "Max").locator(".verdict")).to_contain_text("in order now")
    checked.reload()
    expect(checked.get_by_role("link", name="Download errors.xlsx")).to_have_count(0)

    checked.get_by_role("button", name="Check the whole file again").click()

    with checked.expect_download() as download:
        checked.get_by_role("link", name="Download errors.xlsx").click()
    download.value.save_as(tmp_path / "errors.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "errors.xlsx").worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [6, 8]
    assert tally(checked) == [6, 4, 2, 1]


def test_damage_that_no_text_shows_is_in_order_once_its_cell_is_corrected(
    tab: Page, tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    """A formula without a value is known from the workbook alone."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Email", "First Name"])
    sheet.append(["ana@example.com", "=CONCATENATE(A2,1)"])
    sheet.append(["bo@example.com", "Bo"])
    book.save(tmp_path / "formulas.xlsx")
    upload(tab, tmp_path / "formulas.xlsx", "iclosed:create")
    check(tab)
    assert tally(tab)[:3] == [2, 1, 1]

    line = _save(tab, 2, "First Name", "Ana")

    expect(line.locator(".verdict")).to_contain_text("in order now")
    to_import(tab)
    send(tab, f"{sandbox}/iclosed")
    wait_for_results(tab)
    assert sorted(made["firstName"] for made in contacts("iclosed")) == ["Ana", "Bo"]


def test_two_tabs_correct_the_same_file(checked: Page, context: BrowserContext) -> None:
    other = context.new_page()
    other.goto(checked.url)

    expect(_save(checked, 7, "First Name", "Max").locator(".verdict")).to_contain_text("in order now")
    expect(_save(other, 6, "Status", "POTENTIAL").locator(".verdict")).to_contain_text("in order now")

    assert tally(other) == [6, 4, 2, 2]
    checked.reload()
    assert tally(checked) == [6, 4, 2, 2]
    other.close()


def test_many_problems_are_shown_in_pages(tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    lines = [f"p{n}@example.com,{'Bad Name That Is Far Too Long For It' if n % 2 else 'Ok'}" for n in range(4000)]
    file.write_text("Email,First Name\n" + "\n".join(lines) + "\n")
    upload(tab, file, "iclosed:create")
    check(tab)

    assert tally(tab) == [4000, 2000, 2000, 0]
    tab.get_by_role("link", name="Show the rows").click()
    expect(tab.locator("form.fix")).to_have_count(20)
    expect(_save(tab, 3, "First Name", "Short").locator(".verdict")).to_contain_text("in order now")
    tab.get_by_role("link", name="Next rows").click()
    expect(_cell(tab, 43, "First Name")).to_be_visible()  # rows 5 to 41 were on the first page, whatever was corrected
    expect(_cell(tab, 41, "First Name")).to_have_count(0)
    expect(_save(tab, 43, "First Name", "Short").locator(".verdict")).to_contain_text("in order now")
    assert tally(tab) == [4000, 2002, 1998, 2]


def test_an_imported_file_cannot_be_corrected_any_more(checked: Page, sandbox: str) -> None:
    address = checked.url
    to_import(checked)
    send(checked, f"{sandbox}/iclosed")
    wait_for_results(checked)
    results = checked.url

    checked.goto(address)

    assert checked.url == results


def test_a_corrected_workbook_is_merged_into_the_file_and_taken_back_by_one_undo(
    checked: Page, tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    import openpyxl

    checked.get_by_text("Correct them in Excel", exact=True).click()
    with checked.expect_download() as download:
        checked.locator(".excel a").click()
    download.value.save_as(tmp_path / "mine.xlsx")
    book = openpyxl.load_workbook(tmp_path / "mine.xlsx")
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[1]}
    rows = {sheet.cell(line, 1).value: line for line in range(2, sheet.max_row + 1)}
    for column, text in (("E-mail", "cy@example.com"), ("Phone", "+15550100003"), ("Status", "POTENTIAL")):
        sheet.cell(rows[6], places[column]).value = text
    sheet.cell(rows[7], places["First Name"]).value = "Max"
    book.save(tmp_path / "mine.xlsx")

    checked.set_input_files(".excel input[type=file]", tmp_path / "mine.xlsx")
    expect(checked.locator(".last-edit")).to_contain_text("4 cells changed from mine.xlsx")
    assert tally(checked) == [6, 5, 1, 4]
    checked.locator(".last-edit").get_by_role("button", name="Undo").click()
    expect(checked.locator("#tally strong").nth(1)).to_have_text("3")

    checked.get_by_text("Correct them in Excel", exact=True).click()
    (tmp_path / "other.xlsx").write_bytes((tmp_path / "mine.xlsx").read_bytes()[:200])
    checked.set_input_files(".excel input[type=file]", tmp_path / "other.xlsx")
    expect(checked.locator(".excel .complaint")).to_contain_text("other.xlsx: is not the errors.xlsx of this file")
    checked.set_input_files(".excel input[type=file]", tmp_path / "mine.xlsx")
    expect(checked.locator(".last-edit")).to_contain_text("4 cells changed")
    to_import(checked)
    send(checked, f"{sandbox}/iclosed")
    wait_for_results(checked)
    made = {contact["email"]: contact for contact in contacts("iclosed")}
    assert made["cy@example.com"]["status"] == "POTENTIAL"
    assert made["max@example.com"]["firstName"] == "Max"
