"""The import page offers what to do with contacts that the vendor has already, where the vendor can be asked."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.steps import check, counts, send, to_import, upload, wait_for_results

Contacts = Callable[[str], list[dict[str, Any]]]


def test_contacts_that_are_there_get_the_values_of_the_file_and_their_own_again_on_undo(
    tab: Page, tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    person = {"type": "customer", "full_name": "Ana", "email": "ana@example.com", "company_id": "c1", "status": "new"}
    keys = {"X-API-Key": "k", "Content-Type": "application/json"}
    body = json.dumps(person).encode()
    urllib.request.urlopen(urllib.request.Request(f"{sandbox}/clemta/contacts", body, keys)).close()
    rows = "customer,Ana Ruiz,ana@example.com,c1\ncustomer,Bo Berg,bo@example.com,c1\n"
    (tmp_path / "people.csv").write_text(f"Type,Full name,Email,Company id\n{rows}")
    upload(tab, tmp_path / "people.csv", "clemta:create")
    check(tab)
    to_import(tab)
    choices = tab.get_by_role("group", name="Contacts that Clemta contacts has already")
    expect(choices.get_by_role("radio")).to_have_count(5)
    expect(choices.get_by_label("Send every contact, and do not look")).to_be_checked()

    choices.get_by_label("Give them the values of the file", exact=True).check()
    send(tab, f"{sandbox}/clemta")

    wait_for_results(tab)
    assert counts(tab) == {"created": 1, "updated": 1}
    assert [contact["full_name"] for contact in contacts("clemta")] == ["Ana Ruiz", "Bo Berg"]

    tab.get_by_role("link", name="Undo this import").click()
    tab.get_by_role("button", name="Show the contacts").click()
    expect(tab.get_by_role("heading", name="1 contact would be deleted")).to_be_visible()
    expect(tab.get_by_text("1 contact that the import changed would get its old values back.")).to_be_visible()
    tab.get_by_role("button", name="Undo this import").click()
    wait_for_results(tab)
    deadline = time.monotonic() + 30
    while [contact["full_name"] for contact in contacts("clemta")] != ["Ana"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_vendor_without_a_look_up_offers_nothing(tab: Page, leads: Path) -> None:
    upload(tab, leads, "iclosed:create")
    check(tab)
    to_import(tab)

    expect(tab.locator("input[name=match]")).to_have_count(0)
