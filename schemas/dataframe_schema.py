"""An operation → its pandera DataFrameSchema.

The frame it checks has one column per field, named by the field's path: text, or a list of texts for an array.
Null means that the field is left out; an empty text is sent as an empty text. Rules are the documented limits
(``error``) and the published or sensible ones that the document itself lacks (``warning``).
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas.contract import Field, Limits, Operation
from schemas.ecma_regex import matches, utf16_length
from schemas.formats import FORMATS

Severity = Literal["error", "warning"]
TYPES = {
    "integer": r"^[+-]?[0-9]{1,1000}$",
    "number": r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$",
    "boolean": r"^(?i:true|false)$",
}
"""What a cell must look like to become a JSON integer, number or boolean."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing a column must keep to. ``holds`` is true, or null, where it does."""

    field: Field
    code: str
    severity: Severity
    limit: Any
    holds: pl.Expr

    @property
    def name(self) -> str:
        """Unique within a column."""
        return f"{self.severity}:{self.code}"


def build_schema(operation: Operation, fields: Sequence[Field]) -> pa.DataFrameSchema:
    """The schema for a frame in which these fields are fed; required ones that are not are missing columns."""
    rules = build_rules(operation, fields)
    fed = {field.path: field for field in fields}
    expected = [*fields, *(field for field in required_fields(operation) if field.path not in fed)]
    columns = {
        field.path: pa.Column(
            pl.List(pl.String) if field.type == "array" else pl.String,
            nullable=not field.required,
            required=True,
            checks=[_check(rule) for rule in rules if rule.field.path == field.path],
        )
        for field in expected
    }
    return pa.DataFrameSchema(columns, name=operation.name, strict=False)


def required_fields(operation: Operation) -> tuple[Field, ...]:
    """The fields that must be fed. An open object need not be: without members it is sent empty."""
    return tuple(field for field in operation.fields if field.required and not field.open)


def build_rules(operation: Operation, fields: Sequence[Field]) -> tuple[Rule, ...]:
    """Every rule for these fields, in the order of the fields; those about the whole row come with the first one."""
    rules = list(_row_rules(operation, fields))
    for field in fields:
        rules += _field_rules(field, fields)
    return tuple(rules)


