"""Turn a file into a spool of checked rows: the first half of the pipeline, shared by a check and a run.

Measured and rejected: batches of 50,000 rows (a quarter slower) or 200,000 (no quicker, 70 MB more); checking the first
batch beside the second; a shorter switch interval.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from importer.checking import Checker, find_repeated_headers
from importer.drafts.corrections import apply_corrections
from importer.errors import FileError, SettingsError, UndecidedEncodingError
from importer.mapping import (
    ColumnProfile,
    Mapping,
    MatchEvidence,
    draft_mapping,
    reject_missing_header,
    reject_no_fields,
    render_mapping_file,
    render_saved_mapping,
)
from importer.model.problem_frame import render_problems
from importer.model.table import Batch, Table
from importer.observer import Observer
from importer.parallel import map_ordered
from importer.questions import (
    OpenQuestion,
    QuestionCollector,
    Unanswered,
    UnansweredQuestionsError,
    encoding,
    find_given_answers,
    find_unmapped_fields,
    is_answered,
    no_record,
    saved_mapping,
    sheet,
)
from importer.reading import ReadOptions, Source
from importer.reimport import FOREIGN_PLAN, OriginalRows, restore_rows
from importer.run_store.spool import Spool
from importer.runs.answering import adopt_mapping_options
from importer.runs.context import RunContext
from importer.runs.file_settings import with_file_keys
from importer.runs.mapping_index import find_saved_mapping
from importer.runs.mapping_view import view_mapping
from importer.runs.prepared import Prepared
from importer.runs.row_filters import CheckedBatch, RowFilters, join_short_batches, keep_records
from importer.runs.row_selection import RowSelection
from importer.runs.suppression import Suppression, read_suppression_list
from importer.runs.transform import READING_HINTS, RowTransformer, reject_wrong_hints
from importer.runs.whole_file_checks import flag_shared_contacts, shared_keys
from importer.settings import AnsweredQuestion, Settings
from schemas.contract import Operation, Vendor
from schemas.slow_patterns import SlowPatternError

FEWEST_QUOTED_LINES = 2
_UNKNOWN_RUN = "a run that is not known here, so that its columns are found anew"


def prepare(source: Source, context: RunContext, spool: Spool, observer: Observer) -> Prepared:
    """Read, map, clean and check a source, batch by batch, into the spool. Raises SetupError.

    That includes UnansweredQuestionsError, with every question that is known of the file.
    """
    try:
        return _prepare(source, context, spool, observer)
    except UndecidedEncodingError as error:
        question = encoding.ask(error)
        likely = replace(context, settings=replace(context.settings, encoding=question.proposal))
        raise UnansweredQuestionsError([question, *_find_first_questions(source, likely)]) from error


def _prepare(source: Source, context: RunContext, spool: Spool, observer: Observer) -> Prepared:
    begun = time.perf_counter()
    operation = context.operation
    table, original, settings = open_table(source, context)
    batches = table.batches()
    first = next(batches, None)
    is_whole = original is None or (context.reimport is not None and context.reimport.has_every_row)
    selection = RowSelection.of(settings, table.columns, is_whole=is_whole)
    if original is None and context.settings.mapping is None:
        _offer_saved_mapping(context, table, observer)
    if original is None:
        _ask_for_sheet(table, operation, settings, observer)
    profile = evidence_of(first, table.columns, selection)
    of_run = original.mapping(operation, settings) if original else None
    mapping = of_run or _match_columns(table, first, profile, operation, settings)
    observer.on_stage("reading and checking")
    reject_wrong_hints(mapping, settings)
    checker = Checker(operation, mapping.fields, mapping.field_sources(), strict=settings.strict)
    lists = [read_suppression_list(Path(path), settings.region) for path in settings.suppress]
    suppression = Suppression(lists, mapping, settings.region)
    filters = RowFilters(table, mapping, operation, first, selection)
    transformer = RowTransformer(filters.records_of(table), mapping, operation, settings)
    transformer.orders.update({**dict(settings.date_orders), **(original.date_orders if original else {})})
    transformer.asks_of_columns = original is None  # of a report's few rows nothing is asked twice
    evidence = MatchEvidence(mapping, operation, settings, from_run=of_run is not None)
    observer.on_mapping(view_mapping(mapping, evidence, profile, transformer))
    _note_findings(original, table, mapping, observer)
    _check_constants(checker, mapping, transformer)
    spool.set_keys(shared_keys(mapping), [field.path for field in mapping.fields if field.step])
    reading = _Timed(itertools.chain([] if first is None else [first], batches), time.perf_counter() - begun)
    checked = _check_batches(join_short_batches(reading), filters, suppression, transformer, checker, settings)
    collector = QuestionCollector(mapping)
    rows, invalid, skipped, last = _spool_batches(checked, transformer, collector, spool, observer)
    shared = flag_shared_contacts(spool, mapping, settings, collector)
    invalid, skipped = invalid + shared[0], skipped + shared[1]
    for count, example in shared[2]:
        transformer.count_merged(count, example)
    questions = _find_questions(collector, settings, observer) if original is None else ()
    if original is None and (of_sheets := _find_sheet_question(table, operation, settings)):
        questions = (of_sheets, *questions)
    return Prepared(
        facts=table.facts,
        mapping=mapping,
        rows=rows,
        invalid=invalid,
        changes=dict(transformer.changes),
        changed=transformer.changed,
        orders=transformer.orders,
        hints={name: getattr(settings, name) for name in READING_HINTS},
        last=last,
        seconds={"read": reading.seconds, "check": time.perf_counter() - begun - reading.seconds},
        skipped=skipped,
        original=original.file if original else None,
        questions=(*settings.asked, *map(_leave_open, questions)),
        mapping_file=_mapping_file(mapping, profile, context, table),
    )


def _offer_saved_mapping(context: RunContext, table: Table, observer: Observer) -> None:
    """Note a mapping file that was saved for these columns. Raises UnansweredQuestionsError to ask for it."""
    path = find_saved_mapping(context, table.columns)
    if path is None:
        return
    question = saved_mapping.ask(path)
    if is_answered(question, context.settings):
        return
    if observer.can_answer or any(find_given_answers([question], context.settings)):
        raise UnansweredQuestionsError([question])
    observer.on_note(question.text)


def _match_columns(
    table: Table, first: Batch | None, evidence: ColumnProfile, operation: Operation, settings: Settings
) -> Mapping:
    """Return a mapping that a run can use. Raises UnansweredQuestionsError with all that must be answered."""
    reject_missing_header(table.columns, operation)
    _reject_quoted_lines(table, first)
    mapping = draft_mapping(table.columns, operation, settings, evidence)
    questions = list(find_unmapped_fields(mapping))
    if not questions:
        reject_no_fields(mapping, operation)
        return mapping
    raise UnansweredQuestionsError([*questions, *_ask_of_values(table, first, mapping, operation, settings)])


def _reject_quoted_lines(table: Table, first: Batch | None) -> None:
    """Raise FileError where each line is one cell, because a program has put quotes around whole lines."""
    delimiter = table.facts.delimiter
    if first is None or not delimiter or first.frame.height < FEWEST_QUOTED_LINES or len(table.columns) < 2:
        return
    lines = first.frame["c0"]
    others = first.frame.select(pl.exclude("row", "c0"))
    if lines.str.contains(delimiter, literal=True).fill_null(value=False).all() and all(
        column.null_count() == column.len() for column in others
    ):
        raise FileError(
            f"every row is one cell with {delimiter!r} in it: there are quotes around whole lines. Remove the quotes "
            "around the lines, or save the file as CSV again"
        )


def _find_first_questions(source: Source, context: RunContext) -> list[OpenQuestion]:
    """Return the questions that the columns and the first rows of a source show."""
    table, original, settings = open_table(source, context)
    if original is not None:
        return []
    first = next(table.batches(), None)
    selection = RowSelection.of(settings, table.columns, is_whole=True)
    mapping = draft_mapping(table.columns, context.operation, settings, evidence_of(first, table.columns, selection))
    return [*find_unmapped_fields(mapping), *_ask_of_values(table, first, mapping, context.operation, settings)]


def _ask_of_values(
    table: Table, first: Batch | None, mapping: Mapping, operation: Operation, settings: Settings
) -> list[OpenQuestion]:
    """Return what the values of the first rows ask, if the proposed mapping is right: all is answered in one go."""
    if first is None:
        return []
    transformer = RowTransformer(table, mapping.with_proposals(operation, by_values=True), operation, settings)
    transformer.count(transformer.fields(first))
    return list(transformer.questions.values())


def _find_sheet_question(table: Table, operation: Operation, settings: Settings) -> OpenQuestion | None:
    facts = table.facts
    if len(facts.sheets) < 2 or facts.sheet is None or settings.sheet is not None:
        return None
    return sheet.ask(facts.sheet, facts.sheets, operation)


def _ask_for_sheet(table: Table, operation: Operation, settings: Settings, observer: Observer) -> None:
    """Raise UnansweredQuestionsError where another sheet fits better, or somebody can say which one it is."""
    question = _find_sheet_question(table, operation, settings)
    if question is None:
        return
    is_needed = question.unanswered is Unanswered.STOP
    if is_needed or observer.can_answer or any(find_given_answers([question], settings)):
        raise UnansweredQuestionsError([question])


def _find_questions(collector: QuestionCollector, settings: Settings, observer: Observer) -> tuple[OpenQuestion, ...]:
    """Return what the check asks. Raises UnansweredQuestionsError where somebody, or a proposal, can answer it."""
    questions = collector.questions(settings)
    proposed = [each for each in questions if each.has_proposal and each.unanswered is Unanswered.HOLD]
    if settings.accept_proposals and proposed:
        raise UnansweredQuestionsError(proposed)
    if questions and (observer.can_answer or any(find_given_answers(questions, settings))):
        raise UnansweredQuestionsError(questions)
    observer.on_open_questions(questions)
    return questions


def _leave_open(question: OpenQuestion) -> AnsweredQuestion:
    return AnsweredQuestion(question.kind, question.subject, question.rows, None, "nobody", question.text)


def _mapping_file(mapping: Mapping, evidence: ColumnProfile, context: RunContext, table: Table) -> str:
    """Return the mapping file to save, with every answer in it; blank where none is asked for."""
    if context.settings.save_mapping is None:
        return ""
    file = Path(table.facts.path).name
    return render_saved_mapping(
        mapping, context.operation, evidence, context.vendor.title, file, adopt_mapping_options(context.settings)
    )


def _note_findings(original: OriginalRows | None, table: Table, mapping: Mapping, observer: Observer) -> None:
    """Pass on the notes of reading and mapping, before the first row is checked."""
    if original is not None:
        how = (
            f"run {original.run}"
            if original.run
            else "a run that is not known here, so that its columns are found anew"
        )
        observer.on_note(f"this is a report of {how}: its rows keep the numbers that they had there")
    for note in (*table.facts.notes, *mapping.notes):
        observer.on_note(note)


class _Timed:
    """An iterator over the batches that are not empty. ``seconds`` adds up the time that reading takes."""

    def __init__(self, batches: Iterator[Batch], seconds: float) -> None:
        self._batches = batches
        self.seconds = seconds

    def __iter__(self) -> Iterator[Batch]:
        while True:
            begun = time.perf_counter()
            batch = next(self._batches, None)
            self.seconds += time.perf_counter() - begun
            if batch is None:
                return
            if batch.frame.height:
                yield batch


def _check_batches(
    batches: Iterable[tuple[Batch, bool]],
    filters: RowFilters,
    suppression: Suppression,
    transformer: RowTransformer,
    checker: Checker,
    settings: Settings,
) -> Generator[CheckedBatch]:
    """Yield every batch with its fields and its problems, in order."""

    def check(item: tuple[Batch, bool]) -> CheckedBatch:
        batch, is_end = item
        found = no_record.apply(filters.find(batch.frame, is_end=is_end), settings)
        records = keep_records(batch, found)
        cleaned = transformer.fields(records)
        found = pl.concat([found, suppression.find(cleaned.frame, records.frame)])
        judged = records if cleaned.cells is None else Batch(cleaned.cells, records.findings)
        try:
            checked = checker.check(cleaned.frame, judged, cleaned.remarks, cleaned.unusual)
        except SlowPatternError as error:
            raise SettingsError(f"--vendor: {error}") from error
        unidentified = filters.unidentified.find(cleaned.frame, judged.frame)
        return CheckedBatch.of(batch, cleaned, checked, found, unidentified)

    # Two batches at once: most calls of polars concern one column and use one core. Not more, because each holds a
    # batch in memory. The first batch goes alone, because the checker learns from it what holds for all.
    return map_ordered(check, batches, alone=lambda: not checker.has_learnt)


def _spool_batches(
    batches: Generator[CheckedBatch],
    transformer: RowTransformer,
    collector: QuestionCollector,
    spool: Spool,
    observer: Observer,
) -> tuple[int, int, int, int]:
    """Write checked batches to the spool. Return how many rows, invalid and skipped ones, and the last one's number."""
    rows = invalid = skipped = last = 0
    with spool, contextlib.closing(batches):
        for batch in batches:
            transformer.count(batch.cleaned)
            transformer.reject_questions()
            collector.add_problems(batch.problems)
            collector.add_fields(batch.cleaned.frame)
            spool.add(batch.cells, batch.fields, pl.concat([batch.invalid, batch.skipped]), batch.problems)
            rows, last = rows + batch.cells.height, batch.cells["row"][-1]
            invalid, skipped = invalid + batch.invalid.len(), skipped + batch.skipped.len()
            observer.on_rows_checked(rows, invalid)
    return rows, invalid, skipped, last


