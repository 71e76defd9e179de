"""One grammar of durations, for options, contracts and the sandbox."""

from __future__ import annotations

import pytest

from schemas.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("50ms", 0.05), ("1.5s", 1.5), ("30m", 1800), ("30 min", 1800), ("12h", 43_200), ("30d", 2_592_000), ("2W", 1_209_600)],
)  # fmt: skip
def test_a_number_and_a_unit_are_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "30", "m", "-1s", "1e3s", "5 apples", "1:30", "٣s"])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="30m"):
        parse_duration(text)


def test_a_bare_number_needs_a_default_unit() -> None:
    assert parse_duration("30", default_unit="s") == 30
