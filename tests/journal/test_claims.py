"""Claims: what may be sent, decided on disk and across processes."""

from __future__ import annotations

import contextlib
import hashlib
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from importer.journal import Answer, Claim, Journal, RunRecord, Settlement, State, WriteBatch
from importer.journal.postgres.journal import PostgresJournal
from importer.journal.sqlite import SqliteJournal
from importer.model.delivery import Delivery, Evidence
from tests.journal.conftest import Store


def digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def delivery(body: str, who: str | None = None, row: int = 2, occurrence: int = 0) -> Delivery:
    return Delivery(row, digest(body), digest(who) if who else None, occurrence, "/contacts", body.encode())


def begin(journal: Journal, name: str, file: str = "f", **options: bool) -> RunRecord:
    run = RunRecord(name, "f.csv", digest(file).hex(), "v", "create", "t", "c", "o", options=dict(options))
    journal.start_run(run)
    return run


def claim(journal: Journal, run: RunRecord, wanted: Delivery) -> Answer:
    (answer,) = journal.commit_batch(run, WriteBatch(claims=[wanted]))
    return answer


@contextlib.contextmanager
def undone(journal: Journal) -> Iterator[None]:
    """A transaction whose changes are undone."""
    if isinstance(journal, SqliteJournal):
        journal.begin_transaction(wait=True)
        yield
        journal._roll_back()
    else:
        assert isinstance(journal, PostgresJournal)
        with journal._session.connection.transaction(force_rollback=True):
            yield


def claim_alone(journal: Journal, run: RunRecord, wanted: Delivery) -> Answer:
    """Claim within a transaction that is open already."""
    write = journal.write_batch if isinstance(journal, SqliteJournal) else journal.commit_batch
    (answer,) = write(run, WriteBatch(claims=[wanted]))
    return answer


def settle(journal: Journal, run: RunRecord, sent: Delivery, state: State, vendor_id: str | None = None) -> None:
    known = Evidence(vendor_id, 201, attempts=1, sent_at=1.0)
    journal.commit_batch(run, WriteBatch(settlements=[(sent, Settlement(state, known))]))


def test_a_granted_claim_is_known_to_everyone(store: Store) -> None:
    journal = store.open()

    assert claim(journal, begin(journal, "a"), delivery("x")).claim is Claim.GRANTED

    other = store.open()
    assert claim(other, begin(other, "b"), delivery("x")) == Answer(Claim.BUSY, "a", 2)


@pytest.mark.parametrize(
    ("state", "same_run", "claimed"),
    [
        (State.CONFIRMED, True, Claim.CONFIRMED),
        (State.CONFIRMED, False, Claim.CONFIRMED),
        (State.UNCERTAIN, True, Claim.UNCERTAIN),
        (State.UNCERTAIN, False, Claim.UNCERTAIN),
        (State.REFUSED, True, Claim.REFUSED),
        (State.REFUSED, False, Claim.GRANTED),
        (State.RELEASED, True, Claim.GRANTED),
        (State.RELEASED, False, Claim.GRANTED),
    ],
)
def test_what_is_known_decides_what_may_be_sent(store: Store, state: State, claimed: Claim, *, same_run: bool) -> None:
    journal = store.open()
    first = begin(journal, "a")
    claim(journal, first, delivery("x"))
    settle(journal, first, delivery("x"), state, "7")

    answer = claim(journal, first if same_run else begin(journal, "b"), delivery("x"))

    assert answer.claim is claimed


def test_a_delivery_that_another_run_is_sending_is_busy(store: Store) -> None:
    journal = store.open()
    claim(journal, begin(journal, "a"), delivery("x"))

    assert claim(journal, begin(journal, "b"), delivery("x")).claim is Claim.BUSY


def test_an_intent_of_a_dead_run_becomes_uncertain(store: Store) -> None:
    journal = store.open()
    claim(journal, begin(journal, "a"), delivery("x"))

    assert journal.mark_intents_uncertain("a") == 1
    assert claim(journal, begin(journal, "b"), delivery("x")).claim is Claim.UNCERTAIN


def test_two_targets_and_two_occurrences_are_two_deliveries(store: Store) -> None:
    journal = store.open()
    run = begin(journal, "a")
    claim(journal, run, delivery("x"))

    assert claim(journal, run, delivery("x", occurrence=1)).claim is Claim.GRANTED
    assert claim(journal, replace(run, target="elsewhere"), delivery("x")).claim is Claim.GRANTED


def test_a_contact_confirmed_with_other_values_is_changed_unless_sent_all_the_same(store: Store) -> None:
    journal = store.open()
    first = begin(journal, "a")
    claim(journal, first, delivery("x", who="ana"))
    settle(journal, first, delivery("x", who="ana"), State.CONFIRMED, "7")

    held = claim(journal, begin(journal, "b", file="g"), delivery("y", who="ana"))
    sent = claim(journal, begin(journal, "c", file="h", send_changed=True), delivery("y", who="ana"))

    assert (held.claim, held.evidence.vendor_id, sent.claim) == (Claim.CHANGED, "7", Claim.GRANTED)