def open_table(source: Source, context: RunContext) -> tuple[Table, OriginalRows | None, Settings]:
    """Open a source as the table to import, with the original rows of a report and the settings of its run.

    The user's corrections and limit are applied. Raises FileError.
    """
    settings, reimport = adopt_mapping_options(context.settings), context.reimport
    table = source.open(reimport.read_options(settings) if reimport else ReadOptions.of(settings))
    if reimport is not None and reimport.is_foreign:
        table = replace(table, facts=replace(table.facts, notes=(FOREIGN_PLAN, *table.facts.notes)))
    original = restore_rows(table, reimport, context.operation, settings)
    if original is not None:
        table, settings = original.table, original.settings(settings)
    # A trial import of the first rows reports on these alone, so that it can succeed.
    return _limited(apply_corrections(table, settings.corrections), settings.limit), original, settings


def draft_mapping_file(source: Source, settings: Settings, vendor: Vendor, operation: Operation) -> str:
    """Return the proposed mapping of a source, as the text of a mapping file. Raises SetupError."""
    settings = with_file_keys(settings)
    table = source.open(ReadOptions.of(settings))
    first = next(table.batches(), None)
    evidence = evidence_of(first, table.columns, RowSelection.of(settings, table.columns, is_whole=True))
    mapping = draft_mapping(table.columns, operation, settings, evidence)
    mapping = mapping.with_proposals(operation, by_values=False)
    return render_mapping_file(mapping, operation, evidence, vendor.title, source.ref.name)


