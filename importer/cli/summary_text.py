"""Render the summary of a run for a terminal."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from importer.cli.output import echo, echo_json, link, one_line, style
from importer.model.problem import SKIPPED
from importer.model.status import Status
from importer.model.summary import Example, Summary
from importer.reporting import summary_json
from importer.reporting.advice import next_steps, verdict
from importer.reporting.request_body import pretty_body
from importer.reporting.shared_values import name_rows

MAX_EXAMPLES = 8
MAX_CHANGES, MAX_FIELDS = 15, 12
MAX_UNCERTAIN_ROWS = 20
MAX_LINE_CHARS = 200
MAX_VALUE_CHARS = 40
MAX_COLUMNS_NAMED = 20
SEVERITIES = (
    ("error", "Problems"),
    ("warning", "Warnings (these rows are sent)"),
    (SKIPPED, "Skipped (these rows are not sent)"),
)


def print_summary(summary: Summary, chosen: dict[str, Any]) -> None:
    """Print the summary as JSON, as text or not at all, by the options."""
    if chosen["as_json"]:
        echo_json(summary_json(summary))
    elif not chosen["quiet"]:
        echo(summary_text(summary))


def summary_text(summary: Summary) -> str:
    """Return one sentence, the counts by status, the most frequent problems, the files, and the next steps."""
    name = Path(summary.input["path"]).name
    to = summary.target.partition("#")[0] if summary.target else "a check: nothing was sent"
    to = f"{to}, a practice copy: nothing reached the vendor" if summary.practice else to
    lines = [
        style(verdict(summary), "bold"),
        "",
        one_line(f"{name} → {summary.vendor} {summary.operation} ({to})"),
        f"run {summary.run}: {summary.rows:,} rows, {_describe_reading(summary.input)}",
        "",
    ]
    for status, count in summary.counts.items():
        if count:
            colour = "green" if status.info.is_good else None
            lines.append(f"  {style(f'{count:>9,}  {status:<14}', colour)} {status.info.meaning}")
    if not summary.rows:
        lines.append("  the file has no rows below its header")
    lines += _comparison(summary)
    if summary.stopped:
        lines += ["", style(f"Stopped early: {summary.stopped}", "red")]
    lines += problem_lines(summary)
    lines += _questions(summary)
    lines += _uncertain_rows(summary)
    if summary.changed:
        lines += ["", "Cleaned (result.csv keeps the file's own text; --no-clean sends that):"]
        lines += [one_line(f"  {entry}") for entry in summary.changed]
    lines += _bodies(summary)
    if summary.unused_columns:
        lines += ["", _unused_columns(summary.unused_columns)]
    if summary.outputs:
        lines += ["", "Files:", *(f"  {link(path)}" for path in dict.fromkeys(summary.outputs.values()))]
    lines += ["", *next_steps(summary)]
    return "\n".join(lines)


def _comparison(summary: Summary) -> list[str]:
    """List the differences from what the vendor has: counts, fields, and the first values."""
    found = summary.comparison
    if found is None:
        return []
    lines = ["", f"Compared with {summary.title}: {len(found.contacts):,} of {found.rows:,} rows were looked up"]
    lines += [
        f"  {count:>9,}  {difference:<14} {difference.meaning}" for difference, count in found.counts.items() if count
    ]
    if not found.changes:
        return lines
    fields = ", ".join(f"{name} ({count:,})" for name, count in itertools.islice(found.fields.items(), MAX_FIELDS))
    lines += ["", one_line(f"Fields that differ: {fields}{' …' if len(found.fields) > MAX_FIELDS else ''}")]
    lines += [
        one_line(f"  row {change.row:<7,} {change.field:<20} {change.old_text} → {change.new}")
        for change in found.changes[:MAX_CHANGES]
    ]
    more = len(found.changes) - MAX_CHANGES
    return [*lines, f"  … and {more:,} more; changes.xlsx has them all"] if more > 0 else lines


def _describe_reading(facts: Mapping[str, Any]) -> str:
    if facts["sheet"]:
        return f"from the sheet {facts['sheet']!r}"
    if facts["delimiter"] is None:
        return f"read as {facts['encoding']}"
    separated = {"\t": "tabs"}.get(facts["delimiter"], repr(facts["delimiter"]))
    return f"read as {facts['encoding']}, cells separated by {separated}"


def problem_lines(summary: Summary) -> list[str]:
    """Return a line for each kind of problem, with the first row that has it."""
    return [line for severity, title in SEVERITIES for line in _problems(summary, severity, title)]


def _problems(summary: Summary, severity: str, title: str) -> list[str]:
    examples = [example for example in summary.examples if example.severity == severity]
    if not examples:
        return []
    lines = ["", f"{title}:"]
    lines += [line for example in examples[:MAX_EXAMPLES] for line in _problem(example)]
    if len(examples) > MAX_EXAMPLES:
        lines.append(f"  … and {len(examples) - MAX_EXAMPLES} more kinds; errors.csv has them all")
    return lines


def _problem(example: Example) -> list[str]:
    """Return a line for each text that many cells share, and one for the others."""
    name = example.column or example.field
    column = f"{name}: " if name else ""
    lines = [
        (entry.count, f"{column}{_quote(entry.value)}{entry.message}; {name_rows(entry.rows, entry.count)}")
        for entry in example.shared
    ]
    left = example.count - sum(entry.count for entry in example.shared)
    if left:
        row, value, message = example.others[0] if example.others else example.samples[0]
        place = f"row {row}, {name}" if name else f"row {row}"
        lines.append((left, f"{'such as ' if left > 1 else ''}{place}: {_quote(value)}{message}"))
    return [one_line(f"  {count:>7,} × {example.code:<20} {text}") for count, text in lines]


def _quote(value: str) -> str:
    return f'"{value[:MAX_VALUE_CHARS]}" ' if value else ""


def _unused_columns(columns: Sequence[str]) -> str:
    named = ", ".join(repr(column) for column in columns[:MAX_COLUMNS_NAMED])
    more = len(columns) - MAX_COLUMNS_NAMED
    return f"Columns not imported: {named}{f' and {more:,} more; report.html has them all' if more > 0 else ''}"


def _questions(summary: Summary) -> list[str]:
    """List the questions that nobody answered, each with what would."""
    texts = [question.text for question in summary.questions if question.text]
    return (
        ["", "Questions that are open (an answer holds for all their rows):", *(f"  {text}" for text in texts)]
        if (texts)
        else []
    )


def _bodies(summary: Summary) -> list[str]:
    """List the first requests that a run would send."""
    lines = []
    for row, request, body in summary.bodies:
        lines += [
            "",
            f"Row {row} would be sent as {request}:",
            *(f"  {_shorten(line)}" for line in pretty_body(body).splitlines()),
        ]
    return lines


def _shorten(line: str) -> str:
    return line if len(line) <= MAX_LINE_CHARS else line[: MAX_LINE_CHARS - 1] + "…"


def _uncertain_rows(summary: Summary) -> list[str]:
    """List the uncertain rows, with the facts known about each."""
    if not summary.uncertain_rows:
        return []
    lines = ["", "Uncertain rows, each of which may or may not have been applied:"]
    for entry in summary.uncertain_rows[:MAX_UNCERTAIN_ROWS]:
        when = (
            "" if entry.sent_at is None else f"{datetime.fromtimestamp(entry.sent_at, tz=UTC):%Y-%m-%d %H:%M:%S} UTC, "
        )
        status = f"status line {entry.http_status} seen" if entry.http_status else "no status line seen"
        contact = f" ({entry.contact})" if entry.contact else ""
        lines.append(one_line(f"  row {entry.row}{contact}: {when}attempt {entry.attempts}, {status}; {entry.message}"))
    more = summary.counts.get(Status.UNCERTAIN, 0) - MAX_UNCERTAIN_ROWS
    return [*lines, f"  … and {more:,} more; errors.csv has them all"] if more > 0 else lines
