"""The types of option values that click does not have: rates, durations and pairs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from importer.model.source_ref import is_remote


class FileOrAddress(click.ParamType[Path | str]):
    """A file as a path, or the address of one (``s3://bucket/leads.csv``) as text, which a path would change."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | str:
        """Return the address as it is, and anything else as a path."""
        if isinstance(value, str) and is_remote(value):
            return value
        converted: Path = click.Path(path_type=Path).convert(value, param, ctx)
        return converted


class Rate(click.ParamType[float]):
    """A rate such as ``20/s``, ``100/min`` or ``5000/h``, in requests per second."""

    name = "rate"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse the text, or fail with an example."""
        from schemas.durations import parse_rate

        try:
            return parse_rate(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Duration(click.ParamType[float]):
    """A duration such as ``50ms``, ``30m`` or ``30d``, in seconds. ``default_unit`` is the unit of a bare number."""

    name = "duration"

    def __init__(self, *, minimum: float = 0.0, default_unit: str | None = None) -> None:
        self._minimum = minimum
        self._default_unit = default_unit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse the text, or fail with an example."""
        from schemas.durations import parse_duration

        try:
            seconds = value if isinstance(value, float) else parse_duration(value, default_unit=self._default_unit)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if seconds < self._minimum:
            self.fail(f"{value} is too short: the minimum is {self._minimum:g} s", param, ctx)
        return seconds


class Pair(click.ParamType[tuple[str, str]]):
    """A pair ``left=right``, split at the last or the first ``=``. ``form`` describes it in the error message."""

    name = "pair"

    def __init__(self, form: str, *, last: bool) -> None:
        self._form = form
        self._last = last

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split the text, or fail with the form it should have."""
        if isinstance(value, tuple):
            return value
        left, sign, right = value.rpartition("=") if self._last else value.partition("=")
        if not sign or not left.strip() or (self._last and not right.strip()):
            self.fail(f"{value!r} is not {self._form}", param, ctx)
        return left, right.strip() if self._last else right
