"""The whole way in a real browser: file, columns, check, import, results, for every vendor and operation."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.steps import WebServer, check, counts, send, tally, to_import, unfold, upload, wait_for_results

SAMPLES = Path(__file__).parents[2] / "sample_data"
Contacts = Callable[[str], list[dict[str, Any]]]


def _samples() -> list[dict[str, Any]]:
    manifest = tomllib.loads((SAMPLES / "samples.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = manifest["sample"]
    return found


@pytest.mark.parametrize("sample", _samples(), ids=lambda sample: sample["file"])
def test_every_sample_ends_as_it_deserves(tab: Page, sandbox: str, contacts: Contacts, sample: dict[str, Any]) -> None:
    upload(tab, SAMPLES / sample["file"], f"{sample['vendor']}:{sample.get('operation', 'create')}")
    for column, field in sample.get("map", {}).items():
        tab.get_by_label(f"Field for the column {column}", exact=True).select_option(field)
    for field, text in sample.get("set", {}).items():
        _say_constant(tab, field, text)
    if sample.get("region"):
        tab.select_option("#region", sample["region"])
    check(tab)
    to_import(tab)
    expected = {name.replace("_", " "): count for name, count in sample["counts"].items() if count}
    ready = sum(count for name, count in sample["counts"].items() if name in ("created", "updated"))
    assert counts(tab)["ready to send"] == ready

    send(tab, f"{sandbox}/{sample['vendor']}")

    wait_for_results(tab)
    assert counts(tab) == expected
    made = contacts(sample["vendor"])
    assert len(made) == sample["counts"].get("created", 0) + sample["counts"].get("updated", 0)


def _say_constant(tab: Page, field: str, text: str) -> None:
    entry = tab.locator(f"[name='constant-{field}']")
    if not entry.is_visible():
        unfold(tab, "The same value in every row")
    if entry.evaluate("entry => entry.tagName") == "SELECT":
        entry.select_option(text)
    else:
        entry.fill(text)


def test_a_missing_required_field_is_shown_and_can_be_set(
    tab: Page, tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    file = tmp_path / "few.csv"
    file.write_text("Company Mail,Who\nana@example.com,Ana Ruiz\n")
    upload(tab, file, "clemta:create")
    gaps = tab.locator("[data-gap]")
    expect(gaps).to_have_count(3)

    tab.get_by_label("Field for the column Who").select_option("full_name")
    expect(tab.locator("[data-gap]:visible")).to_have_count(2)
    tab.locator("[name='constant-type']").select_option("customer")
    tab.locator("[name='constant-company_id']").fill("c-1")
    check(tab)
    assert tally(tab)[:3] == [1, 1, 0]
    to_import(tab)
    send(tab, f"{sandbox}/clemta")
    wait_for_results(tab)

    (made,) = contacts("clemta")
    assert {name: made[name] for name in ("type", "full_name", "email", "company_id")} == {
        "type": "customer", "full_name": "Ana Ruiz", "email": "ana@example.com", "company_id": "c-1",
    }  # fmt: skip


def test_what_is_missing_is_answered_where_it_is_asked(tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "few.csv"
    file.write_text("Company Mail,Who\nana@example.com,Ana Ruiz\n")
    upload(tab, file, "clemta:create")
    tab.locator("[name='constant-type']").select_option("customer")

    tab.get_by_role("button", name="Check the rows").click()

    expect(tab.locator(".notice.bad")).to_have_text("Not everything is there yet: Full name, Company ID.")
    assert {gap.get_attribute("data-gap") for gap in tab.locator("[data-gap]").all()} == {"full_name", "company_id"}
    tab.locator("[name='gap-full_name']").select_option(label="Who")
    tab.locator("[name='constant-company_id']").fill("c-1")
    check(tab)
    assert tally(tab)[:3] == [1, 1, 0]


def test_a_mapping_is_saved_and_used_again(tab: Page, leads: Path) -> None:
    upload(tab, leads, "iclosed:create")
    tab.get_by_label("Field for the column Owner").select_option("tag")
    unfold(tab, "Saved mappings")
    tab.fill("#name", "my leads / 2026")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.locator(".notice.good")).to_have_text("Saved as “my leads _ 2026”.")
    tab.get_by_role("button", name="Rename my leads _ 2026").click()
    tab.get_by_role("textbox", name="New name of").fill("leads")
    tab.locator("dialog .primary").click()
    expect(tab.locator(".notice.good")).to_have_text("The mapping is called “leads” now.")

    upload(tab, leads, "iclosed:create")
    expect(tab.get_by_label("Field for the column Owner")).to_have_value("")
    expect(tab.locator("form.notice.look")).to_contain_text(
        "The mapping “leads” was saved for a file with these columns."
    )
    tab.get_by_role("button", name="Use it", exact=True).click()

    expect(tab.locator(".notice.good")).to_contain_text("The mapping “leads” is used.")
    expect(tab.get_by_label("Field for the column Owner")).to_have_value("tag")
    unfold(tab, "Saved mappings")
    tab.get_by_role("button", name="Delete leads").click()
    tab.locator("dialog .primary").click()
    expect(tab.locator(".notice.good")).to_have_text("The mapping was deleted.")
    check(tab)
    assert tally(tab)[0] == 6


def test_a_practice_run_needs_neither_address_nor_key(tab: Page, leads: Path) -> None:
    upload(tab, leads, "iclosed:create")
    check(tab)
    to_import(tab)
    tab.get_by_label("Practice copy on this computer").check()
    expect(tab.locator("#base_url")).to_be_hidden()

    tab.locator(".bar .primary").click()
    expect(tab.locator("dialog")).to_contain_text("practice copy")
    tab.locator("dialog .primary").click()

    wait_for_results(tab)
    expect(tab.locator(".file .badge.practice")).to_be_visible()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("in the practice copy")
    expect(tab.locator("table.counts")).to_contain_text("the practice copy accepted them")
    report = tab.request.get(tab.url + "/reports/report.html").text()
    assert "Practice run: the contacts went to a practice copy" in report
    run = re.sub("http://[^/]+", "", tab.url)
    tab.goto(tab.url.removesuffix(run))
    expect(tab.locator("li", has=tab.locator(f"a[href='{run}']"))).to_contain_text("Practice")
    tab.go_back()
    assert sum(counts(tab).values()) == 6


def test_without_a_key_the_page_says_so_and_nothing_leaves(
    browser: Browser, served: WebServer, leads: Path, sandbox: str, contacts: Contacts
) -> None:
    tab = browser.new_page()
    tab.goto(served.entry)
    upload(tab, leads, "iclosed:create")
    check(tab)
    to_import(tab)
    tab.fill("#base_url", f"{sandbox}/iclosed")

    tab.locator(".bar .primary").click()

    expect(tab.locator("p.complaint")).to_contain_text("no API key")
    expect(tab.locator("#base_url")).to_have_value(f"{sandbox}/iclosed")
    assert contacts("iclosed") == []
    tab.close()


def test_the_key_is_asked_once_and_never_sent_back(tab: Page, leads: Path, sandbox: str) -> None:
    bodies: list[str] = []
    tab.on("response", lambda answer: bodies.append(answer.url))
    upload(tab, leads, "iclosed:create")
    check(tab)
    to_import(tab)
    send(tab, f"{sandbox}/iclosed", key="iclosed-very-secret")
    wait_for_results(tab)

    seen = [tab.content()]
    upload(tab, leads, "iclosed:create")
    check(tab)
    to_import(tab)
    seen.append(tab.content())

    assert tab.get_by_text("You typed the key before").is_visible()
    assert not any("very-secret" in text for text in (*seen, *bodies))


def test_the_reports_can_be_downloaded_and_the_corrected_one_uploaded(
    tab: Page, leads: Path, sandbox: str, contacts: Contacts, tmp_path: Path
) -> None:
    import openpyxl

    upload(tab, leads, "iclosed:create")
    check(tab)
    to_import(tab)
    send(tab, f"{sandbox}/iclosed")
    wait_for_results(tab)
    before = counts(tab)
    made = len(contacts("iclosed"))
    with tab.expect_download() as download:
        tab.get_by_role("link", name="errors.xlsx").click()
    path = tmp_path / "errors.xlsx"
    download.value.save_as(path)
    with tab.expect_download() as summary:
        tab.get_by_role("link", name="summary.json").click()
    assert json.loads(Path(summary.value.path()).read_text())["counts"]["invalid"] == before["invalid"]

    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    headers = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        cells = dict(zip(headers, row, strict=True))
        cells["E-mail"].value = f"fixed{cells['import_row'].value}@example.com"
        cells["Phone"].value = f"+155501001{cells['import_row'].value:02}"
        cells["Status"].value, cells["First Name"].value = "POTENTIAL", "Max"
    book.save(path)
    tab.set_input_files("#file", path)
    tab.wait_for_url("**/columns")
    check(tab)
    assert tally(tab)[:3] == [before["invalid"], before["invalid"], 0]
    to_import(tab)
    expect(tab.locator("#base_url")).to_have_value(f"{sandbox}/iclosed")
    send(tab, f"{sandbox}/iclosed")
    wait_for_results(tab)

    assert counts(tab) == {"created": before["invalid"]}
    assert len(contacts("iclosed")) == made + before["invalid"]


def test_report_html_is_shown_and_can_do_nothing(tab: Page, leads: Path, sandbox: str) -> None:
    upload(tab, leads, "iclosed:create")
    check(tab)
    to_import(tab)
    send(tab, f"{sandbox}/iclosed")
    wait_for_results(tab)

    answer = tab.goto(tab.url + "/reports/report.html")

    assert answer is not None
    assert "sandbox" in answer.headers["content-security-policy"]
    expect(tab.get_by_role("heading", name="leads.csv")).to_be_visible()


def test_a_clean_file_takes_four_clicks_and_loses_no_choice_on_a_reload(tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "clean.csv"
    file.write_text("Email,Given\nana.clean@example.com,Ana\nbo.clean@example.com,Bo\n")
    clicks: list[str] = []
    upload(tab, file, "iclosed:create")
    tab.get_by_label("Field for the column Given").select_option("lastName")
    with tab.expect_response(lambda answer: answer.status == 204):
        tab.get_by_label("Field for the column Given").select_option("tag")
    tab.get_by_role("button", name="Français").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Associer les colonnes")
    tab.get_by_role("button", name="English").click()
    tab.reload()
    expect(tab.get_by_label("Field for the column Given")).to_have_value("tag")
    expect(tab.locator("[data-summary]")).to_have_text("2 of 2 columns are imported, 0 are not.")

    def click(place: str) -> None:
        clicks.append(place)
        tab.locator(place).click()
        tab.wait_for_load_state()

    click(".bar .primary")
    expect(tab.locator("#tally")).to_be_visible()
    click("a.primary[href$='/import']")
    tab.locator("[value=practice]").check()  # a real import has address and key from the last time
    click(".bar .primary")
    click("dialog .primary")
    wait_for_results(tab)

    assert len(clicks) == 4
    assert counts(tab) == {"created": 2}


def test_a_clean_file_takes_four_clicks_from_choosing_it_to_its_results(
    tab: Page, tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    clicks: list[str] = []
    tab.expose_function("clicked", lambda text: clicks.append(text))  # noqa: PLW0108  # Playwright puts an attribute on it
    tab.add_init_script(
        "addEventListener('click', (event) => event.isTrusted && clicked(event.target.textContent), true)"
    )
    file = tmp_path / "clean.csv"
    file.write_text("Email,First Name\nana@example.com,Ana\nbo@example.com,Bo\n")

    upload(tab, file, "iclosed:create")
    check(tab)
    to_import(tab)
    send(tab, f"{sandbox}/iclosed")

    wait_for_results(tab)
    assert 1 <= len(clicks) <= 4
    assert len(contacts("iclosed")) == 2
