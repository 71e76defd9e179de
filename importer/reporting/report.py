"""Goes through the rows of a run once, in order, and writes every report from the same pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from importer.errors import InternalError
from importer.journal.results import ResultLog
from importer.journal.spool import Spool
from importer.origins import Origin
from importer.records import NEEDS_A_PERSON, PROBLEM_COLUMNS, Example, InDoubt, Status
from importer.reporting.csv_files import RESULT_COLUMNS, CsvFile, errors_frame, result_frame
from importer.reporting.decide import PROBLEMS, decide, result_problems
from importer.reporting.workbook import ErrorsWorkbook, Known

LONGEST_QUOTE = 60
MOST_IN_DOUBT = 1000


@dataclass(frozen=True, slots=True)
class Rules:
    """What depends on the run: a row's status when nothing is known of it, how duplicates count, what is known."""

    offered: Status
    duplicates_are_errors: bool
    known: Known


class Reporter:
    """Writes result.csv, errors.csv and errors.xlsx into a folder, and counts on the way."""

    def __init__(self, folder: Path, columns: Sequence[str], origins: Mapping[str, Origin], rules: Rules) -> None:
        own = [index for index, name in enumerate(columns) if not name.strip().lower().startswith("import_")]
        self._cells = [f"c{index}" for index in own]
        self._headers = [columns[index] for index in own]
        self._origins = origins
        self._rules = rules
        self._folder = folder
        self.counts: Counter[Status] = Counter()
        self.problems: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self.outputs: dict[str, Path] = {}
        self.in_doubt: list[InDoubt] = []
        self._examples: dict[tuple[str, str, str], Example] = {}

    def write(self, spool: Spool, results: ResultLog, twins: pl.DataFrame, rows: int) -> None:
        """Write all reports. Raises InternalError when a row is in no status, or in two."""
        result = CsvFile(self._folder / "result.csv", [*RESULT_COLUMNS, *self._headers])
        errors = CsvFile(self._folder / "errors.csv", PROBLEM_COLUMNS)
        workbook = ErrorsWorkbook(self._folder / "errors.xlsx", self._headers, self._rules.known)
        for cells, checked in spool.batches():
            if cells.height:
                self._batch(cells, checked, results, twins, (result, errors, workbook))
        result.close()
        errors.close()
        made = workbook.close()
        self.outputs |= {"result": self._folder / "result.csv", "errors": self._folder / "errors.csv"}
        self.outputs |= {"workbook": made} if made else {}
        if sum(self.counts.values()) != rows:
            raise InternalError(f"{rows} rows were read but {sum(self.counts.values())} are accounted for")

    def examples(self) -> tuple[Example, ...]:
        """The kinds of problem, the most frequent first."""
        return tuple(sorted(self._examples.values(), key=lambda example: (example.severity, -example.count)))

    def _batch(
        self,
        cells: pl.DataFrame,
        checked: pl.DataFrame | None,
        results: ResultLog,
        twins: pl.DataFrame,
        sinks: tuple[CsvFile, CsvFile, ErrorsWorkbook],
    ) -> None:
        result, errors, workbook = sinks
        low, high = cells["row"][0], cells["row"][-1]
        near = twins.filter((pl.col("row") >= low) & (pl.col("row") <= high))
        decided = decide(cells, results.between(low, high), near, self._rules.offered)
        if decided.height != cells.height:
            raise InternalError(f"rows {low} to {high}: some have more than one result")
        checks = pl.DataFrame(schema=PROBLEMS) if checked is None else checked
        sent = result_problems(decided, cells, self._origins, duplicates=self._rules.duplicates_are_errors)
        problems = pl.concat([checks, sent]).sort("row", maintain_order=True)
        decided = _with_words(decided, checks)
        result.add(result_frame(decided, cells, self._cells))
        errors.add(errors_frame(problems))
        for status, count in decided["status"].value_counts().iter_rows():
            self.counts[Status(status)] += count
        wanted = [str(status) for status in NEEDS_A_PERSON]
        wanted += [str(Status.DUPLICATE)] if self._rules.duplicates_are_errors else []
        need = decided.filter(pl.col("status").is_in(wanted))["row"].implode()
        workbook.add(cells.filter(pl.col("row").is_in(need)), problems.filter(pl.col("row").is_in(need)), self._cells)
        self._count(problems)
        self._note_doubts(decided)

    def _note_doubts(self, decided: pl.DataFrame) -> None:
        uncertain = decided.filter(pl.col("status") == str(Status.UNCERTAIN)).head(MOST_IN_DOUBT - len(self.in_doubt))
        known = uncertain.select("row", "sent_at", pl.col("attempts").fill_null(0), "http_status", "message")
        self.in_doubt += [InDoubt(*entry) for entry in known.iter_rows()]

    def _count(self, problems: pl.DataFrame) -> None:
        first = ("row", "column", "value", "message")
        grouped = problems.group_by("severity", "code", "field", maintain_order=True).agg(
            pl.len().alias("count"), *(pl.col(name).first() for name in first)
        )
        for entry in grouped.iter_rows(named=True):
            (self.problems if entry["severity"] == "error" else self.warnings)[entry["code"]] += entry["count"]
            key = (entry["severity"], entry["code"], entry["field"])
            known = self._examples.get(key)
            self._examples[key] = replace(known, count=known.count + entry["count"]) if known else Example(**entry)


def _with_words(decided: pl.DataFrame, checks: pl.DataFrame) -> pl.DataFrame:
    """Invalid rows say why, in result.csv too."""
    bad = checks.filter(pl.col("severity") == "error")
    if not bad.height:
        return decided
    name = pl.when(pl.col("column") != "").then(pl.col("column")).otherwise(pl.col("field"))
    shown = pl.col("value").str.slice(0, LONGEST_QUOTE)
    quoted = pl.when(pl.col("value") != "").then(pl.format('"{}" ', shown)).otherwise(pl.lit(""))
    said = bad.with_columns(
        said=pl.when(name != "").then(pl.format("{}: {}{}", name, quoted, pl.col("message"))).otherwise("message")
    )
    words = said.group_by("row", maintain_order=True).agg(
        pl.col("said").str.join("; "), pl.col("code").first().alias("why")
    )
    return (
        decided.join(words, on="row", how="left")
        .with_columns(code=pl.coalesce("why", "code"), message=pl.coalesce("said", "message"))
        .drop("said", "why")
        .sort("row")
    )
