"""A problem: one thing to know about one cell or row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


Source = Literal["check", "vendor", "delivery"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to know about one cell (or row): where, what, and what to do.

    ``field`` is the field's path and ``column`` the file's column that feeds it; both are empty for a problem of
    the whole row. Severity ``error`` keeps the row back, ``warning`` does not.
    """

    row: int
    column: str
    field: str
    value: str
    severity: Severity
    code: str
    message: str
    hint: str
    source: Source


PROBLEM_COLUMNS = ("row", "column", "field", "value", "severity", "code", "message", "hint", "source")
