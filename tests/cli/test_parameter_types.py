"""Options take durations in one grammar, and bare numbers where they are seconds."""

from __future__ import annotations

import click
import pytest

from importer.cli.parameter_types import Duration


@pytest.mark.parametrize(("text", "seconds"), [("30", 30), ("30.5", 30.5), ("30m", 1800), ("2d", 172_800)])
def test_an_option_in_seconds_takes_units_too(text: str, seconds: float) -> None:
    assert Duration(default_unit="s").convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["0.05", "50ms", "-3", "soon"])
def test_too_short_or_no_duration_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Duration(minimum=0.1, default_unit="s").convert(text, None, None)


def test_an_age_needs_its_unit() -> None:
    with pytest.raises(click.BadParameter, match="30d"):
        Duration().convert("30", None, None)
