"""The journal on PostgreSQL among several machines: owners, lost connections, races, and servers that are not fit."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from importer.errors import JournalError, JournalUnavailableError, SettingsError
from importer.journal import (
    Claim,
    Journal,
    RunRecord,
    RunState,
    Settlement,
    State,
    WriteBatch,
    open_journal,
)
from importer.journal.postgres import session as session_module
from importer.journal.postgres.connection import connect, describe
from importer.journal.postgres.copying import copy_journal
from importer.journal.postgres.digests import Digests, read_key
from importer.journal.postgres.journal import PostgresJournal
from importer.journal.postgres.schema import initialize
from importer.journal.postgres.session import Session
from importer.journal.sqlite import FILE_NAME
from importer.journal_location import KEY_ENVIRONMENT, URL_ENVIRONMENT
from importer.model.delivery import Delivery, Evidence, LookedUp
from importer.model.result_table import to_results
from importer.model.status import Status
from tests.conftest import JOURNAL_KEY
from tests.journal.test_claims import begin, claim, delivery, settle
from tests.postgres_server import Server, find_programs, running_server

Open = Callable[[], PostgresJournal]


@pytest.fixture
def machine(postgres_journal: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the journal as one more machine, with a state folder of its own."""
    with contextlib.ExitStack() as stack:

        def opened() -> PostgresJournal:
            journal = open_journal(tmp_path / str(time.monotonic_ns()))
            assert isinstance(journal, PostgresJournal)
            return stack.enter_context(contextlib.closing(journal))

        yield opened


def cut_off(journal: PostgresJournal, url: str) -> None:
    """End the journal's session on the server, as a network does that is gone for a while."""
    pid = journal._session.connection.info.backend_pid
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
        while admin.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone():
            time.sleep(0.01)  # the backend ends by itself, and nothing waits for it


def status_of(journal: Journal, run: RunRecord) -> dict[int, Status]:
    tables = journal.list_results(run.id, "create", Status.CREATED)
    return {result.row: result.status for table in tables for result in to_results(table)}


def in_threads(*work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=entry) for entry in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_files_never_both_send_one_contact_with_two_bodies(machine: Open) -> None:
    journals = [machine(), machine()]
    runs = [begin(journal, name, file=name) for journal, name in zip(journals, "ab", strict=True)]
    barrier = threading.Barrier(2)
    answers: dict[str, list[Claim]] = {}

    def send(journal: Journal, run: RunRecord) -> None:
        answers[run.id] = []
        for contact in range(60):
            barrier.wait()
            answers[run.id].append(claim(journal, run, delivery(f"{run.id}{contact}", who=str(contact))).claim)

    in_threads(*(lambda j=journal, r=run: send(j, r) for journal, run in zip(journals, runs, strict=True)))

    pairs = list(zip(answers["a"], answers["b"], strict=True))
    assert {frozenset(pair) for pair in pairs} == {frozenset([Claim.GRANTED, Claim.UNCERTAIN])}


def test_claims_in_opposite_orders_end_without_a_deadlock_and_grant_each_row_once(machine: Open) -> None:
    journals = [machine(), machine()]
    runs = [begin(journal, name, file=name) for journal, name in zip(journals, "ab", strict=True)]
    wanted = [delivery(f"{number}", who=f"c{number}", row=number + 2) for number in range(300)]
    granted: list[int] = []

    def send(journal: Journal, run: RunRecord, order: int) -> None:
        rows = wanted[::order]
        for start in range(0, 300, 30):
            part = rows[start : start + 30]
            answers = journal.commit_batch(run, WriteBatch(claims=part))
            granted.extend(row.row for row, answer in zip(part, answers, strict=True) if answer.claim is Claim.GRANTED)

    in_threads(lambda: send(journals[0], runs[0], 1), lambda: send(journals[1], runs[1], -1))

    assert sorted(granted) == [row.row for row in wanted]


