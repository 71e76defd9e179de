"""A run tells the truth about every answer, and no answer ends it for the other rows. On raw sockets."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.errors import ExitCode
from importer.model.delivery import Verdict
from importer.model.status import Status
from importer.model.summary import Summary
from importer.pipeline import resume_run, run_import
from importer.reporting.advice import next_steps
from importer.sending.http_client import Exchange
from importer.sending.outcome import judge
from importer.settings import Settings
from schemas.registry import load_vendor

SECRET = "iclosed-secret"
HTML = b"<html><head><title>404 Not Found</title></head><body><h1>404</h1></body></html>"
Replies = tuple[Callable[[object], bytes], Callable[..., bytes]]


def send(folder: Path, url: str, rows: int = 6, **more: Any) -> tuple[Summary, list[dict[str, str]]]:
    """Import so many rows, one at a time; return the summary and result.csv."""
    file = folder / "people.csv"
    file.write_text("email\n" + "".join(f"p{number}@example.com\n" for number in range(rows)))
    options = Settings(
        "iclosed", base_url=url, api_key=SECRET, output=folder / "out", concurrency=1, rate=500.0, timeout=2.0
    )
    summary = run_import(file, replace(options, **more))
    with (folder / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as report:
        return summary, list(csv.DictReader(report))


def statuses(rows: list[dict[str, str]]) -> list[str]:
    return [row["import_status"] for row in rows]


@pytest.mark.parametrize("status", [101, 301, 302, 303, 307, 308])
def test_a_redirect_leaves_the_row_uncertain_and_stops_the_run(
    tmp_path: Path, raw_vendor: Any, answers: Replies, status: int
) -> None:
    created, answer = answers
    elsewhere = raw_vendor(lambda *_: created(1))
    location = f"Location: {elsewhere.url}/login?to=p2%40example.com"
    vendor = raw_vendor(
        lambda _, body: answer(status, b"", location) if body["email"][:2] == "p2" else created(body["email"])
    )

    summary, rows = send(tmp_path, vendor.url)

    assert statuses(rows) == ["created", "created", "uncertain", *["not_attempted"] * 3]
    assert summary.exit_code == ExitCode.UNCERTAIN
    assert elsewhere.heads == []
    assert "p2%40" not in summary.stopped
    resumed = resume_run(summary.run, Settings("iclosed", api_key=SECRET))
    assert resumed.counts[Status.UNCERTAIN] == 1
    assert [body["email"][:2] for body in vendor.bodies].count("p2") == 1


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_pages_for_every_request_blame_the_address_and_no_row(
    tmp_path: Path, raw_vendor: Any, answers: Replies, status: int
) -> None:
    vendor = raw_vendor(lambda *_: answers[1](status, HTML, "Content-Type: text/html"))

    summary, rows = send(tmp_path, vendor.url)

    assert set(statuses(rows)) == {"not_attempted"}
    assert summary.exit_code == ExitCode.STOPPED
    assert "no API answered" in summary.stopped
    assert vendor.url in summary.stopped
    assert "--base-url" in rows[0]["import_message"]
    assert len(vendor.heads) == 3
    assert [step for step in next_steps(summary) if "resume" in step.lower()] == [
        "Next: run the file again with the right --base-url. A resume would go to the same address."
    ]


def test_a_file_of_one_row_is_not_blamed_either(tmp_path: Path, raw_vendor: Any, answers: Replies) -> None:
    vendor = raw_vendor(lambda *_: answers[1](404, b"default backend - 404", "Content-Type: text/plain"))

    summary, rows = send(tmp_path, vendor.url, rows=1)

    assert statuses(rows) == ["not_attempted"]
    assert "no API answered" in summary.stopped


def test_one_page_among_good_answers_rejects_its_row(tmp_path: Path, raw_vendor: Any, answers: Replies) -> None:
    created, answer = answers
    page = answer(403, b"<html><title>Attention Required!</title>", "Content-Type: text/html")
    vendor = raw_vendor(lambda _, body: page if body["email"][:2] in ("p0", "p3") else created(body["email"]))

    summary, rows = send(tmp_path, vendor.url)

    assert statuses(rows) == ["rejected", "created", "created", "rejected", "created", "created"]
    assert "Attention Required!" in rows[3]["import_message"]
    assert "firewall" in rows[3]["import_message"]
    assert summary.exit_code == ExitCode.NEEDS_REVIEW


def test_three_pages_in_a_row_stop_and_their_rows_are_sent_later(
    tmp_path: Path, raw_vendor: Any, answers: Replies
) -> None:
    created, answer = answers
    page, blocked = answer(403, HTML, "Content-Type: text/html"), {"p1", "p2", "p3"}
    vendor = raw_vendor(lambda _, body: page if body["email"][:2] in blocked else created(body["email"]))

    summary, rows = send(tmp_path, vendor.url)
    blocked.clear()
    resumed = resume_run(summary.run, Settings("iclosed", api_key=SECRET))

    assert statuses(rows) == ["created", *["not_attempted"] * 5]
    assert "3 answers in a row" in summary.stopped
    assert resumed.counts[Status.CREATED] == 6


@pytest.mark.parametrize("status", [200, 502])
def test_a_page_of_another_status_proves_nothing(
    tmp_path: Path, raw_vendor: Any, answers: Replies, status: int
) -> None:
    vendor = raw_vendor(
        lambda *_: answers[1](status, b"<!doctype html><title>Sign in</title>", "Content-Type: text/html")
    )

    summary, rows = send(tmp_path, vendor.url)

    assert statuses(rows) == [*["uncertain"] * 3, *["not_attempted"] * 3]
    assert "no API answered" in summary.stopped
    assert "Sign in" in rows[0]["import_message"]


@pytest.mark.parametrize("wait", [1_000_000, 10_000_000, 1_000_000_000])
def test_a_wait_beyond_patience_stops_the_run(tmp_path: Path, raw_vendor: Any, answers: Replies, wait: int) -> None:
    vendor = raw_vendor(lambda *_: answers[1](429, b"{}", f"Retry-After: {wait}"))

    summary, rows = send(tmp_path, vendor.url, patience=7200.0)

    assert set(statuses(rows)) == {"not_attempted"}
    assert f"{wait:,}" in summary.stopped
    assert len(vendor.heads) == 1


def test_a_row_that_times_out_at_the_vendor_for_ever_does_not_hold_the_run_up(
    tmp_path: Path, raw_vendor: Any, answers: Replies
) -> None:
    created, answer = answers
    vendor = raw_vendor(
        lambda _, body: answer(408, b"{}", "Retry-After: 0") if body["email"][:2] == "p1" else created(body["email"])
    )

    _, rows = send(tmp_path, vendor.url, rows=30, patience=1.0, concurrency=2, rate=20.0)

    assert statuses(rows)[1] == "failed"


def with_body(body: bytes, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in (*headers, f"Content-Length: {len(body)}", "Connection: close"))
    return b"HTTP/1.1 201 X\r\nContent-Type: application/json\r\n" + lines.encode() + b"\r\n" + body


ODD = {
    "a lone surrogate for an id": with_body(b'{"data":{"contact":{"id":"\\ud800"}}}'),
    "thousands of levels": with_body(b"[" * 100_000),
    "nine hundred levels": with_body(b'{"data":' * 900 + b"1" + b"}" * 900),
    "a bomb": with_body(gzip.compress(gzip.compress(bytes(50_000_000))), "Content-Encoding: gzip, gzip"),
    "no gzip": with_body(b"plain", "Content-Encoding: gzip"),
    "another packing": with_body(b"plain", "Content-Encoding: br"),
    "headers of five megabytes": b"HTTP/1.1 201 X\r\nX-A: " + b"a" * 5_000_000 + b"\r\n\r\n{}",
    "a number of ten thousand digits": with_body(b'{"data":{"contact":{"id":' + b"9" * 10_000 + b"}}}"),
    "no number": with_body(b'{"data":{"contact":{"id":NaN}}}'),
    "infinity": with_body(b'{"data":{"contact":{"id":-Infinity}}}'),
    "no UTF-8": with_body(b'{"data":{"contact":{"id":\xff\xfe}}}'),
    "no JSON": with_body(b'{"data":{"contact":{"id":1}}'),
    "fewer bytes than promised": b'HTTP/1.1 201 X\r\nContent-Length: 99\r\n\r\n{"data":{"contact":{"id":1}}}',
    "a broken chunk": b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "no HTTP": b"\x16\x03\x01 what is this\r\n\r\n",
    "nothing": b"",
    "a reason that is no text": b"HTTP/1.1 500 \xff\xfe\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    "a date far away": b"HTTP/1.1 503 X\r\nRetry-After: Fri, 15 Jan 99999999999 08:00:30 GMT\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_answer_leaves_its_own_row_uncertain_and_the_others_go_on(
    tmp_path: Path, raw_vendor: Any, answers: Replies, kind: str
) -> None:
    vendor = raw_vendor(lambda _, body: ODD[kind] if body["email"][:2] == "p1" else answers[0](body["email"]))

    summary, rows = send(tmp_path, vendor.url, rows=4)

    assert statuses(rows) == ["created", "uncertain", "created", "created"]
    assert summary.stopped == ""


FINE = {
    "HTTP/1.0": b'HTTP/1.0 201 X\r\n\r\n{"data":{"contact":{"id":7}}}',
    "trailers": (
        b"HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
        b'1d\r\n{"data":{"contact":{"id":7}}}\r\n0\r\nX-Sum: 1\r\n\r\n'
    ),
    "a key twice": with_body(b'{"data":{"contact":{"id":6,"id":7}}}'),
    "gzip twice": with_body(
        gzip.compress(gzip.compress(b'{"data":{"contact":{"id":7}}}')), "Content-Encoding: gzip, gzip"
    ),
    "early hints": b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n" + with_body(b'{"data":{"contact":{"id":7}}}'),
    "a byte order mark": with_body(b'\xef\xbb\xbf{"data":{"contact":{"id":7}}}'),
}


@pytest.mark.parametrize("kind", FINE)
def test_an_unusual_answer_that_can_be_read_is_read(tmp_path: Path, raw_vendor: Any, kind: str) -> None:
    vendor = raw_vendor(lambda *_: FINE[kind])

    _, rows = send(tmp_path, vendor.url, rows=1)

    assert (rows[0]["import_status"], rows[0]["import_id"]) == ("created", "7")


def test_an_id_that_holds_the_key_does_not_show_it(tmp_path: Path, raw_vendor: Any, answers: Replies) -> None:
    vendor = raw_vendor(lambda *_: answers[0](f"id-{SECRET}"))

    send(tmp_path, vendor.url, rows=1)

    assert all(SECRET not in path.read_text("utf-8", "replace") for path in (tmp_path / "out").iterdir())


def test_an_error_in_the_judgement_is_logged_and_costs_one_row(
    tmp_path: Path,
    raw_vendor: Any,
    answers: Replies,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(exchange: Exchange, *arguments: Any, **more: Any) -> Any:
        if b"p1@" in exchange.body:
            raise KeyError("x")
        return judge(exchange, *arguments, **more)

    monkeypatch.setattr("importer.sending.sender.judge", fail)
    vendor = raw_vendor(lambda _, body: answers[0](body["email"]))

    _, rows = send(tmp_path, vendor.url, rows=3)

    assert statuses(rows) == ["created", "uncertain", "created"]
    assert "row 3" in caplog.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "data", "contact", "message", "errors", "retryAfter", "code"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
BODIES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass"))
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "retry-after", "location", "ratelimit", "x-ratelimit-reset", "content-encoding"]),
    st.text(st.characters(max_codepoint=255), max_size=30)
    | st.integers().map(str)
    | st.sampled_from(["application/json", "text/html"]),
)


@settings(max_examples=400)
@given(
    status=st.integers(100, 999),
    headers=HEADERS,
    body=BODIES,
    vendor=st.sampled_from(["cleartalk", "iclosed", "clemta", "gomobile"]),
)
def test_any_answer_has_an_outcome_that_the_table_allows(
    status: int, headers: dict[str, str], body: bytes, vendor: str
) -> None:
    operation = load_vendor(vendor).operations["create"]

    outcome = judge(Exchange(status, headers, body), operation.answers, now=1_800_000_000.0, secret=SECRET)

    if not 400 <= status < 500 and not (200 <= status < 300):
        assert outcome.verdict in (Verdict.UNCERTAIN, *([Verdict.THROTTLED] if status == 503 else []))
    if not 200 <= status < 300:
        assert outcome.verdict is not Verdict.CONFIRMED
    (outcome.message + outcome.code + (outcome.vendor_id or "")).encode()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(replies=st.lists(st.binary(max_size=300) | st.builds(with_body, BODIES), min_size=1, max_size=4))
def test_random_bytes_for_answers_never_end_a_run(
    tmp_path_factory: pytest.TempPathFactory, raw_vendor: Any, answers: Replies, replies: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("run")
    odd = {f"p{2 * number}@example.com": reply for number, reply in enumerate(replies)}
    vendor = raw_vendor(lambda _, body: odd.get(body["email"]) or answers[0](body["email"]))

    _, rows = send(folder, vendor.url, rows=2 * len(replies), state_dir=folder / "state")

    assert statuses(rows)[1::2] == ["created"] * len(replies)
