"""What the vendor had of a row is kept for the run that looked it up, in either store."""

from __future__ import annotations

from importer.journal import Claim, RunRecord, WriteBatch
from importer.model.delivery import Delivery, LookedUp
from tests.journal.conftest import Store

RUN = RunRecord("a", "f.csv", "0" * 64, "v", "create", "t", "c", "o")
NONE = LookedUp(2, (), {}, 1.0)
ONE = LookedUp(3, ("7",), {"name": "Zoë\x00", "tags": ["x"], "billing.city": None}, 2.0)
TWO = LookedUp(4, ("7", "8"), {}, 3.0)


def test_look_ups_come_back_as_they_were_written_and_the_latest_counts(store: Store) -> None:
    journal = store.open()
    journal.start_run(RUN)
    again = LookedUp(2, ("9",), {"name": "Bo"}, 4.0)

    journal.commit_batch(RUN, WriteBatch(lookups=[NONE, ONE, TWO]))
    journal.commit_batch(RUN, WriteBatch(lookups=[NONE, again]))

    assert store.open().list_lookups("a") == {2: again, 3: ONE, 4: TWO}
    assert journal.list_lookups("another run") == {}


def test_a_look_up_is_written_with_the_intent_that_follows_from_it(store: Store) -> None:
    journal = store.open()
    journal.start_run(RUN)
    claimed = Delivery(2, b"f" * 16, b"i" * 16, 0, "/contacts", b"{}")

    (answer,) = journal.commit_batch(RUN, WriteBatch(claims=[claimed], lookups=[NONE]))

    assert (answer.claim, journal.list_lookups("a")) == (Claim.GRANTED, {2: NONE})


def test_what_the_vendor_showed_goes_with_its_texts(store: Store) -> None:
    journal = store.open()
    journal.commit_batch(RUN, WriteBatch(lookups=[ONE]))

    journal.erase_vendor_texts("a")

    assert journal.list_lookups("a") == {}