def test_a_claim_looks_at_a_few_rows_however_many_there_are(machine: Open, postgres_journal: str) -> None:
    """A plan is made while the table is empty; kept, it once read all rows of the account for each claim."""
    journal, rows = machine(), 3_200
    run = begin(journal, "a")
    sent: list[Delivery] = []
    for start in range(0, rows, 32):
        wanted = [delivery(str(row), who=f"c{row}", row=row) for row in range(start, start + 32)]
        done = [(entry, Settlement(State.CONFIRMED, Evidence("7"))) for entry in sent]
        journal.commit_batch(run, WriteBatch(settlements=done, claims=wanted))
        sent = wanted
    journal._session.execute("SELECT pg_stat_force_next_flush()")

    with psycopg.connect(postgres_journal, autocommit=True) as admin:
        read = admin.execute(
            "SELECT sum(idx_tup_read) + sum(seq_tup_read) FROM pg_stat_user_tables AS t "
            "JOIN pg_stat_user_indexes AS i USING (relid) WHERE t.relname = 'deliveries'"
        ).fetchall()
    assert 0 < read[0][0] < 10 * rows


def test_an_owner_that_is_cut_off_takes_its_run_again_and_goes_on(machine: Open, postgres_journal: str) -> None:
    owner, other = machine(), machine()
    run = begin(owner, "a")
    assert owner.acquire_run("a")
    cut_off(owner, postgres_journal)
    assert not other.is_owned("a")

    assert claim(owner, run, delivery("x")).claim is Claim.GRANTED
    assert not other.acquire_run("a")


def test_an_owner_that_is_cut_off_stops_once_another_machine_has_its_run(
    machine: Open, postgres_journal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "RECONNECT_SECONDS", 0.5)
    owner, other = machine(), machine()
    run = begin(owner, "a")
    assert owner.acquire_run("a")
    cut_off(owner, postgres_journal)
    assert other.acquire_run("a")

    with pytest.raises(JournalError, match="another process has resumed run a"):
        claim(owner, run, delivery("x"))
    assert claim(other, run, delivery("x")).claim is Claim.GRANTED


def test_a_late_answer_of_an_owner_taken_for_dead_counts_unless_its_row_was_claimed_since(machine: Open) -> None:
    owner, other = machine(), machine()
    run = begin(owner, "a")
    late, taken = delivery("x", row=2), delivery("y", row=3)
    owner.commit_batch(run, WriteBatch(claims=[late, taken]))
    assert other.mark_intents_uncertain("a") == 2
    second = begin(other, "b", repeatable=True)
    assert claim(other, second, taken).claim is Claim.GRANTED

    settle(owner, run, late, State.CONFIRMED, "7")
    settle(owner, run, taken, State.REFUSED)

    assert status_of(other, run) == {2: Status.CREATED}
    assert claim(owner, run, taken).claim is Claim.BUSY


def test_what_may_still_arrive_is_not_taken_for_absent(machine: Open) -> None:
    owner, other = machine(), machine()
    claim(owner, begin(owner, "a"), delivery("x"))
    other.mark_intents_uncertain("a")

    (entry,) = other.list_uncertain("a", "create")
    assert entry.settled_at > time.time() + session_module.RECONNECT_SECONDS / 2


@pytest.mark.parametrize("is_committed", [True, False])
def test_after_a_connection_lost_while_committing_each_row_is_granted_once(
    machine: Open, monkeypatch: pytest.MonkeyPatch, *, is_committed: bool
) -> None:
    owner, other = machine(), machine()
    run = begin(owner, "a")
    assert owner.acquire_run("a")
    execute, losses = Session.execute, iter([True])

    def lose_once(self: Session, statement: str, values: Any = ()) -> Any:
        if "write_batch" not in statement or not next(losses, False):
            return execute(self, statement, values)
        if is_committed:
            execute(self, statement, values)
        self.connection.close()
        raise psycopg.OperationalError("the connection is lost")

    monkeypatch.setattr(Session, "execute", lose_once)
    wanted = [delivery(str(row), row=row) for row in range(2, 6)]

    answers = owner.commit_batch(run, WriteBatch(claims=wanted))

    assert [answer.claim for answer in answers] == [Claim.GRANTED] * 4
    assert {claim(other, begin(other, "b"), row).claim for row in wanted} == {Claim.BUSY}
    settle(owner, run, wanted[0], State.CONFIRMED, "7")
    assert status_of(other, run) == {2: Status.CREATED}


