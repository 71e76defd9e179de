"""Both stores give the same answers to any order of claims, settlements and deaths."""

from __future__ import annotations

import contextlib
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.journal import Answer, Claim, Journal, RunRecord, Settlement, State, WriteBatch, open_journal
from importer.journal_location import URL_ENVIRONMENT
from importer.model.delivery import Delivery, Evidence
from importer.model.result_table import to_results
from importer.model.status import Status

RUNS = 4
BODIES, CONTACTS, ROWS = 2, 1, 4


@dataclass(frozen=True)
class Step:
    """What one run does: it claims deliveries, settles one, or dies and is found dead."""

    run: int
    kind: str
    deliveries: tuple[Delivery, ...] = ()
    state: State = State.CONFIRMED
    vendor_id: str = ""


def digest(kind: int, number: int) -> bytes:
    return bytes([kind, number]) * 8


deliveries = st.builds(
    lambda body, contact, row, occurrence: Delivery(
        row, digest(1, body), None if contact is None else digest(2, contact), occurrence, "/contacts", b""
    ),
    st.integers(0, BODIES),
    st.none() | st.integers(0, CONTACTS),
    st.integers(2, ROWS),
    st.sampled_from([0, 0, 0, 1]),
)
claims = st.builds(
    lambda run, wanted: Step(run, "claim", tuple(wanted)),
    st.integers(0, RUNS - 1),
    st.lists(deliveries, min_size=1, max_size=4, unique_by=lambda entry: (entry.fingerprint, entry.occurrence)),
)
settlements = st.builds(
    lambda run, sent, state, vendor_id: Step(run, "settle", (sent,), state, vendor_id),
    st.integers(0, RUNS - 1),
    deliveries,
    st.sampled_from([State.CONFIRMED, State.REFUSED, State.UNCERTAIN, State.RELEASED]),
    st.sampled_from(["7", "8"]),
)
deaths = st.builds(lambda run: Step(run, "die"), st.integers(0, RUNS - 1))
options = st.fixed_dictionaries(
    {},
    optional={
        "repeatable": st.just(True),
        "send_changed": st.just(True),
        "idempotency_ttl": st.just(60.0),
        "origin": st.sampled_from(["o1", "o2"]),
        "origin_last": st.just(3),
    },
)


@pytest.fixture
def journals(postgres_journal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Journal]]:
    """The same journal twice: in PostgreSQL and in SQLite. Its users are four connections each."""
    with contextlib.ExitStack() as stack:
        postgres = [stack.enter_context(contextlib.closing(open_journal(tmp_path / "a"))) for _ in range(RUNS)]
        monkeypatch.setenv(URL_ENVIRONMENT, "")
        sqlite = [stack.enter_context(contextlib.closing(open_journal(tmp_path / "b"))) for _ in range(RUNS)]
        yield [*postgres, *sqlite]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 2), options), min_size=RUNS, max_size=RUNS),
    st.lists(claims | claims | settlements | settlements | deaths, min_size=2, max_size=14),
)
def test_both_stores_answer_alike(
    journals: list[Journal], runs: list[tuple[int, dict[str, Any]]], steps: list[Step]
) -> None:
    unique = uuid.uuid4().hex
    records = [
        RunRecord(f"{unique}-{number}", "f.csv", f"{unique}-{file}", "v", "create", unique, "c", "o", chosen, started=1)
        for number, (file, chosen) in enumerate(runs)
    ]
    results = [play(journals[store * RUNS : (store + 1) * RUNS], records, steps) for store in (0, 1)]

    assert results[0] == results[1]


def told(answer: Answer) -> tuple[Any, ...]:
    """An answer without its time: an intent of a dead run has that of the store's clock."""
    known = answer.evidence
    return answer.claim, answer.run, answer.row, known.vendor_id, known.attempts, known.code, known.full_message


def play(users: list[Journal], records: list[RunRecord], steps: list[Step]) -> list[Any]:
    """All that a store answers, and what it knows in the end."""
    answers: list[Any] = []
    unsettled: dict[tuple[bytes, int], list[int]] = defaultdict(list)  # the runs that were granted a delivery
    for user, record in zip(users, records, strict=True):
        user.start_run(record)
    for step in steps:
        user, record = users[step.run], records[step.run]
        match step.kind:
            case "claim":
                answers.append(list(map(told, user.preview_claims(record, step.deliveries))))
                given = user.commit_batch(record, WriteBatch(claims=step.deliveries))
                answers.append(list(map(told, given)))
                for entry, answer in zip(step.deliveries, given, strict=True):
                    if answer.claim is Claim.GRANTED:
                        unsettled[entry.fingerprint, entry.occurrence].append(step.run)
            case "settle":
                holders = unsettled[step.deliveries[0].fingerprint, step.deliveries[0].occurrence]
                if holders and holders != [step.run] * len(holders):
                    continue  # a late answer to what another run has claimed: test_postgres.py has the rule
                holders.clear()
                known = Evidence(step.vendor_id, 200, 1, "", "said", 5.0)
                user.commit_batch(record, WriteBatch([(step.deliveries[0], Settlement(step.state, known))]))
            case "die":
                answers.append(user.mark_intents_uncertain(record.id))
    for user, record in zip(users, records, strict=True):
        tables = user.list_results(record.id, "create", Status.CREATED)
        answers.append(
            sorted((row.row, row.status, row.evidence.vendor_id or "") for table in tables for row in to_results(table))
        )
        answers.append(user.count_attempts(record.id))
        answers.append(user.has_other_deliveries(record))
    answers.append([users[0].find_vendor_ids(records[0], digest(2, contact)) for contact in range(CONTACTS + 1)])
    return answers
