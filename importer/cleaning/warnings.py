"""The warnings of cleaning: a person should look at the value, but its row is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Remark:
    """One warning about one row's field: the code of a problem kind, and the parameters of its message."""

    row: int
    field: str
    code: str
    params: Mapping[str, Any]
