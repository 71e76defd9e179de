"""The remarks of cleaning on a value: mostly warnings, whose row is sent; for phones also why one is not sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark about one row's field: the code of a problem kind, and the parameters of its message."""

    row: int
    field: str
    code: str
    params: Mapping[str, Any]
