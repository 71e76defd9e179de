"""--match: rows are compared with the contacts that the vendor has already, and nothing of them is made twice."""

from __future__ import annotations

import csv
import json
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse

from importer import Settings, check_file, resume_run, run_import
from importer.errors import ExitCode, SettingsError
from importer.journal import WriteBatch, open_journal
from importer.model.delivery import LookedUp, RowResult
from importer.model.send_plan import SendPlan
from importer.model.status import Status
from importer.model.summary import Summary
from importer.observer import Observer
from importer.sandbox.app import build_app
from importer.sandbox.server import running

HEADER = "Type,Full name,Email,Description,Status\n"
Import = Callable[..., Summary]


def own(email: str, **other: Any) -> dict[str, Any]:
    """A contact that somebody typed in at the vendor."""
    return {"type": "customer", "full_name": "Ana", "email": email, "company_id": "c1", "description": "old", **other}


def typed_in(address: str, *people: dict[str, Any], path: str = "clemta/contacts") -> None:
    """Give the vendor contacts of its own."""
    for person in people:
        keys = {"X-API-Key": "k", "Authorization": "Bearer iclosed-k", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{address}/{path}", json.dumps(person).encode(), keys, method="POST")
        urllib.request.urlopen(request).close()


@pytest.fixture
def clemta(sandbox: str) -> str:
    """The address of a sandbox whose Clemta has contacts of its own: one Ana, two Bos."""
    bo = own("bo@example.com", full_name="Bo")
    typed_in(sandbox, own("ana@example.com"), bo, {**bo, "full_name": "Bob"})
    return sandbox


@pytest.fixture
def imported(tmp_path: Path, clemta: str) -> Import:
    def run(rows: str, observer: Observer | None = None, **other: Any) -> Summary:
        (tmp_path / "people.csv").write_text(HEADER + rows, encoding="utf-8")
        where = Settings(
            "clemta", base_url=f"{clemta}/clemta", api_key="k", rate=1000.0, constants=(("company_id", "c1"),),
            output=tmp_path / "out", **other,
        )  # fmt: skip
        return run_import(tmp_path / "people.csv", where, observer)

    return run


def there(address: str, vendor: str = "clemta") -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{address}/_contacts/{vendor}") as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


def counted(summary: Summary) -> dict[str, int]:
    return {str(status): count for status, count in summary.counts.items() if count}


def results(tmp_path: Path) -> list[dict[str, str]]:
    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_existing_contacts_are_skipped_and_ambiguous_ones_never_touched(
    tmp_path: Path, clemta: str, imported: Import
) -> None:
    before = there(clemta)
    rows = "customer,Ana,Ana@example.com,new,\ncustomer,Bo,bo@example.com,new,\ncustomer,Cy,cy@example.com,new,\n"

    summary = imported(rows, match="skip-existing")

    assert counted(summary) == {"exists": 1, "ambiguous": 1, "created": 1}
    assert summary.exit_code == ExitCode.NEEDS_REVIEW
    assert (summary.requests.sent, summary.requests.looked_up) == (4, 3)
    assert there(clemta)[:3] == before
    assert [contact["email"] for contact in there(clemta)[3:]] == ["cy@example.com"]
    first, second, _ = results(tmp_path)
    assert first["import_id"] == before[0]["id"]
    assert before[1]["id"] in second["import_message"]
    assert before[2]["id"] in second["import_message"]


def test_an_update_sends_what_differs_and_what_the_vendor_asks_for(
    tmp_path: Path, clemta: str, imported: Import
) -> None:
    rows = "customer,Ana,ana@example.com,new,\ncustomer,Cy,cy@example.com,x,\n"

    summary = imported(rows, match="update-existing")
    again = imported(rows, match="update-existing")

    assert counted(summary) == {"updated": 1, "created": 1}
    assert counted(again) == {"already_done": 2}
    assert again.requests.sent == 0
    assert [contact["description"] for contact in there(clemta)] == ["new", "old", "old", "x"]


def test_a_contact_with_the_same_values_exists(clemta: str, imported: Import) -> None:
    before = there(clemta)

    summary = imported("customer,Ana,ana@example.com,old,\n", match="update-existing")

    assert (counted(summary), summary.requests.sent) == ({"exists": 1}, 1)
    assert there(clemta) == before


def test_fill_empty_overwrites_nothing(clemta: str, imported: Import) -> None:
    typed_in(clemta, own("di@example.com", description="", status=""))

    summary = imported("vendor,Diana,di@example.com,new,active\n", match="update-existing", fill_empty=True)

    assert counted(summary) == {"updated": 1}
    kept = {name: there(clemta)[-1][name] for name in ("type", "full_name", "description", "status")}
    assert kept == {"type": "customer", "full_name": "Ana", "description": "new", "status": "active"}


def test_update_only_creates_nothing(tmp_path: Path, clemta: str, imported: Import) -> None:
    summary = imported("customer,Ana,ana@example.com,new,\ncustomer,Cy,cy@example.com,x,\n", match="update-only")

    assert counted(summary) == {"updated": 1, "skipped": 1}
    assert len(there(clemta)) == 3
    assert results(tmp_path)[1]["import_code"] == "no_match"


def test_rows_of_the_file_that_are_one_contact_are_not_touched(tmp_path: Path, clemta: str, imported: Import) -> None:
    rows = "customer,Di,di@example.com,one,\ncustomer,Di,DI@example.com,two,\ncustomer,Ed,ed@example.com,x,\n"

    summary = imported(rows, match="update-existing")

    assert counted(summary) == {"ambiguous": 2, "created": 1}
    assert summary.requests.looked_up == 1
    assert "row 3" in results(tmp_path)[0]["import_message"]


def test_look_ups_are_said_before_the_question(clemta: str, imported: Import) -> None:
    plans: list[SendPlan] = []

    class Watcher(Observer):
        def on_send_planned(self, plan: SendPlan) -> None:
            plans.append(plan)

    imported("customer,Ana,ana@example.com,new,\ncustomer,Cy,cy@example.com,x,\n", Watcher(), match="skip-existing")

    (plan,) = plans
    assert (plan.rows, plan.lookups, plan.seconds) == (2, 2, 4 / 1000)


class Stopper(Observer):
    """Interrupts after some results."""

    def __init__(self, results: int) -> None:
        self.left = results
        self.steering: Any = None

    def on_control(self, steering: Any) -> None:
        self.steering = steering

    def on_row_done(self, result: RowResult) -> None:
        self.left -= 1
        if self.left == 0 and self.steering is not None:
            self.steering.stop()


@pytest.mark.parametrize("store", ["sqlite", "postgres_journal"])
def test_a_resumed_run_asks_only_what_it_has_not_asked(
    clemta: str, imported: Import, store: str, request: pytest.FixtureRequest
) -> None:
    if store != "sqlite":
        request.getfixturevalue(store)
    rows = "".join(f"customer,N{n},n{n}@example.com,x,\n" for n in range(12))

    first = imported("customer,Ana,ana@example.com,new,\n" + rows, Stopper(5), match="update-existing", concurrency=1)
    second = resume_run(first.run, Settings("clemta", api_key="k"))

    assert first.exit_code == ExitCode.STOPPED or first.counts[Status.NOT_ATTEMPTED]
    assert counted(second) == {"updated": 1, "created": 12}
    assert second.requests.looked_up in (13, 14)  # the row that was looked up and not sent is looked up again
    assert sorted(contact["email"] for contact in there(clemta)[3:]) == sorted(f"n{n}@example.com" for n in range(12))


def test_what_was_not_there_is_asked_for_again_by_a_resume(tmp_path: Path, clemta: str, imported: Import) -> None:
    rows = "".join(f"customer,N{n},n{n}@example.com,x,\n" for n in range(9))
    first = imported(rows, Stopper(3), match="skip-existing", concurrency=1)
    made = len(there(clemta)) - 3
    with closing(open_journal(tmp_path / "state")) as journal:
        (record,) = journal.list_runs()
        journal.commit_batch(record, WriteBatch(lookups=[LookedUp(row, (), {}, time.time()) for row in range(2, 11)]))
    typed_in(clemta, *(own(f"n{n}@example.com") for n in range(made, 9)))

    second = resume_run(first.run, Settings("clemta", api_key="k"))

    assert counted(second) == {"created": made, "exists": 9 - made}
    assert len(there(clemta)) == 3 + 9


@pytest.mark.parametrize("store", ["sqlite", "postgres_journal"])
def test_the_values_from_before_an_update_are_kept(
    tmp_path: Path, imported: Import, store: str, request: pytest.FixtureRequest
) -> None:
    if store != "sqlite":
        request.getfixturevalue(store)
    summary = imported("customer,Ana,ana@example.com,new,\ncustomer,Cy,cy@example.com,x,\n", match="update-existing")

    with closing(open_journal(tmp_path / "state")) as journal:
        found = journal.list_lookups(summary.run)
    assert [(row, len(known.ids)) for row, known in sorted(found.items())] == [(2, 1), (3, 0)]
    assert found[2].values["description"] == "old"  # what it takes to undo the update


@pytest.mark.parametrize(
    ("vendor", "other", "words"),
    [
        ("cleartalk", {"match": "skip-existing"}, "documents no way to look contacts up"),
        ("iclosed", {"match": "skip-existing"}, "--ask-anyway tries it"),
        ("gomobile", {"match": "update-existing"}, "--ask-anyway tries it"),
        ("clemta", {"match": "skip-existing", "match_by": "phone"}, "looked up by company_id, email"),
        ("clemta", {"match": "skip-existing", "fill_empty": True}, "does not"),
        ("clemta", {"match_by": "email"}, "Add --match"),
        ("clemta", {"match": "update-existing", "send_changed": True}, "cannot be combined"),
    ],
)
def test_where_it_cannot_be_nothing_is_begun(tmp_path: Path, vendor: str, other: dict[str, Any], words: str) -> None:
    (tmp_path / "people.csv").write_text("Email\nana@example.com\n", encoding="utf-8")

    with pytest.raises(SettingsError, match=words):
        check_file(tmp_path / "people.csv", Settings(vendor, output=tmp_path / "out", **other))


def test_a_vendor_that_takes_whole_contacts_keeps_what_the_row_does_not_have(tmp_path: Path, sandbox: str) -> None:
    there_before = {
        "primaryPhone": "+212612345678",
        "fullName": "Ana",
        "customAttributes": {"plan": "gold", "age": 30},
    }
    typed_in(sandbox, there_before, path="gomobile/api/contact")
    (tmp_path / "g.csv").write_text("Phone,customAttributes.age,email\n+212612345678,31,ana@example.com\n")
    where = Settings(
        "gomobile", base_url=f"{sandbox}/gomobile", output=tmp_path / "out", match="update-existing", ask_anyway=True
    )

    summary = run_import(tmp_path / "g.csv", where)

    (contact,) = there(sandbox, "gomobile")
    assert counted(summary) == {"updated": 1}
    assert (contact["fullName"], contact["primaryEmail"]) == ("Ana", "ana@example.com")
    assert contact["customAttributes"] == {"plan": "gold", "age": "31"}


def test_rows_are_matched_by_the_field_that_is_named(tmp_path: Path, sandbox: str) -> None:
    typed_in(sandbox, {"email": "old@example.com", "phoneNumber": "+15550100001"}, path="iclosed/v1/contacts")
    rows = "new@example.com,+15550100001\nold@example.com,+15550100002\nno@example.com,\n"
    (tmp_path / "i.csv").write_text("Email,Phone\n" + rows)
    where = Settings(
        "iclosed", base_url=f"{sandbox}/iclosed", api_key="iclosed-k", output=tmp_path / "out",
        match="skip-existing", match_by="phone", ask_anyway=True,
    )  # fmt: skip

    summary = run_import(tmp_path / "i.csv", where)

    assert counted(summary) == {"exists": 1, "created": 1, "ambiguous": 1}
    assert [row["import_code"] for row in results(tmp_path)] == ["exists", "", "nothing_to_match"]


def test_rows_to_fix_are_matched_again_as_their_run_matched_them(tmp_path: Path, clemta: str, imported: Import) -> None:
    notes: list[str] = []

    class Listener(Observer):
        def on_note(self, text: str) -> None:
            notes.append(text)

    imported("customer,Bo,bo@example.com,new,\n", match="skip-existing")
    before = there(clemta)
    where = Settings("clemta", base_url=f"{clemta}/clemta", api_key="k", output=tmp_path / "fixed")

    again = run_import(tmp_path / "out" / "errors.xlsx", where, Listener())

    assert counted(again) == {"ambiguous": 1}
    assert there(clemta) == before
    assert any("--match skip-existing" in note for note in notes)


class FailingLookups:
    """A sandbox whose first look-ups are answered with these statuses, the last of them again and again if asked."""

    def __init__(self, statuses: list[int], *, for_ever: bool = False) -> None:
        self._app, self._statuses, self._for_ever = build_app(), statuses, for_ever

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith("/_") or not self._statuses:
            await self._app(scope, receive, send)
            return
        status = self._statuses[0] if self._for_ever else self._statuses.pop(0)
        await JSONResponse({"success": False, "message": "no"}, status)(scope, receive, send)


@pytest.mark.parametrize(
    ("statuses", "for_ever", "counts", "looked_up"),
    [
        ([500, 429, 502], False, {"created": 8}, 11),  # tried again
        ([404], False, {"created": 7, "failed": 1}, 8),  # of this row alone
        ([404], True, {"failed": 5, "not_attempted": 3}, 5),  # of all rows: the run stops
        ([401], True, {"not_attempted": 8}, 1),
    ],
)
def test_a_look_up_that_fails_sends_nothing(
    tmp_path: Path, statuses: list[int], for_ever: bool, counts: dict[str, int], looked_up: int
) -> None:
    rows = "".join(f"customer,N,n{number}@example.com,x,\n" for number in range(8))
    (tmp_path / "people.csv").write_text(HEADER + rows, encoding="utf-8")

    with running(FailingLookups(statuses, for_ever=for_ever)) as address:
        where = Settings(
            "clemta", base_url=f"{address}/clemta", api_key="k", rate=1000.0, constants=(("company_id", "c1"),),
            output=tmp_path / "out", match="skip-existing", concurrency=1,
        )  # fmt: skip
        summary = run_import(tmp_path / "people.csv", where)
        made = there(address)

    assert counted(summary) == counts
    assert (summary.requests.looked_up, len(made)) == (looked_up, counts.get("created", 0))
