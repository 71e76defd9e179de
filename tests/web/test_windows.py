"""Several windows, stale pages, mistakes: what is sent is what was shown, and no mistake is the end of a file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Browser, Page, expect

from importer.sandbox.app import build_app
from importer.sandbox.server import running
from tests.web.steps import (
    PATIENCE,
    WebServer,
    check,
    counts,
    send,
    serving,
    tally,
    to_import,
    unfold,
    upload,
    wait_for_results,
)

Contacts = Callable[[str], list[dict[str, Any]]]


def _two_sheets(path: Path) -> Path:
    book = openpyxl.Workbook()
    for name, title in (("One", "A"), ("Two", "B")):
        sheet = book.create_sheet(name)
        sheet.append(["Email", "First Name"])
        sheet.append([f"{title.lower()}@", f"{title}na"])
        sheet.append([f"{title.lower()}2@example.com", f"{title}o"])
    del book["Sheet"]
    book.save(path)
    return path


def test_a_correction_made_in_a_stale_window_is_not_put_into_another_table(tab: Page, tmp_path: Path) -> None:
    upload(tab, _two_sheets(tmp_path / "two.xlsx"), "iclosed:create")
    check(tab)
    other = tab.context.new_page()
    other.goto(tab.url.replace("/check", "/columns"))
    other.select_option("#sheet", "Two")
    other.get_by_role("button", name="Check the rows").click()
    expect(other.locator("table.columns")).to_contain_text("Bna")
    check(other)

    cell = tab.get_by_label("Row 2, Email", exact=True)
    cell.fill("a@example.com")
    cell.press("Enter")

    expect(tab.locator(".verdict .complaint")).to_contain_text("changed in another window")
    other.reload()
    assert tally(other) == [2, 1, 1, 0]
    other.close()


def test_only_what_was_shown_is_sent(tab: Page, tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    file = tmp_path / "few.csv"
    file.write_text("Email,First Name\nana@example.com,Ana\nbo@example.com,Bo\n")
    upload(tab, file, "iclosed:create")
    unfold(tab, "More options")
    tab.fill("#limit", "1")
    check(tab)
    to_import(tab)
    other = tab.context.new_page()
    other.goto(tab.url.replace("/import", "/columns"))
    other.fill("#limit", "")
    check(other)
    to_import(other)

    expect(tab.locator("[data-watch]")).to_contain_text("changed in another window")
    tab.fill("#base_url", f"{sandbox}/iclosed")
    tab.fill("#key", "iclosed-k")
    tab.locator(".bar .primary").click()
    tab.locator("dialog .primary").click()

    expect(tab.locator(".notice.bad")).to_contain_text("changed in another window")
    assert contacts("iclosed") == []
    expect(tab.get_by_role("button", name="Send 2 contacts")).to_be_visible()
    other.close()


def test_dates_keep_the_order_that_the_file_has_proven(
    tab: Page, tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    file = tmp_path / "dates.csv"
    days = ("13/02/2020 10:00", "03/04/2020 10:00", "05/06/2020 10:00")
    file.write_text("Email,Joined Time\n" + "".join(f"p{n}@example.com,{day}\n" for n, day in enumerate(days)))
    upload(tab, file, "iclosed:create")
    tab.fill("#timezone", "UTC")
    check(tab)
    assert tally(tab) == [3, 3, 0, 0]
    place = re.search(r"/files/(\w+)/", tab.url)
    assert place
    _correct(tab, place[1], 2, 1, "2020-02-14T10:00:00Z")  # what proved the order is gone

    tab.reload()
    to_import(tab)
    send(tab, f"{sandbox}/iclosed")
    wait_for_results(tab)

    assert [made["joinedTime"][:10] for made in contacts("iclosed")] == ["2020-02-14", "2020-04-03", "2020-06-05"]


def _correct(tab: Page, draft: str, row: int, column: int, text: str) -> None:
    """Correct a cell that has no problem, as a page of before could."""
    answer = tab.evaluate(
        """async ([draft, form]) => {
            const page = await (await fetch(`/files/${draft}/columns`)).text();
            const csrf = page.match(/name="csrf" value="(\\w+)"/)[1];
            const sent = {Accept: "application/json"};
            const body = new URLSearchParams({...form, csrf});
            return (await fetch(`/files/${draft}/cells`, {method: "POST", headers: sent, body})).json();
        }""",
        [draft, {"row": str(row), "column": str(column), "text": text, "revision": "1"}],
    )
    assert "error" not in answer, json.dumps(answer)


def test_what_keeps_a_whole_row_back_is_not_mended_by_another_cell(tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("Email,First Name\nana@example.com,Ana,too much\nbo@example.com,Bo\n")
    upload(tab, file, "iclosed:create")
    check(tab)
    assert tally(tab) == [2, 1, 1, 0]
    place = re.search(r"/files/(\w+)/", tab.url)
    assert place

    _correct(tab, place[1], 2, 1, "Anna")

    tab.reload()
    assert tally(tab) == [2, 1, 1, 1]
    tab.get_by_role("button", name="Check the whole file again").click()
    expect(tab.get_by_role("link", name="Download errors.xlsx")).to_be_visible()
    assert tally(tab) == [2, 1, 1, 1]


def test_shared_addresses_are_known_once_the_whole_file_is_checked_again(tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "shared.csv"
    file.write_text("Email,First Name\nana@example.com,Ana\nbo@,Bo\ncy@example.com,Cy\n")
    upload(tab, file, "iclosed:create")
    unfold(tab, "More options")
    tab.get_by_label("Do not send rows with warnings").check()
    check(tab)
    cell = tab.get_by_label("Row 3, Email", exact=True)
    cell.fill("ana@example.com")
    cell.press("Enter")
    expect(tab.locator("#overview")).to_contain_text("Check the whole file again")

    tab.get_by_role("button", name="Check the whole file again").click()

    expect(tab.locator("table.problems")).to_contain_text("shares its e-mail address with row")
    assert tally(tab) == [3, 1, 2, 1]


def test_leaving_a_cell_is_enough_to_keep_its_correction(tab: Page, leads: Path) -> None:
    upload(tab, leads, "iclosed:create")
    check(tab)
    tab.get_by_label("Row 7, First Name", exact=True).fill("Max")

    tab.get_by_label("Row 6, E-mail", exact=True).focus()

    expect(tab.locator("tr.fixed")).to_have_count(1)
    tab.reload()
    assert tally(tab)[3] == 1


def test_a_file_with_a_header_alone_says_so(tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "none.csv"
    file.write_text("Email,First Name\n")
    upload(tab, file, "iclosed:create")
    check(tab)

    assert tally(tab) == [0, 0, 0, 0]


def test_fewer_rows_than_were_corrected_are_checked_all_the_same(tab: Page, leads: Path) -> None:
    upload(tab, leads, "iclosed:create")
    check(tab)
    cell = tab.get_by_label("Row 7, First Name", exact=True)
    cell.fill("Max")
    cell.press("Enter")
    expect(tab.locator("tr.fixed")).to_have_count(1)
    tab.get_by_role("link", name="Back to the columns").click()
    unfold(tab, "More options")
    tab.fill("#limit", "2")

    check(tab)

    assert tally(tab)[:3] == [2, 2, 0]


def test_a_wrong_address_is_not_the_end_of_a_file(tab: Page, leads: Path, contacts: Contacts, sandbox: str) -> None:
    with running(build_app()) as address:
        gone = address
    upload(tab, leads, "iclosed:create")
    check(tab)
    cell = tab.get_by_label("Row 7, First Name", exact=True)
    cell.fill("Max")
    cell.press("Enter")
    expect(tab.locator("tr.fixed")).to_have_count(1)
    to_import(tab)
    tab.fill("#base_url", f"{gone}/iclosed")
    tab.fill("#key", "iclosed-k")
    tab.locator(".bar .primary").click()

    expect(tab.locator("p.complaint")).to_contain_text("Nothing answers at")
    send(tab, f"{sandbox}/iclosed")
    wait_for_results(tab)

    assert counts(tab)["created"] == len(contacts("iclosed")) == 3


def test_a_key_that_is_kept_goes_nowhere_else(browser: Browser, served: WebServer, leads: Path, sandbox: str) -> None:
    tab = browser.new_page()
    tab.set_default_timeout(PATIENCE)
    tab.goto(served.entry)
    upload(tab, leads, "iclosed:create")
    check(tab)
    to_import(tab)
    send(tab, f"{sandbox}/iclosed")
    wait_for_results(tab)
    upload(tab, leads, "iclosed:create")
    check(tab)
    to_import(tab)
    with running(build_app()) as elsewhere:
        tab.fill("#base_url", f"{elsewhere}/iclosed")
        tab.locator(".bar .primary").click()

        expect(tab.locator("p.complaint")).to_contain_text("for another address")
    tab.close()


def test_a_server_that_is_killed_before_a_run_is_known_keeps_the_file(
    browser: Browser, tmp_path: Path, leads: Path, sandbox: str
) -> None:
    tab = browser.new_page()
    tab.set_default_timeout(PATIENCE)
    with serving(tmp_path / "state") as first:
        tab.goto(first.entry)
        upload(tab, leads, "iclosed:create")
        check(tab)
    (record,) = (tmp_path / "state" / "drafts").glob("*/draft.json")
    record.write_text(json.dumps({**json.loads(record.read_text()), "run": "20260101-000000-dead"}))

    with serving(tmp_path / "state") as second:
        tab.goto(second.entry)
        tab.get_by_role("link", name="leads.csv").click()

        expect(tab.locator("#tally")).to_be_visible()
    tab.close()
