"""Formats, on generated texts: the verdict of an independent JSON Schema validator."""

from __future__ import annotations

import jsonschema_rs
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.formats import FORMATS

PIECES = {
    "email": ["a", "B", "9", ".", "@", "-", "_", "+", "'", '"', " ", "\\", "(", "é", "x.co", "@x.co", "@x-y.co", "\n", "a" * 60, "😀", "!"],
    "uri": [
        "http", "https", ":", "//", "/", "example.com", "a", "?", "#", "[::1]", "%", "%20", "%2", "é", " ", "\n", "@", "u:p@", ":80",
        "mailto:", "|", "^", "<", "\\", '"', "'", "1", "-", "+", ".", "&", "=", "~", "😀",
    ],
    "date": ["2024", "-", "02", "29", "30", "1900", "2000", "0000", "12", "00", "13", "٢", "\n", "2023-02-28", "2024-02-29", "-02-29"],
    "date-time": [
        "2024-01-01", "2024-02-29", "2023-02-29", "T", "t", " ", "10:00:00", "23:59:60", "22:59:60", "10:00", "Z", "z", "+", "-",
        "01:00", "24:00", "00:00", ".5", ".", "\n", "5", "٢", "00:60", "+0100", ",5",
    ],
}  # fmt: skip
STARTS = {"email": ["", "a@"], "uri": ["", "http://"], "date": ["", "2024-"], "date-time": ["", "2024-02-29T"]}


def ours(name: str, texts: list[str]) -> list[bool]:
    return pl.DataFrame({"x": texts}).select(FORMATS[name](pl.col("x"))).to_series().to_list()


@pytest.mark.parametrize("name", PIECES)
def test_generated_texts_get_the_validators_verdict(name: str) -> None:
    validator = jsonschema_rs.Draft202012Validator({"type": "string", "format": name}, validate_formats=True)
    pieces = st.lists(st.sampled_from(PIECES[name]), max_size=6).map("".join)
    texts = st.tuples(st.sampled_from(STARTS[name]), pieces).map("".join)

    @settings(max_examples=40, deadline=None)
    @given(st.lists(texts, min_size=20, max_size=60))
    def law(values: list[str]) -> None:
        assert ours(name, values) == [validator.is_valid(value) for value in values]

    law()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("email", "a@[999.1.1.1]"), ("email", "a@[IPv6:1]"), ("email", "a@[IPv6:::1]"), ("uri", "http://[99999]/"),
        ("uri", "http://[1::2::3]/"), ("uri", "http://[::ffff:1.2.3.4]/"), ("uri", "http://[v1.a]/"),
    ],
)  # fmt: skip
def test_addresses_in_brackets_get_the_validators_verdict(name: str, text: str) -> None:
    validator = jsonschema_rs.Draft202012Validator({"type": "string", "format": name}, validate_formats=True)

    assert ours(name, [text]) == [validator.is_valid(text)]


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("123e4567-e89b-12d3-a456-426614174000", True),
        ("123E4567-E89B-12D3-A456-426614174000", True),
        ("123e4567e89b12d3a456426614174000", False),
        ("{123e4567-e89b-12d3-a456-426614174000}", False),
        ("123e4567-e89b-12d3-a456-426614174000\n", False),
    ],
)
def test_a_uuid_is_thirty_two_digits_in_five_groups(text: str, valid: bool) -> None:
    assert ours("uuid", [text]) == [valid]