def evidence_of(first: Batch | None, columns: Sequence[str], selection: RowSelection) -> ColumnProfile:
    """Return the profile of the columns from the selected rows of the first batch."""
    if first is None:
        return ColumnProfile()
    frame = selection.in_ranges(first.frame)
    repeated = find_repeated_headers(frame, columns)
    return ColumnProfile(frame.filter(~pl.col("row").is_in(repeated.implode())) if repeated.len() else frame)


def _limited(table: Table, limit: int | None) -> Table:
    """Return the table cut after ``limit`` rows that are not blank.

    The reports cover those rows only, so that a trial import can end with exit code 0.
    """
    if limit is None:
        return table

    def batches() -> Iterator[Batch]:
        left = limit
        for batch in table.batches():
            frame = batch.frame.head(left)
            yield Batch(frame, batch.findings)
            left -= frame.height
            if left <= 0:
                return

    return replace(table, batches=batches)


def _check_constants(checker: Checker, mapping: Mapping, transformer: RowTransformer) -> None:
    """Raise SettingsError for a constant that breaks the contract: it would do so in every row."""
    constants = {feed.field.path for feed in mapping.field_mappings if feed.column is None}
    if not constants:
        return
    width = len(mapping.columns)
    cells: dict[str, Any] = {"row": [0], **{f"c{index}": [None] for index in range(width)}}
    frame = pl.DataFrame(cells, schema={"row": pl.UInt32, **{f"c{index}": pl.String for index in range(width)}})
    cleaned = transformer.fields(Batch(frame))
    for problem in render_problems(checker.check(cleaned.frame, Batch(frame), cleaned.remarks).problems).iter_rows(
        named=True
    ):
        if problem["field"] in constants and problem["severity"] == "error":
            raise SettingsError(f"--set {problem['field']}={problem['value']}: {problem['message']}; {problem['hint']}")