def test_a_killed_server_that_comes_back_knows_every_intent_and_the_owner_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_server: Server
) -> None:
    with new_server() as server:
        monkeypatch.setenv(URL_ENVIRONMENT, server.url())
        monkeypatch.setenv(KEY_ENVIRONMENT, JOURNAL_KEY)
        with contextlib.closing(open_journal(tmp_path)) as owner:
            run = begin(owner, "a")
            assert owner.acquire_run("a")
            assert claim(owner, run, delivery("x")).claim is Claim.GRANTED
            server.kill()
            back = threading.Timer(0.5, server.start)
            back.start()

            assert claim(owner, run, delivery("y")).claim is Claim.GRANTED
            back.join()
            assert owner.is_owned("a")
            assert claim(owner, begin(owner, "b"), delivery("x")).claim is Claim.BUSY


@contextlib.contextmanager
def new_server(**settings: str) -> Iterator[Server]:
    """A server with the tables of a journal in its database "postgres"."""
    programs = find_programs()
    assert programs is not None  # every test here has used the other one
    with running_server(programs) as server:
        with connect(server.url()) as connection:
            initialize(connection, Digests(read_key(JOURNAL_KEY)))
        if settings:
            server.stop()
            server.settings |= settings
            server.start()
        yield server


def test_a_server_that_may_forget_and_a_standby_are_refused(postgres_server: Server) -> None:
    with new_server(fsync="off") as server:
        with pytest.raises(JournalUnavailableError, match="fsync = off"):
            connect(server.url())
        server.stop()
        (server.folder / "data" / "standby.signal").touch()
        server.settings["fsync"] = "on"
        server.start()
        with pytest.raises(JournalUnavailableError, match="is a standby"):
            connect(server.url())


@pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="PgBouncer is not installed (apt-get install pgbouncer)")
@pytest.mark.parametrize(("mode", "is_refused"), [("transaction", True), ("session", False)])
def test_a_pooler_that_lends_sessions_is_refused(
    postgres_server: Server, postgres_journal: str, tmp_path: Path, mode: str, *, is_refused: bool
) -> None:
    with pooled(postgres_server, tmp_path, mode) as port:
        url = postgres_journal.replace(f":{postgres_server.port}/", f":{port}/")
        if is_refused:
            with pytest.raises(JournalUnavailableError, match="session pooling"):
                connect(url)
        else:
            connect(url).close()


