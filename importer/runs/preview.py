"""A first look at a file: its columns, some of their values, and what would feed which field."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from importer.mapping import (
    ColumnProfile,
    Mapping,
    apply_choices,
    draft_mapping,
    is_report_column,
    label_columns,
    list_choices,
    reject_missing_header,
    render_mapping_file,
)
from importer.model.table import FileFacts, column_letters
from importer.reimport import reuse_mapping
from importer.runs.prepare import evidence_of, open_table
from importer.settings import Settings
from schemas.contract import Operation, Vendor


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its position, its name and letters, a few different values, and the field that it feeds, if any."""

    index: int
    name: str
    letters: str
    samples: tuple[str, ...]
    field: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person sees of a file before it is checked. Columns of ours, as reports have them, are not among it."""

    vendor: Vendor
    operation: Operation
    facts: FileFacts
    mapping: Mapping
    evidence: ColumnProfile
    columns: tuple[Column, ...]

    @property
    def constants(self) -> dict[str, str]:
        """The fields that have the same text in every row."""
        return {feed.field.path: feed.constant for feed in self.mapping.field_mappings if feed.constant is not None}

    def mapping_file(self, choices: Lookup[int, str], constants: Lookup[str, str]) -> str:
        """The mapping file of these choices, by column. Raises MappingError for a field that there is not."""
        picked = list(list_choices(self.mapping))
        for index, path in choices.items():
            if 0 <= index < len(picked):
                picked[index] = path
        mapping = apply_choices(self.mapping, self.operation, picked, constants)
        name = Path(self.facts.path).name
        return render_mapping_file(mapping, self.operation, self.evidence, self.vendor.title, name, decided=True)


def look(file: Path, settings: Settings, vendor: Vendor, operation: Operation) -> Preview:
    """Look at the first rows of a file. Raises SetupError when it cannot be read, or its mapping file does not fit."""
    table, back, settings = open_table(file, settings, operation)
    evidence = evidence_of(next(table.batches(), None))
    reject_missing_header(table.columns, operation)
    mapping = reuse_mapping(back, operation, settings) if back else None
    mapping = mapping or draft_mapping(table.columns, operation, settings, evidence)
    return Preview(vendor, operation, table.facts, mapping, evidence, tuple(_columns(table.columns, mapping, evidence)))


def _columns(names: Sequence[str], mapping: Mapping, evidence: ColumnProfile) -> list[Column]:
    picked = list_choices(mapping)
    return [
        Column(index, label, column_letters(index), tuple(evidence.examples(index)), picked[index])
        for index, label in enumerate(label_columns(names))
        if not is_report_column(names[index])
    ]
