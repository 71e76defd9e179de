"""Preview a file: its columns, some of their values, and the proposed mapping."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Mapping as ReadOnlyDict
from dataclasses import dataclass
from pathlib import Path

from importer.mapping import (
    ColumnProfile,
    Mapping,
    MatchEvidence,
    apply_choices,
    draft_mapping,
    is_report_column,
    label_columns,
    list_choices,
    reject_missing_header,
    render_mapping_file,
)
from importer.model.mapping_view import MatchedBy
from importer.model.table import FileFacts, column_letters
from importer.reading import Source
from importer.runs.context import RunContext
from importer.runs.prepare import evidence_of, open_table
from importer.runs.row_selection import RowSelection
from schemas.contract import Operation, Vendor


@dataclass(frozen=True, slots=True)
class Column:
    """A column: position, name, letters, a few distinct values, and the field it maps to, if any.

    ``is_certain`` is False where its name does not tell the field: a person should look at it.
    """

    index: int
    name: str
    letters: str
    samples: tuple[str, ...]
    field: str
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Preview:
    """A file before it is checked. Columns that only our own reports have are not included."""

    vendor: Vendor
    operation: Operation
    facts: FileFacts
    mapping: Mapping
    evidence: ColumnProfile
    columns: tuple[Column, ...]

    @property
    def constants(self) -> dict[str, str]:
        """The fields that have the same text in every row, with that text."""
        return {feed.field.path: feed.constant for feed in self.mapping.field_mappings if feed.constant is not None}

    def mapping_file(self, choices: ReadOnlyDict[int, str], constants: ReadOnlyDict[str, str]) -> str:
        """Return the mapping file for these choices of fields by column. Raises MappingError for an unknown field."""
        chosen = list(list_choices(self.mapping))
        for index, path in choices.items():
            if 0 <= index < len(chosen):
                chosen[index] = path
        mapping = apply_choices(self.mapping, self.operation, chosen, constants)
        name = Path(self.facts.path).name
        return render_mapping_file(mapping, self.operation, self.evidence, self.vendor.title, name, decided=True)


def read_preview(source: Source, context: RunContext) -> Preview:
    """Preview a source from its first rows. Raises SetupError when it cannot be read, or its mapping does not fit."""
    vendor, operation = context.vendor, context.operation
    table, original, settings = open_table(source, context)
    selection = RowSelection.of(settings, table.columns, is_whole=original is None)
    evidence = evidence_of(next(table.batches(), None), table.columns, selection)
    reject_missing_header(table.columns, operation)
    mapping = original.mapping(operation, settings) if original else None
    is_from_run = mapping is not None
    # Whoever looks at a preview says yes or no to what is proposed.
    mapping = mapping or draft_mapping(table.columns, operation, settings, evidence).with_proposals(
        operation, by_values=True
    )
    doubtful = _doubtful_columns(mapping, MatchEvidence(mapping, operation, settings, from_run=is_from_run))
    columns = tuple(_columns(table.columns, mapping, evidence, doubtful))
    return Preview(vendor, operation, table.facts, mapping, evidence, columns)


def _doubtful_columns(mapping: Mapping, evidence: MatchEvidence) -> set[int]:
    """Return the columns that are mapped by their values, or to parts of a name, and not by their own name."""
    return {
        index
        for known in mapping.field_mappings
        for index in known.columns
        if evidence.of(known, index) is MatchedBy.VALUES
    }


def _columns(
    names: Sequence[str], mapping: Mapping, evidence: ColumnProfile, doubtful: Collection[int]
) -> list[Column]:
    chosen = list_choices(mapping)
    return [
        Column(
            index, label, column_letters(index), tuple(evidence.examples(index)), chosen[index], index not in doubtful
        )
        for index, label in enumerate(label_columns(names))
        if not is_report_column(names[index])
    ]
