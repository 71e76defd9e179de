"""Where in a batch a rule is broken, found cheaply: only those rows and columns are given to the schema to judge.

It is the schema's own rules that are tried, each text once where texts repeat: nothing that breaks one gets past.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from importer.checking.damage import IN_ODD_TEXT, ODD
from schemas.contract import Field
from schemas.distinct import distinct
from schemas.frame import Rule


class Doubts:
    """Looks for what breaks these rules."""

    def __init__(self, fields: Sequence[Field], rules: Sequence[Rule]) -> None:
        self._fields = tuple(fields)
        own = [rule for rule in rules if set(rule.holds.meta.root_names()) == {rule.field.path}]
        self._across = [rule for rule in rules if rule not in own]
        self._odd = [rule for rule in own if rule.code in IN_ODD_TEXT]
        self._own = [rule for rule in own if rule.code not in IN_ODD_TEXT]

    def find(self, frame: pl.DataFrame) -> dict[str, pl.Series]:
        """By the path of a field a mask of the rows in which it breaks a rule; fields that break none are left out."""
        found = {field.path: mask for field in self._fields if (mask := self._column(field, frame[field.path])).any()}
        for rule in self._across:
            broken = frame.select("row", broken=~rule.holds.fill_null(value=True))["broken"]
            if broken.any():
                path = rule.field.path
                found[path] = found[path] | broken if path in found else broken
        return found

    def _column(self, field: Field, values: pl.Series) -> pl.Series:
        blank = values.is_null() if field.required else pl.Series([False], dtype=pl.Boolean)
        own = [rule for rule in self._own if rule.field is field]
        if values.dtype != pl.String:
            return blank | _breaks(values, own)
        texts = distinct(values)
        odd = texts.filter(texts.str.contains(ODD))
        bad = [
            texts.filter(_breaks(texts, own)),
            odd.filter(_breaks(odd, [rule for rule in self._odd if rule.field is field])),
        ]
        return blank | values.is_in(pl.concat(bad).implode(), nulls_equal=True)


def _breaks(values: pl.Series, rules: Sequence[Rule]) -> pl.Series:
    if not rules or not values.len():
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, values.len())
    holds = pl.all_horizontal(rule.holds.fill_null(value=True) for rule in rules)
    return ~values.to_frame().select(holds).to_series()
