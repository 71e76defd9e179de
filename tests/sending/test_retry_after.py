"""The wait that a vendor asks for, in all its encodings."""

from __future__ import annotations

import pytest

from importer.sending.retry_after import seconds_to_wait

NOW = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after": "1.5"}, 1.5),
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30),
        ({"Retry-After": "Fri, 15 Jan 2027 07:00:00 GMT"}, 0),
        ({"X-RateLimit-Reset": "12"}, 12),
        ({"X-RateLimit-Reset": "1800000020"}, 20),
        ({"X-RateLimit-Reset": "1800000020000"}, 20),
        ({"RateLimit-Reset": "2027-01-15T08:00:05Z"}, 5),
        ({"RateLimit": '"default";r=0;t=9'}, 9),
        ({"Retry-After": "2", "X-RateLimit-Reset": "50"}, 2),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "50"}, 50),
        ({"Retry-After": "999999"}, 999_999),
        ({"Retry-After": "1000000"}, 1_000_000),
        ({"Retry-After": "31536000"}, 31_536_000),
        ({"Retry-After": "1000000000"}, 1_000_000_000),
        ({"Retry-After": "1799999990"}, 0),  # Unix times
        ({"Retry-After": "1800000030"}, 30),
        ({"Retry-After": "1800000030000"}, 30),
        ({"Retry-After": "Fri, 15 Jan 99999999999 08:00:30 GMT"}, None),
        ({"Retry-After": "9" * 5000}, None),
        ({"X-RateLimit-Reset": "1799999990"}, 0),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"X-RateLimit-Reset": "50000000"}, None),
        ({"X-RateLimit-Reset": ""}, None),
        ({}, None),
    ],
)
def test_the_wait_is_read_from_the_headers(headers: dict[str, str], seconds: float | None) -> None:
    assert seconds_to_wait(headers, None, (), NOW) == seconds


def test_the_body_may_say_it_where_the_contract_names_the_place() -> None:
    assert seconds_to_wait({}, {"retryAfter": 4, "limit": 20}, ["/retryAfter"], NOW) == 4


@pytest.mark.parametrize(
    ("pointer", "body"),
    [
        ("/errors/0/wait", {"errors": [{"wait": 6}]}),
        ("/limits~1burst/wait", {"limits/burst": {"wait": 6}}),
        ("/m~0n", {"m~n": 6}),
    ],
)
def test_the_place_is_a_json_pointer_like_any_other_of_the_contract(pointer: str, body: object) -> None:
    assert seconds_to_wait({}, body, [pointer], NOW) == 6