def test_rows_of_one_file_that_share_a_contact_are_not_changed(store: Store) -> None:
    journal = store.open()
    first = begin(journal, "a")
    claim(journal, first, delivery("x", who="ana"))
    settle(journal, first, delivery("x", who="ana"), State.CONFIRMED, "7")

    assert claim(journal, first, delivery("y", who="ana")).claim is Claim.GRANTED
    assert claim(journal, begin(journal, "b"), delivery("z", who="ana")).claim is Claim.GRANTED


def test_an_uncertain_contact_with_other_values_is_held_back_even_when_changes_are_sent(store: Store) -> None:
    journal = store.open()
    first = begin(journal, "a")
    claim(journal, first, delivery("x", who="ana"))
    settle(journal, first, delivery("x", who="ana"), State.UNCERTAIN)

    answer = claim(journal, begin(journal, "b", file="g", send_changed=True), delivery("y", who="ana"))

    assert answer.claim is Claim.UNCERTAIN


def test_a_repeatable_delivery_is_sent_again_once_something_else_was_set(store: Store) -> None:
    journal = store.open()
    first = begin(journal, "a", repeatable=True)
    for body in ("tag=1", "tag=2"):
        claim(journal, first, delivery(body, who="id 5"))
        settle(journal, first, delivery(body, who="id 5"), State.CONFIRMED, "5")
    second = begin(journal, "b", repeatable=True)

    assert claim(journal, second, delivery("tag=2", who="id 5")).claim is Claim.CONFIRMED
    assert claim(journal, second, delivery("tag=1", who="id 5")).claim is Claim.GRANTED


def test_claims_are_atomic_across_connections(store: Store) -> None:
    wanted = [delivery(str(number), row=number) for number in range(200)]
    granted: dict[str, set[int]] = {}
    store.open().close()

    def race(name: str) -> None:
        journal = store.open()
        run = begin(journal, name)
        granted[name] = {entry.row for entry in wanted if claim(journal, run, entry).claim is Claim.GRANTED}
        journal.close()

    threads = [threading.Thread(target=race, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(len(rows) for rows in granted.values()) == 200
    assert set.union(*granted.values()) == set(range(200))


def test_a_killed_owners_run_is_free(store: Store) -> None:
    code = (
        "import sys, time; from pathlib import Path; from importer.journal import open_journal; "
        "journal = open_journal(Path(sys.argv[1])); print(journal.acquire_run('r'), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(store.folder)], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "True\n"
        while_alive = store.open().is_owned("r")
        owner.send_signal(signal.SIGKILL)

    assert while_alive
    assert not store.open().is_owned("r")


def test_an_intent_that_its_own_run_left_unsettled_is_in_doubt_and_not_free(store: Store) -> None:
    journal = store.open()
    run = begin(journal, "a")
    claim(journal, run, delivery("x"))

    assert claim(journal, run, delivery("x")).claim is Claim.UNCERTAIN


@pytest.mark.parametrize(
    ("second_run", "second_id", "claimed"),
    [("a", "7", Claim.CONFIRMED), ("b", "8", Claim.CONFIRMED), ("b", "7", Claim.CHANGED)],
)
def test_a_confirmed_delivery_is_done_unless_another_file_gave_its_contact_other_values_since(
    store: Store, second_run: str, second_id: str, claimed: Claim
) -> None:
    journal = store.open()
    runs = {name: begin(journal, name, file=name, send_changed=True) for name in ("a", "b")}
    first, second = delivery("x", who="ana"), delivery("y", who="ana", row=3)
    for run, sent, vendor_id in ((runs["a"], first, "7"), (runs[second_run], second, second_id)):
        assert claim(journal, run, sent).claim is Claim.GRANTED
        settle(journal, run, sent, State.CONFIRMED, vendor_id)

    assert claim(journal, begin(journal, "c", file="c"), first).claim is claimed
    assert claim(journal, begin(journal, "d", file="a"), first).claim is claimed


@pytest.mark.parametrize("repeatable", [False, True])
def test_a_preview_gives_the_answers_that_claims_would_get(store: Store, *, repeatable: bool) -> None:
    dice = random.Random(5)
    journal = store.open()
    runs = [begin(journal, name, name[0], repeatable=repeatable) for name in ("a1", "a2", "b1")]
    bodies = [delivery(f"{body}", dice.choice([None, "p", "q", "r"]), row=body) for body in range(2, 32)]
    for _ in range(60):
        run, sent = dice.choice(runs), dice.choice(bodies)
        claim(journal, run, sent)
        settle(journal, run, sent, dice.choice([state for state in State if state is not State.INTENDED]), "7")

    for run in runs:
        preview = journal.preview_claims(run, bodies)
        for wanted, expected in zip(bodies, preview, strict=True):
            with undone(journal):
                answer = claim_alone(journal, run, wanted)
            assert (answer.claim, answer.evidence) == (expected.claim, expected.evidence)
