"""What was deleted at the vendor counts as created no longer, in either store."""

from __future__ import annotations

from dataclasses import replace

from importer.journal import Claim, RunRecord, Settlement, State, WriteBatch
from importer.model.delivery import NO_EVIDENCE, Delivery
from importer.model.status import Status
from tests.journal.conftest import Store

RUN = RunRecord("a", "f.csv", "0" * 64, "v", "create", "t", "c", "o")
LATER = replace(RUN, id="b", file_sha256="1" * 64)


def delivery(row: int, values: bytes = b"v") -> Delivery:
    person = str(row).encode()
    return Delivery(row, (values + person).ljust(16), person.ljust(16), 0, "/contacts", b"{}")


def create(store: Store, run: RunRecord, sent: Delivery, vendor_id: str) -> None:
    journal = store.open()
    journal.start_run(run)
    (answer,) = journal.commit_batch(run, WriteBatch(claims=[sent]))
    assert answer.claim is Claim.GRANTED
    confirmed = Settlement(State.CONFIRMED, replace(NO_EVIDENCE, vendor_id=vendor_id))
    journal.commit_batch(run, WriteBatch(settlements=[(sent, confirmed)]))


def test_deleted_contacts_can_be_created_again_and_the_others_not(store: Store) -> None:
    for row in (2, 3, 4):
        create(store, RUN, delivery(row), f"id{row}")
    journal = store.open()

    journal.release_deleted(RUN, [2, 4, 99])
    journal.release_deleted(RUN, [2])

    again = replace(RUN, id="c")
    claims = [answer.claim for answer in journal.preview_claims(again, [delivery(row) for row in (2, 3, 4)])]
    assert claims == [Claim.GRANTED, Claim.CONFIRMED, Claim.GRANTED]
    (left,) = journal.list_results("a", "create", Status.CREATED)
    assert left["row"].to_list() == [3]


def test_later_values_of_a_deleted_contact_are_forgotten_too_and_another_contact_is_not(store: Store) -> None:
    create(store, RUN, delivery(2), "id2")
    updated, other = delivery(2, b"new"), delivery(2, b"another")
    journal = store.open()
    journal.start_run(LATER)
    for known, vendor_id in ((updated, "id2"), (other, "second")):  # as --update-changed and --send-changed leave it
        confirmed = Settlement(State.CONFIRMED, replace(NO_EVIDENCE, vendor_id=vendor_id))
        journal.commit_batch(LATER, WriteBatch(settlements=[(known, confirmed)]))

    journal.release_deleted(RUN, [2])

    assert journal.find_vendor_ids(RUN, updated.identity or b"") == {"second"}


def test_another_target_keeps_its_contacts(store: Store) -> None:
    create(store, RUN, delivery(2), "id2")
    elsewhere = replace(RUN, id="d", target="t2")
    create(store, elsewhere, delivery(2), "id2")
    journal = store.open()

    journal.release_deleted(RUN, [2])

    assert journal.find_vendor_ids(elsewhere, delivery(2).identity or b"") == {"id2"}


def test_rows_of_one_run_and_operation_are_released_and_no_others(store: Store) -> None:
    for row in (2, 3):
        create(store, RUN, delivery(row), f"id{row}")
    update = replace(RUN, operation="update", options={"repeatable": True})
    journal = store.open()
    changed = delivery(2, b"new")
    confirmed = Settlement(State.CONFIRMED, replace(NO_EVIDENCE, vendor_id="id2"))
    journal.commit_batch(update, WriteBatch(settlements=[(changed, confirmed)]))

    journal.release_rows(update, [2, 99])

    again = replace(RUN, id="c")
    assert [answer.claim for answer in journal.preview_claims(replace(update, id="c"), [changed])] == [Claim.GRANTED]
    claims = [answer.claim for answer in journal.preview_claims(again, [delivery(2), delivery(3)])]
    assert claims == [Claim.CONFIRMED, Claim.CONFIRMED]
    journal.release_rows(RUN, [3])
    assert list(journal.list_results("a", "update", Status.UPDATED)) == []
    (left,) = journal.list_results("a", "create", Status.CREATED)
    assert left["row"].to_list() == [2]
