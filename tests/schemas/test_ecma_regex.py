"""Patterns mean what they mean in ECMAScript; lengths are UTF-16; formats are JSON Schema's."""

from __future__ import annotations

import jsonschema_rs
import polars as pl
import pytest
import regress
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.ecma_regex import matches, translate, utf16_length
from schemas.formats import FORMATS
from schemas.registry import load_vendor

PATTERNS = [
    r"^\+?\d+$", r"\bfoo\b", r"^\w+$", r"^\W*$", r"^\s+$", r"^\S+$", r"^.$", r"^[^a-c]$", r"[\d\-x]+", r"^[a&&b]$", r"^[[]$",
    r"a|b|", r"^(?:ab)+$", r"^(a|b){2,3}$", r"^(?!a)b?", r"^(?=.*\d)(?!.*x).{2,}$", r"^(?!a)b|c", r"(?<=a)b", r"(.)\1",
    r"^(?!\.)(?!.*\.\.)x?", r"^(?!.*a)(?!\+)", r"^(?!a.*)", r"^(?!.*a+)", r"^(?!.*\d)", r"^(?!\n)(?!.*\n)", r"^(?!.*[ab])", r"^(?!.*)", "^(?!\n)", "^(?!.*a\n)",
    r"^\u0041$", r"^\p{L}+$", r"^[\w.+-]+@", r"\t|\n|\r", r"^$", r"a{2}", r"^[^\s@]+$", r"\/x\/", r"^~#$",
]  # fmt: skip
TRICKY = [
    "",
    "a",
    "b",
    "aa",
    "ab",
    "foo",
    "a\n",
    "\n",
    "\r",
    "\u2028",
    "é",
    "١٢",
    "+12",
    "😀",
    "foo bar",
    "[",
    "&",
    "x-1",
    "A",
]
LETTERS = st.text(alphabet="abcx019 +-.@\n\r\t_é١😀[]&~#/Aſ\u2028\u00a0\ufeff", max_size=6)


def found(pattern: str, texts: list[str]) -> list[bool]:
    return pl.DataFrame({"x": texts}).select(matches(pattern)(pl.col("x"))).to_series().to_list()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_polars_agrees_with_an_ecmascript_engine(pattern: str) -> None:
    engine = regress.Regex(pattern, "u")

    @settings(max_examples=25, deadline=None)
    @given(st.lists(LETTERS, min_size=1, max_size=20))
    def law(texts: list[str]) -> None:
        texts = texts + TRICKY

        assert found(pattern, texts) == [engine.find(text) is not None for text in texts]

    law()


def test_digits_are_ascii_and_a_final_line_break_is_not_passed_over() -> None:
    assert found(r"^\+?\d+$", ["+12", "+१२३", "12\n", ""]) == [True, False, False, False]


def test_documented_patterns_run_vectorised() -> None:
    fields = load_vendor("iclosed").operations["create"].fields

    assert all(translate(field.limits.pattern) for field in fields if field.limits.pattern)


def test_blank_values_have_no_verdict() -> None:
    frame = pl.DataFrame({"x": [None, "a"]}, schema={"x": pl.String})

    assert frame.select(matches(r"(?<=a)b")(pl.col("x"))).to_series().to_list() == [None, False]


def test_what_is_not_a_pattern_is_refused() -> None:
    with pytest.raises(ValueError, match="not an ECMAScript pattern"):
        matches("(")


@given(st.lists(st.text(max_size=8), min_size=1, max_size=30))
def test_lengths_are_counted_in_utf_16(texts: list[str]) -> None:
    lengths = pl.DataFrame({"x": texts}).select(utf16_length(pl.col("x"))).to_series().to_list()

    assert lengths == [len(text.encode("utf-16-le", "surrogatepass")) // 2 for text in texts]


SAMPLES = {
    "email": [
        "a@b", "a@b.co", "josé@x.co", "a b@x.co", '"a b"@x.co', "a@x_y.co", "a..b@x.co", ".a@x.co", "a.@x.co", "a@-x.co",
        "a@x-.co", "a@x..co", "a@x.co.", "a+b'c@x.co", "A@X.CO", "a@b\n", "a" * 65 + "@x.co", "a" * 64 + "@x.co",
        "a@" + "b" * 64 + ".co", 'a"b@x.co', "a@b@c.co", "!#$%&*/=?^_`{|}~@x.co", "@", "", "a@", "@x.co", "a@[127.0.0.1]",
    ],
    "uri": [
        "http://a", "https://example.com/é", "a:b", "//x", "http://a b", "http://[::1]/", "mailto:x", "http://", "HTTP://X/%zz",
        "http://x/%20", "http://x/?a=b#c", "1http://x", "http://x:port/", "http://x/^", "http://x/|", "http://x/#a#b",
        "http://x/\n", "http://x:99999/", "", ":", "x:", "http:///path", "ftp://u:p@h:1/p;x?y=(z)",
    ],
    "date": ["2024-01-01", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29", "2024-1-1", "2024-13-01", "2024-01-01\n", "१०२४-01-01"],
    "date-time": [
        "2024-01-01T00:00:00Z", "2024-01-01T00:00Z", "2024-01-01T00:00:00", "2024-02-30T00:00:00Z", "2024-01-01t00:00:00z",
        "2024-01-01 00:00:00Z", "2016-12-31T23:59:60Z", "2024-01-01T24:00:00Z", "2024-01-01T00:00:00.123456789012Z",
        "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+05:30", "2024-01-01T00:00:00.Z", "2024-01-01T22:59:60-01:00",
        "2024-01-01T00:00:00+05:60", "2024-01-01T12:59:60Z", "2024-01-01T00:59:60+01:00", "2024-01-01T00:00:00Z\n",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_formats_agree_with_a_json_schema_validator(name: str) -> None:
    validator = jsonschema_rs.Draft202012Validator({"type": "string", "format": name}, validate_formats=True)
    texts = SAMPLES[name] + TRICKY

    verdicts = pl.DataFrame({"x": texts}).select(FORMATS[name](pl.col("x"))).to_series().to_list()

    assert dict(zip(texts, verdicts, strict=True)) == {text: validator.is_valid(text) for text in texts}
