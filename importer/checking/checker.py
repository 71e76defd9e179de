"""Checks a batch: the prefilter singles out suspect rows, pandera judges them, every failure becomes a problem."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType
from typing import Any, Protocol

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrorReason, SchemaErrors

from importer.checking.damage import damage_rules, mark_problems
from importer.checking.leading_zeros import FEWEST, zero_rules
from importer.checking.prefilter import RulePrefilter
from importer.checking.problem_params import params_expr
from importer.errors import InternalError
from importer.model.problem import PROBLEM_KINDS, Judge, codes_judged_by, codes_of
from importer.model.problem_frame import PROBLEM_SCHEMA, encode_params
from importer.model.provenance import NO_SOURCE, FieldSource
from importer.model.table import Batch
from schemas.contract import Field, Operation
from schemas.dataframe_schema import Rule, build_rules, build_schema
from schemas.kind import Kind

DAMAGE = codes_of("is_damage")
ECHOES_OF_DAMAGE = codes_of("follows_damage")
EXPLANATIONS = codes_of("explains_form")
ROW_RULES = frozenset(codes_judged_by(Judge.ROW))


@dataclass(frozen=True, slots=True)
class Checked:
    """Verdict on a batch: ``problems`` in the columns of ``PROBLEM_SCHEMA``, by row, and the rows not to be sent."""

    problems: pl.DataFrame
    invalid: pl.Series


class Observed(Protocol):
    """A problem that cleaning found: a row's field, the code of a problem kind, and the parameters of its message."""

    @property
    def row(self) -> int: ...
    @property
    def field(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def params(self) -> Mapping[str, Any]: ...


class Checker:
    """Checks batches of one operation's fields. Built once a run, because building the schema costs."""

    def __init__(
        self, operation: Operation, fields: Sequence[Field], origins: Mapping[str, FieldSource], *, strict: bool = False
    ) -> None:
        self._fields = tuple(fields)
        self._dates = {field.path for field in fields if field.kind in (Kind.DATE, Kind.DATE_TIME)}
        self._origins = origins
        self._strict = strict
        self._schema = build_schema(operation, fields)
        self._parts: dict[tuple[str, ...], pa.DataFrameSchema] = {}
        self._contract = build_rules(operation, fields)
        self._rules = {(rule.field.path, rule.name): rule for rule in self._contract}
        self._damage = damage_rules(fields)
        self._prefilter = RulePrefilter(fields, self._contract, self._damage)
        self._zeros_known = False
        self._confirmed: pl.Schema | None = None
        self._judging = Lock()

    @property
    def has_learnt(self) -> bool:
        """True if batches can be checked at once: the first one shows what holds for whole columns."""
        return self._zeros_known

    def check(
        self,
        frame: pl.DataFrame,
        batch: Batch,
        remarks: Sequence[Observed] = (),
        unusual: Mapping[str, pl.Series] = MappingProxyType({}),
    ) -> Checked:
        """Check a batch. ``frame`` has the fields, ``batch`` the cells that they came from, row by row the same.

        ``remarks`` are what cleaning found, ``unusual`` is that of ``cleaning.Cleaned``.
        """
        self._learn_columns(frame)
        found = []
        suspects = self._prefilter.find(frame, unusual)
        if suspects:
            at = pl.DataFrame(suspects).select(pl.any_horizontal(pl.all())).to_series()
            few, cells = frame.filter(at), batch.frame.filter(at)
            with self._judging:  # pandera's settings of a call are those of the process
                failures = list(self._failures(few, suspects.keys()))
            found = [self._problems(rule, failed, few, cells) for rule, failed in failures]
        marked = pl.DataFrame(mark_problems(batch, self._origins, self._dates), schema=PROBLEM_SCHEMA, orient="row")
        present = marked.filter(pl.col("row").is_in(frame["row"].implode()))
        problems = _without_echoes(pl.concat([present, *found, self._remarks(remarks, batch)]))
        if present.height:  # what reading found in a cell, its text may show, too
            problems = problems.unique(["row", "field", "code"], keep="first", maintain_order=True)
        problems = problems.sort("row", maintain_order=True)
        if self._strict:
            problems = problems.with_columns(severity=pl.lit("error"))
        invalid = problems.filter(pl.col("severity") == "error")["row"].unique()
        return Checked(problems, invalid)

    def _remarks(self, remarks: Sequence[Observed], batch: Batch) -> pl.DataFrame:
        if not remarks:
            return pl.DataFrame(schema=PROBLEM_SCHEMA)
        listed = pl.DataFrame(
            [
                (
                    remark.row,
                    remark.field,
                    PROBLEM_KINDS[remark.code].severity,
                    remark.code,
                    encode_params(remark.params),
                )
                for remark in remarks
            ],
            schema={name: PROBLEM_SCHEMA[name] for name in ("row", "field", "severity", "code", "params")},
            orient="row",
        )
        parts = []
        for (path,), here in listed.group_by("field", maintain_order=True):
            origin = self._origins.get(str(path), NO_SOURCE)
            cells = batch.frame.select("row", origin.header_expr().alias("column"), origin.value_expr().alias("value"))
            parts.append(here.join(cells, on="row", how="left"))
        return pl.concat(parts).with_columns(source=pl.lit("check")).select(*PROBLEM_SCHEMA)

    def _learn_columns(self, frame: pl.DataFrame) -> None:
        """Verify that the schema can judge the frame, and derive rules for whole columns from the first batch."""
        if frame.schema != self._confirmed:
            list(self._verdict(self._schema, frame.head(0)))
            self._confirmed = frame.schema
        if not self._zeros_known and frame.height >= FEWEST:
            self._zeros_known = True
            zeros = zero_rules(frame, self._fields)
            self._prefilter = RulePrefilter(self._fields, (*self._contract, *zeros), self._damage)
            self._damage += zeros

    def _failures(self, frame: pl.DataFrame, paths: Collection[str]) -> Iterator[tuple[Rule, pl.Series]]:
        """Yield every broken rule of these fields with a mask of the rows that break it, damage before the contract."""
        for rule in self._damage:
            if rule.field.path in paths:
                failed = ~frame.select(rule.holds.fill_null(value=True)).to_series()
                if failed.any():
                    yield rule, failed
        columns = tuple(name for name in self._schema.columns if name in paths)
        if columns not in self._parts:
            self._parts[columns] = self._schema.select_columns(list(columns))
        yield from self._verdict(self._parts[columns], frame)

    def _verdict(self, schema: pa.DataFrameSchema, frame: pl.DataFrame) -> Iterator[tuple[Rule, pl.Series]]:
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as errors:
            for error in errors.schema_errors:
                path = str(error.schema.name)
                if error.reason_code is SchemaErrorReason.SERIES_CONTAINS_NULLS:
                    field = next(field for field in self._fields if field.path == path)
                    yield Rule(field, "required", "error", None, pl.col(path).is_not_null()), frame[path].is_null()
                elif error.reason_code is SchemaErrorReason.DATAFRAME_CHECK and error.check_output is not None:
                    rule = self._rules[path, error.check.name]
                    yield rule, ~_collected(error.check_output)
                else:
                    raise InternalError(f"the schema could not be applied to {path}: {error}") from error

    def _problems(self, rule: Rule, failed: pl.Series, frame: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
        whole_row = rule.code in ROW_RULES
        origin = NO_SOURCE if whole_row else self._origins.get(rule.field.path, NO_SOURCE)
        came = cells.filter(failed).select(
            "row", origin.header_expr().alias("column"), origin.value_expr().alias("value")
        )
        rows = pl.concat([came, frame.select(_text(rule).alias("_value")).filter(failed)], how="horizontal")
        return rows.select(
            "row",
            "column",
            pl.lit("" if whole_row else rule.field.path).alias("field"),
            "value",
            pl.lit(rule.severity).alias("severity"),
            pl.lit(rule.code).alias("code"),
            params_expr(rule, pl.col("_value")).alias("params"),
            pl.lit("check").alias("source"),
        )


def _without_echoes(problems: pl.DataFrame) -> pl.DataFrame:
    """Return the problems without those that follow from another one.

    A damaged cell also breaks its pattern, and an empty row also has no way to reach the contact.
    """
    problems = _without_broken_forms(problems)
    causes = problems.filter(pl.col("code").is_in(DAMAGE)).select("row", "field").unique()
    empty = problems.filter(pl.col("code") == "nothing_to_send").select("row").unique()
    if not causes.height and not empty.height:
        return problems
    cells = (
        problems.filter(pl.col("code").is_in(ECHOES_OF_DAMAGE))
        .join(causes, on=["row", "field"], how="semi")
        .select("row", "field", "code")
    )
    rows = problems.filter(pl.col("code") == "no_way_to_reach").join(empty, on="row", how="semi")
    echoes = pl.concat([cells, rows.select("row", "field", "code")])
    return problems.join(echoes, on=["row", "field", "code"], how="anti", maintain_order="left")


def _without_broken_forms(problems: pl.DataFrame) -> pl.DataFrame:
    """Return the problems without those about a cell's form where another one says why it is wrong."""
    explained = problems.filter(pl.col("code").is_in(EXPLANATIONS)).select("row", "field").unique()
    if not explained.height:
        return problems
    forms = [code for code in ECHOES_OF_DAMAGE if code not in EXPLANATIONS]
    echoes = problems.filter(pl.col("code").is_in(forms)).join(explained, on=["row", "field"], how="semi")
    return problems.join(echoes, on=["row", "field", "code"], how="anti", maintain_order="left")


def _text(rule: Rule) -> pl.Expr:
    column = pl.col(rule.field.path)
    return column.list.join(", ") if rule.field.type == "array" else column


def _collected(output: pl.DataFrame | pl.LazyFrame) -> pl.Series:
    frame = output.collect() if isinstance(output, pl.LazyFrame) else output
    return frame.to_series()
