"""What cleaning has to say of a value: something that a person should look at, although the row is not held back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """One warning about one row's field. ``words`` go on after the value, as a problem's message does."""

    row: int
    field: str
    code: str
    words: str
