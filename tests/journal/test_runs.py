"""The runs of a journal: one owner each, an id of their own, and results that come back as they were recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from importer.errors import JournalError
from importer.journal import Journal, RunRecord, Settlement, State, WriteBatch
from importer.model.delivery import Delivery, Evidence, FieldError, RowResult
from importer.model.result_table import to_results
from importer.model.status import Status
from tests.journal.conftest import Store

RUN = RunRecord("a", "f.csv", "0" * 64, "v", "create", "t", "c", "o", started=12.5, host="h", pid=7)
DELIVERY = Delivery(2, b"x" * 16, None, 0, "/contacts", b"{}")
EVIDENCE = Evidence("7", 201, 1, "code", "message", 3.5, (FieldError("email", "«no»"),), ("one", "two"))


def settle(journal: Journal, state: State, evidence: Evidence) -> None:
    journal.commit_batch(RUN, WriteBatch(settlements=[(DELIVERY, Settlement(state, evidence))]))


def results(journal: Journal) -> list[RowResult]:
    return [result for table in journal.list_results("a", "create", Status.CREATED) for result in to_results(table)]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.CONFIRMED, Status.CREATED),
        (State.REFUSED, Status.REJECTED),
        (State.UNCERTAIN, Status.UNCERTAIN),
    ],
)
def test_all_evidence_of_a_result_comes_back(store: Store, state: State, status: Status) -> None:
    journal = store.open()
    known = replace(EVIDENCE, lookup_message="the vendor has no contact like it")
    settle(journal, state, known)

    assert results(journal) == [RowResult(2, status, known)]


def test_what_could_not_be_sent_is_a_result_and_what_a_person_released_is_none(store: Store) -> None:
    journal = store.open()
    settle(journal, State.RELEASED, Evidence(code="not_sent"))
    assert [result.status for result in results(journal)] == [Status.FAILED]

    settle(journal, State.RELEASED, Evidence(code="absent"))
    assert results(journal) == []


def test_the_result_of_a_look_up_follows_the_message() -> None:
    assert Evidence(message="it failed").full_message == "it failed"
    assert Evidence(message="it failed", lookup_message="not there").full_message == "it failed; asked, not there"


def test_an_uncertain_delivery_keeps_its_key_and_what_the_vendor_answered_when_asked(store: Store) -> None:
    journal = store.open()
    known = Evidence(message="it failed", lookup_message="not there")
    settle(journal, State.UNCERTAIN, known)
    journal.record_first_lookup(RUN, DELIVERY, 9.0)

    (entry,) = journal.list_uncertain("a", "create")
    assert (entry.evidence, entry.first_lookup_at) == (known, 9.0)
    assert (entry.delivery.row, entry.delivery.fingerprint) == (2, journal.stored_digest(DELIVERY.fingerprint))


def test_an_id_of_another_run_is_refused_and_that_run_stays_as_it_is(store: Store) -> None:
    journal = store.open()
    journal.start_run(RUN)
    journal.end_run("a", "finished", 3, {"created": 3})
    before = journal.list_runs()

    with pytest.raises(JournalError, match="another run with the id a"):
        journal.start_run(replace(RUN, started=12.75, file_name="g.csv"))
    assert journal.list_runs() == before


def test_a_resumed_run_takes_its_own_record_again(store: Store) -> None:
    journal = store.open()
    journal.start_run(RUN)
    journal.end_run("a", "interrupted", 3, {"created": 1})

    journal.start_run(replace(RUN, host="other", pid=8, heartbeat=99.0))

    assert journal.list_runs() == [replace(RUN, host="other", pid=8, heartbeat=99.0)]


def test_a_run_has_one_owner_until_it_is_released(store: Store) -> None:
    first, second = store.open(), store.open()

    assert not second.is_owned("a")
    assert first.acquire_run("a")
    assert not first.acquire_run("a")
    assert not second.acquire_run("a")
    assert second.is_owned("a")
    first.release_run("a")
    assert not second.is_owned("a")
    assert second.acquire_run("a")
