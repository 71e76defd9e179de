"""Undoing an import from its results: what would be deleted, a yes, and what is left at the vendor."""

from __future__ import annotations

import csv
import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.steps import check, counts, send, to_import, upload, wait_for_results

Contacts = Callable[[str], list[dict[str, Any]]]


def imported(tab: Page, file: Path, kind: str, address: str) -> str:
    """Import a file; return the address of its results."""
    upload(tab, file, kind)
    check(tab)
    to_import(tab)
    send(tab, address)
    wait_for_results(tab)
    return tab.url


def rename(address: str, contact: dict[str, Any]) -> None:
    """Change a contact at the vendor, as somebody who works there does."""
    kept = {name: contact[name] for name in ("type", "email", "company_id")}
    body = json.dumps({**kept, "full_name": "Bo Berg"}).encode()
    keys = {"X-API-Key": "iclosed-k", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/contacts/{contact['id']}", body, keys, method="PATCH")
    urllib.request.urlopen(request).close()


def test_an_import_is_undone_except_what_has_changed_since(
    tab: Page, tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    people = "".join(f"customer,Person {name},{name}@example.com,c1\n" for name in ("ana", "bo", "cy"))
    (tmp_path / "people.csv").write_text(f"Type,Full name,Email,Company id\n{people}")
    results = imported(tab, tmp_path / "people.csv", "clemta:create", f"{sandbox}/clemta")
    rename(f"{sandbox}/clemta", next(contact for contact in contacts("clemta") if contact["email"] == "bo@example.com"))

    tab.get_by_role("link", name="Undo this import").click()
    tab.get_by_role("button", name="Show the contacts").click()
    expect(tab.get_by_role("heading", name="2 contacts would be deleted")).to_be_visible()
    expect(tab.get_by_role("heading", name="1 contact stays, because it differs from what was sent")).to_be_visible()
    expect(tab.get_by_role("list").filter(has_text="bo@example.com")).to_have_count(1)
    assert len(contacts("clemta")) == 3

    tab.get_by_role("button", name="Delete 2 contacts").click()
    wait_for_results(tab)
    assert counts(tab) == {"deleted": 2}
    expect(tab.get_by_role("heading", name="2 contacts are deleted.")).to_be_visible()
    expect(tab.get_by_role("link", name="Undo this import")).to_have_count(0)
    assert [contact["email"] for contact in contacts("clemta")] == ["bo@example.com"]

    tab.goto(results)
    expect(tab.locator(".outcome .badge")).to_have_text("Undone")
    again = imported(tab, tmp_path / "people.csv", "clemta:create", f"{sandbox}/clemta")
    assert again != results
    assert counts(tab) == {"created": 2, "already done": 1}


def test_where_the_vendor_documents_no_deletion_the_contacts_are_a_file(tab: Page, leads: Path, sandbox: str) -> None:
    imported(tab, leads, "iclosed:create", f"{sandbox}/iclosed")
    tab.get_by_role("link", name="Undo this import").click()
    expect(tab.get_by_text("so this import cannot be undone here")).to_be_visible()
    expect(tab.get_by_text("This deletes the contacts")).to_have_count(0)
    tab.get_by_role("button", name="Show the contacts").click()
    expect(tab.get_by_text("documents no way to delete a contact")).to_be_visible()
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Download the contacts").click()

    with Path(download.value.path()).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert all(row["id"] and row["contact"] for row in rows)