@contextlib.contextmanager
def pooled(server: Server, folder: Path, mode: str) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.chmod(0o755)
    file = folder / "pgbouncer.ini"
    file.write_text(
        f"[databases]\n* = host=127.0.0.1 port={server.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nauth_type = any\npool_mode = {mode}\nunix_socket_dir =\n"
        "ignore_startup_parameters = extra_float_digits\n[users]\n".replace(
            "auth_type = any", "auth_type = trust\nauth_file = " + str(folder / "users")
        )
    )
    (folder / "users").write_text('"postgres" ""\n')
    shutil.copytree(folder, shared := Path(server.folder) / f"pooler-{port}")
    text = file.read_text().replace(str(folder), str(shared))
    (shared / "pgbouncer.ini").write_text(text)
    command = ["runuser", "-u", "postgres", "--", "pgbouncer", "-q", str(shared / "pgbouncer.ini")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as pooler:
        try:
            while True:
                assert pooler.poll() is None
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
            yield port
        finally:
            pooler.terminate()


def test_a_database_without_tables_says_what_to_run(
    postgres_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_ENVIRONMENT, postgres_server.url())
    monkeypatch.setenv(KEY_ENVIRONMENT, JOURNAL_KEY)

    with pytest.raises(JournalUnavailableError, match="journal init"):
        open_journal(tmp_path)


@pytest.mark.parametrize(
    ("key", "words"),
    [("", "needs its key"), ("08" * 32, "is not that of this journal"), ("secret-key", "is not one")],
)
def test_without_its_key_a_journal_is_refused_and_no_message_shows_one(
    postgres_journal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, words: str
) -> None:
    monkeypatch.setenv(KEY_ENVIRONMENT, key)

    with pytest.raises(JournalUnavailableError, match=words) as raised:
        open_journal(tmp_path)
    assert not key or key not in str(raised.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("version = 0", "journal migrate"),
        ("version = 99, oldest_program = 99", "Update the program"),
        ("version = 99", ""),
    ],
)
def test_tables_of_another_version_are_refused_unless_they_are_only_more(
    postgres_journal: str, tmp_path: Path, change: str, words: str
) -> None:
    with psycopg.connect(postgres_journal, autocommit=True) as admin:
        admin.execute(f"UPDATE contact_importer.meta SET {change}".encode())

    if words:
        with pytest.raises(JournalUnavailableError, match=words):
            open_journal(tmp_path)
    else:
        open_journal(tmp_path).close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://importer:s3cret-w0rd@127.0.0.1:9/imports",
        "postgresql://importer:s3cret-w0rd@s3cret-w0rd@127.0.0.1:9/imports",
        "postgresql://importer:s3cret-w0rd",
        "postgresql://importer:127.0.0.1:s3cret-w0rd/imports",
        "host=127.0.0.1 port=9 password=s3cret-w0rd oops=s3cret-w0rd",
        "password='s3cret-w0rd",
    ],
)
def test_no_message_shows_a_password(url: str) -> None:
    with pytest.raises(JournalUnavailableError) as raised:
        connect(url)

    assert "s3cret" not in str(raised.value)
    assert "s3cret" not in describe(url)


def test_a_database_that_was_made_anew_is_refused_where_the_old_one_was_used(
    postgres_journal: str, tmp_path: Path
) -> None:
    open_journal(tmp_path).close()
    open_journal(tmp_path).close()
    with psycopg.connect(postgres_journal, autocommit=True) as admin:
        admin.execute("DROP SCHEMA contact_importer CASCADE")
    with connect(postgres_journal) as connection:
        initialize(connection, Digests(read_key(JOURNAL_KEY)))

    with pytest.raises(JournalUnavailableError, match="made anew"):
        open_journal(tmp_path)


