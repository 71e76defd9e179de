"""A first look at a file: its columns, some of their values, and what would feed which field."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from importer.mapping import (
    Evidence,
    Mapping,
    choices_of,
    draft_mapping,
    is_report_column,
    labels,
    mapping_text,
    reject_value_matches,
    with_choices,
)
from importer.model.table import FileFacts, column_letters
from importer.reading import Source
from importer.reimport import Reimport
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
    evidence: Evidence
    columns: tuple[Column, ...]

    @property
    def constants(self) -> dict[str, str]:
        """The fields that have the same text in every row."""
        return {feed.field.path: feed.constant for feed in self.mapping.feeds if feed.constant is not None}

    def mapping_file(self, choices: Lookup[int, str], constants: Lookup[str, str]) -> str:
        """The mapping file of these choices, by column. Raises MappingError for a field that there is not."""
        picked = list(choices_of(self.mapping))
        for index, path in choices.items():
            if 0 <= index < len(picked):
                picked[index] = path
        mapping = with_choices(self.mapping, self.operation, picked, constants)
        name = Path(self.facts.path).name
        return mapping_text(mapping, self.operation, self.evidence, self.vendor.title, name, decided=True)


def preview(
    source: Source, settings: Settings, vendor: Vendor, operation: Operation, reimport: Reimport | None
) -> Preview:
    """Preview a source by its first rows. Raises SetupError if it cannot be read or its mapping file does not fit."""
    table, original, settings = open_table(source, settings, operation, reimport)
    evidence = evidence_of(next(table.batches(), None))
    reject_value_matches(table.columns, operation)
    mapping = original.mapping(operation, settings) if original else None
    mapping = mapping or draft_mapping(table.columns, operation, settings, evidence)
    return Preview(vendor, operation, table.facts, mapping, evidence, tuple(_columns(table.columns, mapping, evidence)))


def _columns(names: Sequence[str], mapping: Mapping, evidence: Evidence) -> list[Column]:
    picked = choices_of(mapping)
    return [
        Column(index, label, column_letters(index), tuple(evidence.examples(index)), picked[index])
        for index, label in enumerate(labels(names))
        if not is_report_column(names[index])
    ]
