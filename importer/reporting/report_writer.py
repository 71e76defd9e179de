"""Writes every report of a run in one pass over its rows, in their order.

Two batches are worked out at once, while a third thread writes the tables and a fourth fills the workbook. To make the
lines of CSV in memory first, two batches at once, took longer: fresh memory costs more than the writing.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from importer.errors import InternalError
from importer.model.problem import SKIPPED
from importer.model.problem_frame import RENDERED_SCHEMA, render_problems
from importer.model.provenance import FieldSource
from importer.model.report_columns import FIX_COLUMNS, RESULT_COLUMNS, names_contact
from importer.model.second_step import STEPS_TO_CORRECT
from importer.model.status import NEEDS_REVIEW, Status
from importer.parallel import BackgroundWorker, map_ordered
from importer.reporting.counts import MOST_UNCERTAIN_ROWS, RunCounts
from importer.reporting.errors_workbook import CarriedRun, ErrorsWorkbook
from importer.reporting.row_status import decide, result_problems
from importer.reporting.source_columns import SourceColumns
from importer.reporting.table_formats import FORMATS, Frames, TableLayout, TableWriter, errors_frame, result_frame
from importer.run_store.result_log import ResultLog
from importer.run_store.spool import Spool

LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """The options of the run that shape its reports.

    ``offered`` is the status of a row without a result, ``known`` what errors.xlsx carries, ``formats`` are names of
    ``table_formats.FORMATS``, ``bare`` and ``delimiter`` are those of the input's ``FileFacts``, ``stopped`` is why the
    run stopped early.
    """

    offered: Status
    duplicates_are_errors: bool
    known: CarriedRun
    formats: Sequence[str] = ("csv",)
    bare: bool = False
    delimiter: str = ","
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class _Decided:
    """A batch as it is reported: statuses, problems, the rows to fix with their problems, tables, contacts.

    ``problems`` are those to count, with the reasons of skipped rows.
    """

    decided: pl.DataFrame
    problems: pl.DataFrame
    to_fix: tuple[pl.DataFrame, pl.DataFrame]
    made: Sequence[Frames]
    contacts: Mapping[int, str]


@contextlib.contextmanager
def _abandoned_on_error(writers: Sequence[TableWriter | ErrorsWorkbook]) -> Iterator[None]:
    """Let go of files that will not be finished, so that none stays open."""
    try:
        yield
    except BaseException:
        for writer in writers:
            with contextlib.suppress(OSError):
                writer.abandon()
        raise


class Reporter:
    """Writes the result, the errors and errors.xlsx into a folder, and counts the rows."""

    def __init__(
        self, folder: Path, columns: SourceColumns, origins: Mapping[str, FieldSource], rules: ReportOptions
    ) -> None:
        self._listed = columns.without(RESULT_COLUMNS)
        self._fixed = columns.without(FIX_COLUMNS)
        self._origins = origins
        self._rules = rules
        self._folder = folder
        self.count = RunCounts()
        self.outputs: dict[str, Path] = {}

    def write(self, spool: Spool, results: ResultLog, twins: pl.DataFrame, rows: int) -> None:
        """Write all reports. Raises InternalError when a row is in no status, or in two."""
        layout = TableLayout(
            self._folder,
            self._listed.headers,
            self._rules.known.plan,
            cells_need_no_quotes=self._rules.bare,
            delimiter=self._rules.delimiter,
        )
        tables = {name: FORMATS[name](layout) for name in self._rules.formats}
        workbook = ErrorsWorkbook(self._folder / "errors.xlsx", self._fixed, self._rules.known)
        none = _no_rows([*self._listed.cells, *self._fixed.cells])

        def decided(batch: tuple[pl.DataFrame, pl.DataFrame | None]) -> _Decided:
            return self._decided(*batch, results, twins, tables.values())

        batches = ((cells, checked) for cells, checked in spool.batches() if cells.height)
        with _abandoned_on_error([*tables.values(), workbook]):
            with BackgroundWorker() as writing, BackgroundWorker() as fixing:
                for batch in map_ordered(decided, itertools.chain([(none, None)], batches)):
                    writing.submit(_add, tuple(tables.values()), batch.made)
                    fixing.submit(workbook.add, *batch.to_fix)
                    self.count.add(batch.decided, batch.problems, batch.contacts)
                fixing.wait()
                made_of_errors = workbook.close()
            for number, (name, table) in enumerate(tables.items()):
                more = f"_{name}" if number else ""
                self.outputs |= {what + more: path for what, path in table.close().items()}
            self.outputs |= {"workbook": made_of_errors} if made_of_errors else {}
        if self.count.rows != rows:
            raise InternalError(f"{rows} rows were read but {self.count.rows} are accounted for")

    def _decided(
        self,
        cells: pl.DataFrame,
        checked: pl.DataFrame | None,
        results: ResultLog,
        twins: pl.DataFrame,
        tables: Iterable[TableWriter],
    ) -> _Decided:
        """Return everything that is written of a batch. Several batches are worked on at once."""
        low, high = (cells["row"][0], cells["row"][-1]) if cells.height else (0, 0)
        near = twins.filter((pl.col("row") >= low) & (pl.col("row") <= high))
        decided = decide(cells, results.between(low, high), near, self._rules.offered, self._rules.stopped)
        if decided.height != cells.height:
            raise InternalError(f"rows {low} to {high}: some have more than one result")
        skipped = checks = pl.DataFrame(schema=RENDERED_SCHEMA)
        if checked is not None:
            found = render_problems(checked)
            skipped, checks = found.filter(pl.col("severity") == SKIPPED), found.filter(pl.col("severity") != SKIPPED)
        sent = result_problems(decided, cells, self._origins, duplicates=self._rules.duplicates_are_errors)
        problems = (
            pl.concat([checks, sent]).sort("row", maintain_order=True) if checks.height or sent.height else checks
        )
        decided = _with_reasons(_with_skipped(decided, skipped), checks)
        wanted = [str(status) for status in NEEDS_REVIEW]
        wanted += [str(Status.DUPLICATE)] if self._rules.duplicates_are_errors else []
        need = cells.filter(decided["status"].is_in(wanted) | decided["code"].is_in(STEPS_TO_CORRECT))
        why = problems.filter(pl.col("row").is_in(need["row"].implode()))
        result, errors = result_frame(decided, cells, self._listed.cells), errors_frame(problems)
        counted = pl.concat([problems, skipped]) if skipped.height else problems
        made = [table.prepare(result, errors) for table in tables]
        return _Decided(decided, counted, (need, why), made, self._contacts(decided, cells))

    def _contacts(self, decided: pl.DataFrame, cells: pl.DataFrame) -> dict[int, str]:
        """Return the names and e-mail addresses of the uncertain rows."""
        uncertain = cells.filter(decided["status"] == str(Status.UNCERTAIN)).head(MOST_UNCERTAIN_ROWS)
        if not uncertain.height:
            return {}
        named = [path for path in self._origins if names_contact(path)]
        shown = [cell for path in named for _, cell in self._origins[path].columns[:1] if cell in cells.columns]
        return {
            row: " ".join(text.strip() for text in texts if text)
            for row, *texts in uncertain.select("row", *dict.fromkeys(shown)).iter_rows()
        }


def _add(tables: Iterable[TableWriter], made: Iterable[Frames]) -> None:
    for table, part in zip(tables, made, strict=True):
        table.append(part)


def _no_rows(cells: Sequence[str]) -> pl.DataFrame:
    """Return a batch without rows, so that reports of a file without rows have columns, too."""
    return pl.DataFrame(schema={"row": pl.UInt32, **dict.fromkeys(cells, pl.String), "valid": pl.Boolean})


def _with_skipped(decided: pl.DataFrame, skipped: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the status and the reason of those that are no records."""
    if not skipped.height:
        return decided
    reasons = skipped.unique("row", keep="first").select("row", _code="code", _message="message")
    joined = decided.join(reasons, on="row", how="left", maintain_order="left")
    is_skipped = pl.col("_code").is_not_null()
    return joined.with_columns(
        status=pl.when(is_skipped).then(pl.lit(str(Status.SKIPPED))).otherwise("status"),
        code=pl.coalesce("_code", "code"),
        message=pl.coalesce("_message", "message"),
    ).drop("_code", "_message")


def _with_reasons(decided: pl.DataFrame, checks: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with the reasons of the invalid ones, for result.csv."""
    bad = checks.filter(pl.col("severity") == "error")
    if not bad.height:
        return decided
    name = pl.when(pl.col("column") != "").then(pl.col("column")).otherwise(pl.col("field"))
    shown = pl.col("value").str.slice(0, LONGEST_QUOTE)
    quoted = pl.when(pl.col("value") != "").then(pl.format('"{}" ', shown)).otherwise(pl.lit(""))
    quoted_problems = bad.with_columns(
        reason=pl.when(name != "").then(pl.format("{}: {}{}", name, quoted, pl.col("message"))).otherwise("message")
    )
    reasons = quoted_problems.group_by("row", maintain_order=True).agg(
        pl.col("reason").str.join("; "), pl.col("code").first().alias("reason_code")
    )
    return (
        decided.join(reasons, on="row", how="left", maintain_order="left")
        .with_columns(code=pl.coalesce("reason_code", "code"), message=pl.coalesce("reason", "message"))
        .drop("reason", "reason_code")
    )
