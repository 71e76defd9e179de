"""The values that may break a rule, found cheaply, so that the schema judges few rows.

The prefilter evaluates the schema's own rules over the distinct values of each column and singles out the rows that
have a value which may break one; pandera then gives the verdict on those rows alone. Nothing that breaks a rule gets
past it, because it applies the same expressions; what it lets through needs no verdict. On a file without problems
pandera sees no row at all, which matters because its schema costs 24 ms a call and applies every rule to every row. A
property test holds the verdict with the prefilter against that without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from importer.checking.damage import CODES, harmless, is_place
from schemas.column_stats import distinct
from schemas.contract import Field
from schemas.dataframe_schema import Rule
from schemas.kind import Kind


class RulePrefilter:
    """Finds the rows that may break a rule: one of the contract, or one about damage."""

    def __init__(self, fields: Sequence[Field], rules: Sequence[Rule], damage: Sequence[Rule]) -> None:
        self._fields = tuple(fields)
        self._across = [rule for rule in rules if not _is_of_one_column(rule)]
        self._own = [rule for rule in rules if _is_of_one_column(rule)]
        self._damage = tuple(damage)

    def find(self, frame: pl.DataFrame, unusual: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
        """Return, by field path, a mask of the rows to judge; fields in which no rule is broken are left out.

        ``unusual`` comes from cleaning: by field, the positions of the texts that may be damaged.
        """
        found = {field.path: self._column(field, frame[field.path], unusual.get(field.path)) for field in self._fields}
        for rule in self._across:
            broken = _broken(rule, frame)
            known = found[rule.field.path]
            found[rule.field.path] = broken if known is None else known | broken
        return {path: broken for path, broken in found.items() if broken is not None and broken.any()}

    def _column(self, field: Field, values: pl.Series, unusual: pl.Series | None) -> pl.Series | None:
        own = [rule for rule in self._own if rule.field.path == field.path]
        if field.type == "array":
            return _breaks(values, own)
        texts = distinct(values)
        bad = texts.filter(_breaks(texts, own))
        damage = [rule for rule in self._damage if rule.field.path == field.path]
        if damage:
            # Cleaning knows positions in the column: they fit only where ``distinct`` left no repeated value out.
            fits = texts.len() == values.len() and (field.kind is Kind.PHONE or field.kind not in CODES)
            fits = fits and not is_place(field)
            if unusual is not None and fits:
                harmed = texts[unusual]
            else:
                harmed = texts.filter(~texts.str.contains(harmless(field)))
            bad.append(harmed.filter(_breaks(harmed, damage)))
        if field.required and texts.null_count():
            bad.append(values.filter(values.is_null()).head(1))
        return values.is_in(bad.implode(), nulls_equal=True) if bad.len() else None


def _broken(rule: Rule, frame: pl.DataFrame) -> pl.Series:
    """Return where a rule about several columns is broken. Such rules ask only which of them are blank."""
    if not any(frame[name].null_count() for name in rule.holds.meta.root_names()):
        first = frame.head(1).select("row", broken=~rule.holds.fill_null(value=True))["broken"]
        return first.new_from_index(0, frame.height) if first.len() else first
    return frame.select("row", broken=~rule.holds.fill_null(value=True))["broken"]


def _is_of_one_column(rule: Rule) -> bool:
    return set(rule.holds.meta.root_names()) == {rule.field.path}


def _breaks(values: pl.Series, rules: Sequence[Rule]) -> pl.Series:
    if not rules or not values.len():
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, values.len())
    holds = pl.all_horizontal(rule.holds.fill_null(value=True) for rule in rules)
    # Lazily, so that what two rules have in common is worked out once.
    return ~values.to_frame().lazy().select(holds).collect().to_series()
