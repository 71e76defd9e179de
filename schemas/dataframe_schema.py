"""Builds the pandera DataFrameSchema of an operation, and the rules it is made of.

The frame has one column per field, named by the field's path: text, or a list of texts for an array. Null means that
the field is left out; an empty text is sent as an empty text. Rules are the documented limits (``error``) and the
published or sensible ones that the document itself lacks (``warning``). A new rule is a line in ``_text_tests``,
``_number_tests`` or ``_field_rules``.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas.contract import Constant, Container, Field, Limits, Operation
from schemas.ecma_regex import matches, utf16_length
from schemas.formats import FORMATS, FORMATS_OF_ANY_LENGTH
from schemas.kind import Kind
from schemas.text_tests import Test

Severity = Literal["error", "warning"]
# The texts that can become a JSON integer, number or boolean.
TYPE_PATTERNS = {
    "integer": r"^[+-]?[0-9]{1,1000}$",
    "number": r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$",
    "boolean": r"^(?i:true|false)$",
}
# Of a quotient of two decimal fractions that are stored as binary ones, relative to it.
ROUNDING_ERROR = 1e-12
_BEGINS_WITH_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LimitTest = tuple[str, Any, Test]  # code, limit, test of a value


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a column. ``holds`` is true, or null, for the rows that keep it."""

    field: Field
    code: str
    severity: Severity
    limit: Any
    holds: pl.Expr

    @property
    def name(self) -> str:
        """The name of the pandera check, unique within a column."""
        return f"{self.severity}:{self.code}"


def build_schema(operation: Operation, fields: Sequence[Field]) -> pa.DataFrameSchema:
    """Return the schema of a frame with these fields. It also asks for the columns of required fields without one."""
    rules = build_rules(operation, fields)
    mapped = {field.path for field in fields}
    expected = [*fields, *(field for field in required_fields(operation) if field.path not in mapped)]
    columns = {
        field.path: pa.Column(
            pl.List(pl.String) if field.type == "array" else pl.String,
            nullable=not field.required,
            required=True,
            checks=[_to_check(rule) for rule in rules if rule.field.path == field.path],
        )
        for field in expected
    }
    return pa.DataFrameSchema(columns, name=operation.name, strict=False)


def required_fields(operation: Operation) -> tuple[Field, ...]:
    """Return the fields that must be mapped. An open object need not be: without members it is sent empty."""
    return tuple(field for field in operation.fields if field.required and not field.open)


def build_rules(operation: Operation, fields: Sequence[Field]) -> tuple[Rule, ...]:
    """Return every rule for these fields: those about whole rows first, then field by field."""
    rules = list(_row_rules(operation, fields))
    for field in fields:
        rules += _field_rules(field, fields)
    return tuple(rules)


