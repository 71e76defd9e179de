"""Cards of the check: one answer for all rows with the same cause, one undo, and the answers remembered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.web.steps import check, counts, send, tally, to_import, upload, wait_for_results

Contacts = Callable[[str], list[dict[str, Any]]]
LONG = "A name that is by far too long to be a first name"
HEAD = "Email,First Name,Phone,Status,Joined Time,Last Name\n"


def _card(tab: Page, text: str) -> Locator:
    return tab.locator("section.cause").filter(has=tab.locator("h3", has_text=text))


def _apply(tab: Page, card: Locator, button: str, shown: str) -> None:
    card.get_by_role("button", name=button).click()
    expect(tab.locator(".last-edit")).to_contain_text(shown)


def test_a_thousand_values_are_one_action_and_one_undo(
    tab: Page, tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    file = tmp_path / "leads.csv"
    lines = [f"p{n}@example.com,Ann,,{'Hot lead' if n < 1000 else 'QUALIFIED'},\n" for n in range(1003)]
    file.write_text(HEAD + "".join(lines))
    upload(tab, file, "iclosed:create")
    check(tab)
    card = _card(tab, "Status is “Hot lead”, which iClosed")
    expect(card).to_contain_text("1,000 rows")

    card.get_by_label("Hot lead").select_option("POTENTIAL")
    _apply(tab, card, "Apply to all 1,000", "1,000 rows: Hot lead → POTENTIAL")
    assert tally(tab) == [1003, 1003, 0, 0]

    tab.locator(".last-edit").get_by_role("button", name="Undo").click()
    expect(card).to_be_visible()
    assert tally(tab) == [1003, 3, 1000, 0]

    _apply(tab, card, "Leave these rows out", "1,000 rows left out")
    assert tally(tab) == [1003, 3, 0, 1000, 0]
    to_import(tab)
    send(tab, f"{sandbox}/iclosed")
    wait_for_results(tab)
    assert counts(tab) == {"created": 3, "skipped": 1000}
    assert len(contacts("iclosed")) == 3


def test_fifteen_hundred_problems_of_six_causes_take_six_actions(tab: Page, tmp_path: Path) -> None:
    def line(n: int) -> str:
        email = "nobody@" if n < 100 else f"p{n}@example.com"
        last = LONG * 3 if 100 <= n < 200 else "Lee"
        name = LONG if 200 <= n < 400 else "Ann"
        phone = "ask her" if 400 <= n < 700 else ""
        status = "Hot lead" if 700 <= n < 1200 else "QUALIFIED"
        joined = "some day" if 1200 <= n < 1500 else ""
        return f"{email},{name},{phone},{status},{joined},{last}\n"

    file = tmp_path / "leads.csv"
    file.write_text(HEAD + "".join(map(line, range(20_000))))
    upload(tab, file, "iclosed:create")
    check(tab)
    assert tally(tab) == [20_000, 18_500, 1500, 0]

    _apply(tab, _card(tab, "Last Name: Too long"), "Leave these rows out", "100 rows left out")
    wrong = _card(tab, "Email: Not in the form")
    wrong.get_by_label("nobody@").fill("somebody@example.com")
    _apply(tab, wrong, "Apply to all 100", "100 cells changed in Email: nobody@ → somebody@example.com")
    card = _card(tab, "First Name: Too long")
    card.locator("select").select_option("cut")
    _apply(tab, card, "Apply to all 200", "200 rows: firstName – Cut them off at the limit")
    for title, before, after in (("Phone", "ask her", ""), ("Joined Time", "some day", "")):
        card = _card(tab, f"{title}:")
        card.get_by_label(before).fill(after)
        card.get_by_role("button", name="Apply to all 300").click()
        expect(tab.locator(".last-edit")).to_contain_text(f"300 cells changed in {title}: {before} → ∅")
    card = _card(tab, "Status is “Hot lead”")
    card.get_by_label("Hot lead").select_option("POTENTIAL")
    _apply(tab, card, "Apply to all 500", "500 rows: Hot lead → POTENTIAL")

    assert tally(tab) == [20_000, 19_900, 0, 100, 700]
    expect(tab.get_by_text("6 changes so far")).to_be_visible()


def test_what_the_file_does_not_say_is_asked_before_the_check_and_remembered(tab: Page, tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        rows = [f"{name[:3]}{n}@example.com,Ann,,QUALIFIED,2026-03-04 1{n}:00\n" for n in range(6)]
        (tmp_path / name).write_text(HEAD + "".join(rows))
    upload(tab, tmp_path / "one.csv", "iclosed:create")
    tab.get_by_role("button", name="Check the rows").click()
    expect(tab.get_by_role("heading", name="1 question before the check")).to_be_visible()
    expect(tab.locator(".question")).to_contain_text("2026-03-04 10:00")

    tab.get_by_role("combobox", name="Which one are they in?").select_option("Africa/Casablanca")
    tab.get_by_role("button", name="Continue").click()

    expect(tab.locator("#tally")).to_be_visible()
    assert tally(tab) == [6, 6, 0, 0]
    tab.get_by_label("Remember these answers").fill("Casablanca leads")
    tab.get_by_role("button", name="Remember these answers").click()
    expect(tab.get_by_text("The answers are saved")).to_be_visible()

    upload(tab, tmp_path / "two.csv", "iclosed:create")
    tab.get_by_role("button", name="Use it").first.click()
    check(tab)
    assert tally(tab) == [6, 6, 0, 0]
