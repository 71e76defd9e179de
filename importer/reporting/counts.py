"""Counts of a run: rows by status, problems by kind with examples, uncertain rows, and rows sent in each second.

Seconds are those of the rows' own times, which the journal keeps however the run ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from importer.model.problem import SKIPPED
from importer.model.status import Status
from importer.model.summary import Example, SentRows, UncertainRow
from importer.reporting.shared_values import SharedValues

MOST_UNCERTAIN_ROWS = 1000
MOST_SAMPLES = 3


class RunCounts:
    """The counts of a run, added batch by batch."""

    def __init__(self) -> None:
        self.statuses: Counter[Status] = Counter()
        self.problems: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.uncertain_rows: list[UncertainRow] = []
        self._examples: dict[tuple[str, str, str], Example] = {}
        self._shared = SharedValues()
        self._seconds: dict[int, Counter[str]] = {}

    @property
    def rows(self) -> int:
        """The number of rows of all statuses."""
        return sum(self.statuses.values())

    def examples(self) -> tuple[Example, ...]:
        """Return the kinds of problem, errors before warnings and the most frequent first."""
        ranked = self._shared.ranked()
        found = []
        for kind, example in self._examples.items():
            shared, others = ranked.get(kind, ((), example.samples))
            found.append(replace(example, shared=shared, others=others))
        return tuple(sorted(found, key=lambda example: (example.severity, -example.count)))

    def sent(self) -> tuple[SentRows, ...]:
        """Return how many rows were sent in each second, and how they ended."""
        return tuple(SentRows(second, **self._seconds[second]) for second in sorted(self._seconds))

    def add(self, decided: pl.DataFrame, problems: pl.DataFrame, contacts: Mapping[int, str]) -> None:
        """Add rows with their statuses, their problems, and the contacts of uncertain rows, by row."""
        for status, count in decided["status"].value_counts().iter_rows():
            self.statuses[Status(status)] += count
        self._count_uncertain(decided, contacts)
        self._count_seconds(decided)
        self._count_kinds(problems)

    def _count_uncertain(self, decided: pl.DataFrame, contacts: Mapping[int, str]) -> None:
        uncertain = decided.filter(pl.col("status") == str(Status.UNCERTAIN)).head(
            MOST_UNCERTAIN_ROWS - len(self.uncertain_rows)
        )
        known = uncertain.select(
            "row", "sent_at", pl.col("attempts").fill_null(0), "http_status", "message", pl.col("code").fill_null("")
        )
        self.uncertain_rows += [
            replace(UncertainRow(*entry), contact=contacts.get(entry[0], "")) for entry in known.iter_rows()
        ]

    def _count_seconds(self, decided: pl.DataFrame) -> None:
        """Count the rows that this run sent, and no earlier one, by the second of their last attempt."""
        if decided["sent_at"].null_count() == decided.height:
            return
        sent = decided.filter(pl.col("sent_at").is_not_null() & (pl.col("attempts") > 0))
        seconds = sent.select("status", pl.col("sent_at").floor().cast(pl.Int64))
        for status, second, count in seconds.group_by("status", "sent_at").len().iter_rows():
            if sent_as := Status(status).info.sent_as:
                self._seconds.setdefault(second, Counter())[sent_as] += count

    def _count_kinds(self, problems: pl.DataFrame) -> None:
        self._shared.add(problems)
        first = (pl.col(name).first() for name in ("column", "hint"))
        heads = (pl.col(name).head(MOST_SAMPLES) for name in ("row", "value", "message"))
        grouped = problems.group_by("severity", "code", "field", maintain_order=True)
        for entry in grouped.agg(pl.len().alias("count"), *first, *heads).iter_rows(named=True):
            samples = tuple(zip(entry.pop("row"), entry.pop("value"), entry.pop("message"), strict=True))
            counter = {"error": self.problems, SKIPPED: self.skipped}.get(entry["severity"], self.warnings)
            counter[entry["code"]] += entry["count"]
            key = (entry["severity"], entry["code"], entry["field"])
            known = self._examples.get(key)
            if known is None:
                self._examples[key] = Example(**entry, samples=samples)
            else:
                both = (*known.samples, *samples)[:MOST_SAMPLES]
                self._examples[key] = replace(known, count=known.count + entry["count"], samples=both)