def _check(rule: Rule) -> pa.Check:
    def holds(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(rule.holds.fill_null(value=True))

    return pa.Check(holds, name=rule.name, ignore_na=False)


def _row_rules(operation: Operation, fields: Sequence[Field]) -> Iterator[Rule]:
    body = [field for field in fields if not field.in_path]
    if not body:
        return
    if operation.at_least:
        groups: dict[str, list[pl.Expr]] = {}
        for field in body:
            groups.setdefault(field.parts[0], []).append(_there(field))
        always = {entry.parts[0]: [pl.lit(value=True)] for entry in operation.containers if entry.within is None}
        there = {**groups, **always}.values()
        present = pl.sum_horizontal(pl.any_horizontal(group).cast(pl.UInt32) for group in there)
        yield Rule(body[0], "nothing_to_send", "error", operation.at_least, present >= operation.at_least)
    paths = {field.path for field in fields}
    advised = [name for name in operation.advise_any_of if name in paths]
    if operation.advise_any_of:
        holds = pl.any_horizontal(pl.col(name).is_not_null() for name in advised) if advised else pl.lit(value=False)
        carrier = next((field for field in body if field.path in advised), body[0])
        yield Rule(carrier, "no_way_to_reach", "warning", operation.advise_any_of, holds)


def _field_rules(field: Field, fields: Sequence[Field]) -> Iterator[Rule]:
    column = pl.col(field.path)
    if field.required_within is not None:
        siblings = [other for other in fields if other.path.startswith(field.required_within + ".")]
        alone = ~pl.any_horizontal(_there(other) for other in siblings)
        yield Rule(field, "required", "error", field.required_within, column.is_not_null() | alone)
    if field.type in TYPES:
        right = column.str.contains(TYPES[field.type])
        if field.type == "number":  # JSON has no infinity
            right &= column.cast(pl.Float64, strict=False).is_finite().fill_null(value=True)
        yield Rule(field, "type", "error", field.type, right)
    if field.type == "json":
        yield Rule(field, "type", "error", field.type, column.map_batches(_is_json, return_dtype=pl.Boolean))
    if field.type == "array":
        yield from _array_rules(field, column)
        return
    for code, limit, holds in _limit_tests(field.limits, field.type == "string"):
        yield Rule(field, code, "error", limit, holds(column))
    for code, limit, holds in _limit_tests(field.advisory, field.type == "string"):
        yield Rule(field, code, "warning", limit, holds(column))


def _there(field: Field) -> pl.Expr:
    return pl.col(field.path).is_not_null()


def _array_rules(field: Field, column: pl.Expr) -> Iterator[Rule]:
    if field.limits.min_items is not None:
        yield Rule(field, "min_items", "error", field.limits.min_items, column.list.len() >= field.limits.min_items)
    if field.limits.max_items is not None:
        yield Rule(field, "max_items", "error", field.limits.max_items, column.list.len() <= field.limits.max_items)
    for code, limit, holds in _limit_tests(field.items or Limits(), text=True):
        yield Rule(field, code, "error", limit, column.list.eval(holds(pl.element()).fill_null(value=True)).list.all())


def _is_json(texts: pl.Series) -> pl.Series:
    verdict = {text: _parses(text) for text in texts.drop_nulls().unique()}
    return texts.replace_strict(list(verdict), list(verdict.values()), default=None, return_dtype=pl.Boolean)


def _parses(text: str) -> bool:
    def refuse(constant: str) -> None:  # NaN and the infinities, which JSON does not have
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _limit_tests(limits: Limits, text: bool) -> Iterator[tuple[str, Any, Callable[[pl.Expr], pl.Expr]]]:  # noqa: FBT001 - one switch, two callers
    if not text:
        yield from _number_tests(limits)
        return
    if limits.min_length is not None:
        low = limits.min_length
        yield "min_length", low, lambda value: utf16_length(value) >= low
    if limits.max_length is not None:
        high = limits.max_length
        yield "max_length", high, lambda value: utf16_length(value) <= high
    if limits.enum is not None:
        listed: Iterable[str] = limits.enum
        yield "enum", limits.enum, lambda value: value.is_in(list(listed))
    if limits.pattern is not None:
        yield "pattern", limits.pattern, matches(limits.pattern)
    if limits.format in FORMATS:
        yield "format", limits.format, _format_test(limits.format, limits.pattern)
    if limits.earliest is not None:
        first = limits.earliest
        yield "earliest", first, lambda value: _day(value) >= pl.lit(first).str.to_date()
    if limits.future is False:
        yield "future", None, lambda value: _day(value) <= pl.lit(_today())


def _format_test(name: str, pattern: str | None) -> Callable[[pl.Expr], pl.Expr]:
    """The format's test; where a pattern stands beside it, one broken cell is one problem: the pattern's."""
    if pattern is None:
        return FORMATS[name]
    found = matches(pattern)
    return lambda value: pl.when(found(value)).then(FORMATS[name](value)).otherwise(pl.lit(value=True))


def _day(value: pl.Expr) -> pl.Expr:
    return value.str.to_date("%Y-%m-%d", strict=False)


def _today() -> Any:
    from datetime import UTC, datetime

    return datetime.now(tz=UTC).date()


def _number_tests(limits: Limits) -> Iterator[tuple[str, Any, Callable[[pl.Expr], pl.Expr]]]:
    comparisons: tuple[tuple[str, float | None, Callable[[Any, Any], Any]], ...] = (
        ("minimum", limits.minimum, operator.ge),
        ("maximum", limits.maximum, operator.le),
        ("exclusive_minimum", limits.exclusive_minimum, operator.gt),
        ("exclusive_maximum", limits.exclusive_maximum, operator.lt),
    )
    for code, limit, compare in comparisons:
        if limit is not None:
            yield code, limit, _compared(compare, limit)


def _compared(compare: Callable[[Any, Any], Any], limit: float) -> Callable[[pl.Expr], pl.Expr]:
    """Whole numbers are compared exactly: above 2**53 a float cannot tell one from the next."""

    def test(value: pl.Expr) -> pl.Expr:
        near: pl.Expr = compare(value.cast(pl.Float64, strict=False), limit)
        if not isinstance(limit, int):
            return near
        exact = value.cast(pl.Int128, strict=False)
        return pl.when(exact.is_not_null()).then(compare(exact, limit)).otherwise(near)

    return test
