"""Values that a spreadsheet program damaged beyond doubt: they are never sent, whatever the contract allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from importer.records import Mark
from schemas.contract import Field, Kind
from schemas.frame import Rule

CODES = {Kind.PHONE, Kind.ID, Kind.ZIP}
# An id such as 12E5 may be one; a phone number with an E in it is not.
SCIENTIFIC = r"^[+-]?[0-9]+(?:[.,][0-9]+[eE]\+?|[eE]\+)[0-9]{1,3}$"
SCIENTIFIC_PHONE = r"^[+-]?[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}$"
DECIMAL = r"^[0-9]+[.,][0-9]+$"


def damage_rules(fields: Sequence[Field]) -> tuple[Rule, ...]:
    """Rules for the fields that hold digits which are not a quantity: phones, ids, postal codes."""
    rules = []
    for field in fields:
        if field.kind in CODES and field.type == "string":
            column = pl.col(field.path)
            form = SCIENTIFIC_PHONE if field.kind is Kind.PHONE else SCIENTIFIC
            rules.append(Rule(field, "scientific_notation", "error", None, ~column.str.contains(form)))
        if field.kind is Kind.PHONE and field.type == "string":
            rules.append(Rule(field, "decimal_number", "error", None, ~pl.col(field.path).str.contains(DECIMAL)))
    return tuple(rules)


def mark_problems(marks: Iterable[Mark], headers: Mapping[str, tuple[str, str]]) -> list[tuple[Any, ...]]:
    """What reading saw, as problems: of the whole row, or of a cell that feeds a field."""
    found = []
    for mark in marks:
        text, advice = _MARKS[mark.code]
        if mark.column is None:
            found.append((mark.row, "", "", mark.value, "error", mark.code, mark.detail or text, advice, "check"))
        elif f"c{mark.column}" in headers:
            path, header = headers[f"c{mark.column}"]
            found.append((mark.row, header, path, mark.value, "error", mark.code, text, advice, "check"))
    return found


_MARKS = {
    "too_many_cells": (
        "has more cells than the header",
        "put quotes around a value that has the delimiter in it, or give the header more columns",
    ),
    "cell_error": (
        "holds an error value such as #N/A instead of a value",
        "enter the value, or mend the formula, and save again",
    ),
}