def test_the_grants_of_the_documentation_are_enough(
    postgres_journal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = f"importer_{time.monotonic_ns()}"
    grants = re.search(r"```sql\n(.*?)```", Path("docs/postgresql.md").read_text(encoding="utf-8"), re.DOTALL)
    assert grants is not None
    with psycopg.connect(postgres_journal, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN".encode())
    monkeypatch.setenv(URL_ENVIRONMENT, postgres_journal.replace("postgres@", f"{role}@"))
    with pytest.raises(JournalUnavailableError, match="GRANTs"):
        open_journal(tmp_path)

    with psycopg.connect(postgres_journal, autocommit=True) as admin:
        admin.execute(re.sub(r"TO importer\b", f"TO {role}", grants[1]).encode())
    with contextlib.closing(open_journal(tmp_path)) as journal:
        run = begin(journal, "a")
        assert journal.acquire_run("a")
        assert claim(journal, run, delivery("x")).claim is Claim.GRANTED
    with psycopg.connect(postgres_journal, autocommit=True) as admin:
        admin.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())


def test_the_database_has_no_digest_that_a_phone_number_could_be_found_from(
    machine: Open, postgres_journal: str
) -> None:
    journal = machine()
    sent = delivery("x", who="+15550100001")
    claim(journal, begin(journal, "a"), sent)

    with psycopg.connect(postgres_journal) as admin:
        found = admin.execute("SELECT fingerprint, identity FROM contact_importer.deliveries").fetchall()
    assert found == [(journal.stored_digest(sent.fingerprint), journal.stored_digest(sent.identity or b""))]
    assert not {sent.fingerprint, sent.identity} & set(found[0])


def test_texts_that_postgresql_cannot_hold_are_replaced(machine: Open) -> None:
    journal = machine()
    run = begin(journal, "a")
    known = Evidence("7\0", 422, 1, "code", "a\0b\ud800c", 3.5, notices=("x\0",))
    journal.commit_batch(run, WriteBatch([(delivery("x"), Settlement(State.REFUSED, known))]))

    (table,) = journal.list_results("a", "create", Status.CREATED)
    assert (table["id"][0], table["message"][0]) == ("7\N{REPLACEMENT CHARACTER}", "a\N{REPLACEMENT CHARACTER}b?c")


def test_a_copied_journal_gives_the_same_answers_and_the_old_one_is_not_written_again(
    postgres_journal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_ENVIRONMENT, "")
    sent = [delivery(str(row), who=f"c{row}", row=row) for row in range(2, 6)]
    states = [State.CONFIRMED, State.REFUSED, State.UNCERTAIN, State.RELEASED]
    with contextlib.closing(open_journal(tmp_path)) as old:
        run = begin(old, "a")
        for entry, state in zip(sent, states, strict=True):
            claim(old, run, entry)
            settle(old, run, entry, state, "7")
        old.commit_batch(run, WriteBatch(lookups=[LookedUp(2, ("7",), {"name": "Ana"}, 1.0)]))
        old.end_run("a", RunState.FINISHED, 4, {"created": 1})
        runs, looked_up = old.list_runs(), old.list_lookups("a")
        changed = begin(old, "b", file="g")
        old.end_run("b", RunState.FINISHED, 0, {})
        wanted = [*sent, delivery("other", who="c2", row=9), delivery("new", row=10)]
        expected = [(answer.claim, answer.run, answer.row) for answer in old.preview_claims(changed, wanted)]
    monkeypatch.setenv(URL_ENVIRONMENT, postgres_journal)
    with pytest.raises(JournalUnavailableError, match="journal copy"):
        open_journal(tmp_path)

    with connect(postgres_journal) as connection:
        digests = Digests(read_key(JOURNAL_KEY))
        assert copy_journal(tmp_path / FILE_NAME, connection, digests, postgres_journal) == (2, 4)
        assert copy_journal(tmp_path / FILE_NAME, connection, digests, postgres_journal) == (0, 0)

    with contextlib.closing(open_journal(tmp_path)) as journal:
        answers = journal.preview_claims(changed, wanted)
        assert [(answer.claim, answer.run, answer.row) for answer in answers] == expected
        assert [known for known in journal.list_runs() if known.id == "a"] == runs
        assert journal.list_lookups("a") == looked_up != {}
    monkeypatch.setenv(URL_ENVIRONMENT, "")
    with pytest.raises(JournalUnavailableError, match="was copied to"):
        open_journal(tmp_path)


def test_a_journal_with_a_live_run_is_not_copied(
    postgres_journal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(URL_ENVIRONMENT, "")
    with contextlib.closing(open_journal(tmp_path)) as old, connect(postgres_journal) as connection:
        old.start_run(RunRecord("a", "f.csv", "0", "v", "create", "t", "c", "o", host=socket.gethostname()))
        assert old.acquire_run("a")
        with pytest.raises(SettingsError, match="run a is running"):
            copy_journal(tmp_path / FILE_NAME, connection, Digests(read_key(JOURNAL_KEY)), postgres_journal)
        old.release_run("a")


def test_a_delivery_settled_twice_in_one_batch_ends_as_the_last_says(machine: Open) -> None:
    journal = machine()
    run = begin(journal, "a")
    entry = Delivery(2, b"x" * 16, None, 0, "/contacts", b"")
    states = [State.REFUSED, State.CONFIRMED]
    journal.commit_batch(run, WriteBatch([(entry, Settlement(state, Evidence("7"))) for state in states]))

    assert status_of(journal, run) == {2: Status.CREATED}