def _to_check(rule: Rule) -> pa.Check:
    def holds(data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(rule.holds.fill_null(value=True))

    return pa.Check(holds, name=rule.name, ignore_na=False)


def _row_rules(operation: Operation, fields: Sequence[Field]) -> Iterator[Rule]:
    """Yield the rules about several columns; each is reported for one of them."""
    body = [field for field in fields if not field.in_path and not field.step]
    if not body:
        return
    if operation.at_least:
        holds = _count_properties(operation, body) >= operation.at_least
        yield Rule(body[0], "nothing_to_send", "error", operation.at_least, holds)
    if operation.advise_any_of:
        advised = [field for field in body if field.path in operation.advise_any_of]
        reported = advised[0] if advised else body[0]
        paths = {field.path for field in fields}
        filled = [pl.col(path).is_not_null() for path in operation.advise_any_of if path in paths]
        holds = pl.any_horizontal(filled) if filled else pl.lit(value=False)
        yield Rule(reported, "no_way_to_reach", "warning", operation.advise_any_of, holds)


def _count_properties(operation: Operation, body: Sequence[Field]) -> pl.Expr:
    """Return the number of properties that the body of each row has at its top level."""
    properties: dict[str, list[pl.Expr]] = {}
    for field in body:
        properties.setdefault(field.parts[0], []).append(_is_filled(field))
    always: list[Container | Constant] = [*operation.containers, *operation.constants]
    for given in always:
        if given.within is None:  # it is sent even if it is empty
            properties[given.parts[0]] = [pl.lit(value=True)]
    return pl.sum_horizontal(pl.any_horizontal(filled).cast(pl.UInt32) for filled in properties.values())


def _field_rules(field: Field, fields: Sequence[Field]) -> Iterator[Rule]:
    column = pl.col(field.path)
    if field.in_path:
        yield Rule(field, "path_step", "error", None, ~column.is_in([".", ".."]))
    if field.required_within is not None:
        siblings = [
            other
            for other in fields
            if other.path.startswith((f"{field.required_within}.", f"{field.required_within}["))
        ]
        is_left_out = ~pl.any_horizontal(_is_filled(other) for other in siblings)
        yield Rule(field, "required", "error", field.required_within, column.is_not_null() | is_left_out)
    if field.type in TYPE_PATTERNS:
        has_type = column.str.contains(TYPE_PATTERNS[field.type])
        if field.type == "number":  # JSON has no infinity
            has_type &= column.cast(pl.Float64, strict=False).is_finite().fill_null(value=True)
        yield Rule(field, "type", "error", field.type, has_type)
    if field.type == "json":
        yield Rule(field, "type", "error", field.type, column.map_batches(_are_json, return_dtype=pl.Boolean))
    if field.type == "array":
        yield from _array_rules(field, column)
        return
    yield from _limit_rules(field, column)


def _limit_rules(field: Field, column: pl.Expr) -> Iterator[Rule]:
    limit_tests = _text_tests if field.type == "string" else _number_tests
    documented = [*(_day_tests(field) if field.type == "string" else ()), *limit_tests(field.limits)]
    for code, limit, test in documented:
        yield Rule(field, code, _severity(code, field.limits), limit, test(column))
    # What is no date is not asked for a date's format, too.
    known = {"format"} if {"format", "not_a_date"} & {code for code, *_ in documented} else set()
    for code, limit, test in limit_tests(field.advisory):
        if code not in known:
            yield Rule(field, code, "warning", limit, test(column))


def _severity(code: str, limits: Limits) -> Severity:
    """Return the severity of a documented limit. A format is ours to interpret: what fits the pattern is sent."""
    return "warning" if code == "format" and limits.pattern is not None else "error"


def _is_filled(field: Field) -> pl.Expr:
    return pl.col(field.path).is_not_null()


def _array_rules(field: Field, column: pl.Expr) -> Iterator[Rule]:
    if field.limits.min_items is not None:
        yield Rule(field, "min_items", "error", field.limits.min_items, column.list.len() >= field.limits.min_items)
    if field.limits.max_items is not None:
        yield Rule(field, "max_items", "error", field.limits.max_items, column.list.len() <= field.limits.max_items)
    items, is_text = field.items or Limits(), field.entry_type == "string"
    if not is_text:
        is_of_type = pl.element().str.contains(TYPE_PATTERNS[field.entry_type])
        yield Rule(field, "type", "error", field.entry_type, column.list.eval(is_of_type).list.all())
    for code, limit, test in _text_tests(items) if is_text else _number_tests(items):
        yield Rule(
            field,
            code,
            _severity(code, items),
            limit,
            column.list.eval(test(pl.element()).fill_null(value=True)).list.all(),
        )


def _are_json(texts: pl.Series) -> pl.Series:
    verdict = {text: _is_json(text) for text in texts.drop_nulls().unique()}
    return texts.replace_strict(list(verdict), list(verdict.values()), default=None, return_dtype=pl.Boolean)


def _is_json(text: str) -> bool:
    def refuse(constant: str) -> None:  # NaN and the infinities, which JSON does not have
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _text_tests(limits: Limits) -> Iterator[_LimitTest]:
    low, high, enum = limits.min_length, limits.max_length, limits.enum
    if low is not None:
        yield "min_length", low, lambda value: utf16_length(value) >= low
    if high is not None:
        yield "max_length", high, lambda value: utf16_length(value) <= high
    if enum is not None:
        yield "enum", enum, lambda value: value.is_in(list(enum))
    if limits.pattern is not None:
        yield "pattern", limits.pattern, matches(limits.pattern)
    if limits.format in FORMATS:
        yield "format", limits.format, _format_test(limits.format, limits)
    yield from _date_tests(limits)


def _day_tests(field: Field) -> Iterator[_LimitTest]:
    """Yield a test that a date is one, also where the document names no form. An empty text is meant to be none."""
    if field.kind not in (Kind.DATE, Kind.DATE_TIME) or field.limits.enum is not None:
        return
    if field.limits.pattern is not None:  # it says what a date looks like, and not that there is such a day
        yield "not_a_date", field.kind, _existing_day_test(field.limits.pattern)
    elif field.limits.format is None:
        is_date = FORMATS[field.kind]
        yield "not_a_date", field.kind, lambda value: (value == "") | is_date(value)


def _existing_day_test(pattern: str) -> Test:
    """Return a test of texts that keep to the pattern: where one begins with an ISO date, there is such a day."""
    has_pattern, is_day = matches(pattern), FORMATS["date"]
    return lambda value: (
        ~(has_pattern(value) & value.str.contains(_BEGINS_WITH_DATE) & ~is_day(value.str.head(len("2024-01-15"))))
    )


def _date_tests(limits: Limits) -> Iterator[_LimitTest]:
    earliest = limits.earliest
    if earliest is not None:
        yield "earliest", earliest, lambda value: _to_date(value) >= pl.lit(earliest).str.to_date()
    if limits.future is False:
        yield "future", None, lambda value: _to_date(value) <= pl.lit(datetime.now(tz=UTC).date())


def _format_test(name: str, limits: Limits) -> Test:
    """Return the format's test. Beside a pattern, a text that breaks both is one problem: the pattern's.

    Where the document limits the length, the format's own limit does not count.
    """
    if limits.pattern is None:
        return FORMATS[name] if limits.max_length is None else FORMATS_OF_ANY_LENGTH[name]
    has_pattern = matches(limits.pattern)
    return lambda value: pl.when(has_pattern(value)).then(FORMATS[name](value)).otherwise(pl.lit(value=True))


def _to_date(value: pl.Expr) -> pl.Expr:
    return value.str.to_date("%Y-%m-%d", strict=False)


def _number_tests(limits: Limits) -> Iterator[_LimitTest]:
    if limits.enum is not None:
        yield "enum", limits.enum, lambda value: value.is_in(list(limits.enum or ()))
    comparisons: tuple[tuple[str, float | None, Callable[[Any, Any], Any]], ...] = (
        ("minimum", limits.minimum, operator.ge),
        ("maximum", limits.maximum, operator.le),
        ("exclusive_minimum", limits.exclusive_minimum, operator.gt),
        ("exclusive_maximum", limits.exclusive_maximum, operator.lt),
    )
    for code, limit, compare in comparisons:
        if limit is not None:
            yield code, limit, _comparison_test(compare, limit)
    if limits.multiple_of is not None:
        yield "multiple_of", limits.multiple_of, _multiple_test(limits.multiple_of)


def _comparison_test(compare: Callable[[Any, Any], Any], limit: float) -> Test:
    """Return a test against the limit, exact for whole numbers: above 2**53 a float cannot tell one from the next."""

    def test(value: pl.Expr) -> pl.Expr:
        approximate: pl.Expr = compare(value.cast(pl.Float64, strict=False), limit)
        if not isinstance(limit, int):
            return approximate
        exact = value.cast(pl.Int128, strict=False)
        return pl.when(exact.is_not_null()).then(compare(exact, limit)).otherwise(approximate)

    return test


def _multiple_test(step: float) -> Test:
    """Return a test of multiples of a step: exact for whole numbers; 19.99 is a multiple of 0.01, as people count."""

    def test(value: pl.Expr) -> pl.Expr:
        steps = value.cast(pl.Float64, strict=False) / step
        approximate = (steps - steps.round()).abs() <= ROUNDING_ERROR * steps.abs().clip(1)
        if not float(step).is_integer():
            return approximate
        exact = value.cast(pl.Int128, strict=False)
        return pl.when(exact.is_not_null()).then(exact % int(step) == 0).otherwise(approximate)

    return test
