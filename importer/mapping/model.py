"""The result of matching, as data: for each field the columns, constant or template that its values come from."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from importer.mapping.column_lookup import label_columns
from importer.mapping.condition import Condition
from importer.mapping.file_keys import NO_KEYS, FileKeys
from importer.mapping.name_parts import MiddlePart, NamePart
from importer.mapping.value_steps import NO_STEPS, ValueSteps
from importer.model.provenance import FieldSource
from schemas.contract import Field, FieldType, Limits, Operation


@dataclass(frozen=True, slots=True)
class ValueFormat:
    """The options of a mapping file for reading one field's values. ``format`` is one of ``strftime``."""

    region: str | None = None
    timezone: str | None = None
    format: str | None = None


DEFAULT_FORMAT = ValueFormat()
UTC_FORMAT = ValueFormat(timezone="UTC")


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """The source of one field: columns by position (the first that is not blank), a constant, or a template."""

    field: Field
    columns: tuple[int, ...] = ()
    constant: str | None = None
    default: str | None = None
    template: tuple[str | int, ...] = ()  # texts and column positions; ``columns`` lists these positions too
    values: tuple[tuple[str, str], ...] = ()  # pairs: text of the file, text to send
    otherwise: str | None = None  # sent for texts that ``values`` does not list, and where ``when`` does not hold
    value_format: ValueFormat = DEFAULT_FORMAT
    part: NamePart | None = None  # of the full names in the columns
    separator: str | None = None  # the columns that are not blank are joined with it; None: the first that is not blank
    when: Condition | None = None
    steps: ValueSteps = NO_STEPS
    middle: MiddlePart | None = None  # the part that words in the middle of full names belong to; None: not known

    @property
    def is_composed(self) -> bool:
        """True if every column gives a part of the text, instead of the first that is not blank."""
        return bool(self.template) or self.separator is not None

    @property
    def column(self) -> int | None:
        """The first column; None for a constant."""
        return self.columns[0] if self.columns else None


def field_mapping_to_data(field_mapping: FieldMapping) -> dict[str, Any]:
    """Return a field mapping as JSON can hold it. Stored runs have these keys, so they never change."""
    value_format = field_mapping.value_format
    data = {
        "field": field_mapping.field.path,
        "type": field_mapping.field.type,
        "columns": field_mapping.columns,
        "constant": field_mapping.constant,
        "default": field_mapping.default,
        "template": field_mapping.template,
        "values": field_mapping.values,
        "otherwise": field_mapping.otherwise,
        "form": [value_format.region, value_format.timezone, value_format.format],
    }
    when = field_mapping.when
    added = {
        "part": field_mapping.part,
        "middle": field_mapping.middle,
        "separator": field_mapping.separator,
        "when": None if when is None else [when.text, when.columns],
        "steps": None if field_mapping.steps == NO_STEPS else field_mapping.steps.to_data(),
    }
    return data | {name: value for name, value in added.items() if value is not None}


def field_mapping_from_data(data: dict[str, Any], field: Field) -> FieldMapping:
    """Return the field mapping that ``field_mapping_to_data`` turned into ``data``; ``field`` is its field."""
    return FieldMapping(
        with_type(field, data["type"]),
        tuple(data["columns"]),
        data["constant"],
        data["default"],
        tuple(data["template"]),
        tuple((text, replacement) for text, replacement in data["values"]),
        data["otherwise"],
        ValueFormat(*data["form"]),
        NamePart(data["part"]) if data.get("part") else None,
        data.get("separator"),
        _condition_from_data(data.get("when")),
        ValueSteps.from_data(data["steps"]) if data.get("steps") else NO_STEPS,
        MiddlePart(data["middle"]) if data.get("middle") else None,
    )


def _condition_from_data(data: Sequence[Any] | None) -> Condition | None:
    return Condition(data[0], tuple((name, index) for name, index in data[1])) if data else None


def fold_value(text: str) -> str:
    """Return the key under which ``values`` compares texts that are not exactly equal. Signs and accents count."""
    return unicodedata.normalize("NFC", text).strip().casefold()


def with_type(field: Field, field_type: FieldType) -> Field:
    """Return the field with another type, as a mapping file can give it to a member of an open object."""
    if field_type == field.type:
        return field
    return replace(field, type=field_type, items=field.limits if field_type == "array" else None, limits=Limits())


def sort_field_mappings(found: dict[str, FieldMapping], operation: Operation) -> tuple[FieldMapping, ...]:
    """Return the field mappings in the order of the contract's fields, members of an open object by column."""

    def place(field_mapping: FieldMapping) -> tuple[int, int]:
        path = field_mapping.field.path
        for index, field in enumerate(operation.fields):
            if path == field.path or (field.open and path.startswith(field.path + ".")):
                return index, field_mapping.column if field_mapping.column is not None else -1
        return len(operation.fields), 0

    return tuple(sorted(found.values(), key=place))


@dataclass(frozen=True, slots=True)
class MissingField:
    """A field that must be mapped and is not, and the positions of the columns that might be meant."""

    field: Field
    candidates: tuple[int, ...] = ()
    within: str | None = None  # the optional object that cannot be sent without this field
    tied: bool = False  # several columns name the field equally well
    by_values: bool = False  # only the columns' values speak for them, which needs a person's yes
    is_name: bool = False  # the column has full names, or a part of them
    part: NamePart | None = None  # the part of the full names that the field would take

    @property
    def proposal(self) -> FieldMapping | None:
        """The mapping to use if a person says yes; None where several columns might be meant."""
        one_meant = len(self.candidates) == 1 and (self.by_values or self.is_name)
        return FieldMapping(self.field, self.candidates, part=self.part) if one_meant else None


@dataclass(frozen=True, slots=True)
class Mapping:
    """The mapped fields in the contract's order, the columns that are not imported, and notes for the user."""

    field_mappings: tuple[FieldMapping, ...]
    columns: tuple[str, ...]
    unused: tuple[str, ...]
    notes: tuple[str, ...]
    countries: tuple[int, ...] = ()  # the columns with each contact's country, the likeliest first, mapped or not
    missing: tuple[MissingField, ...] = ()
    blank: tuple[str, ...] = ()  # words of the mapping file that stand for nothing
    keys: FileKeys = NO_KEYS  # the keys of the mapping file that concern the whole file

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that are mapped."""
        return tuple(field_mapping.field for field_mapping in self.field_mappings)

    def with_proposals(self, operation: Operation, *, by_values: bool) -> Mapping:
        """Return the mapping with what is proposed for missing fields, for a person to look at.

        Names are always included, columns that only their values speak for ``by_values``.
        """
        accepted = {
            missing.field.path: missing.proposal
            for missing in self.missing
            if missing.proposal and (missing.is_name or by_values)
        }
        found = {known.field.path: known for known in self.field_mappings} | accepted
        field_mappings = sort_field_mappings(found, operation)
        return replace(
            self,
            field_mappings=field_mappings,
            unused=tuple(
                header
                for header in self.unused
                if not any(header == self.columns[index] for known in accepted.values() for index in known.columns)
            ),
            missing=tuple(
                missing
                for missing in self.missing
                if missing.field.path not in accepted
                and (missing.field.required or not (by_values and missing.by_values))  # the person sees its columns
            ),
        )

    def header_of(self, field_mapping: FieldMapping) -> str:
        """Return the header of the field mapping's first column, or an empty text for a constant."""
        return "" if field_mapping.column is None else self.columns[field_mapping.column]

    def field_sources(self) -> dict[str, FieldSource]:
        """Return for each mapped field, by path, where its text comes from."""
        labels = label_columns(self.columns)
        return {field_mapping.field.path: _field_source(field_mapping, labels) for field_mapping in self.field_mappings}


def countries_from_data(data: int | Sequence[int] | None) -> tuple[int, ...]:
    """Return the columns with countries of a stored plan; earlier versions stored one column, or null."""
    return () if data is None else (data,) if isinstance(data, int) else tuple(data)


def _field_source(field_mapping: FieldMapping, labels: Sequence[str]) -> FieldSource:
    if not field_mapping.columns:
        return FieldSource("", None, field_mapping.constant)
    (header, cell), *others = ((labels[index], f"c{index}") for index in field_mapping.columns)
    return FieldSource(header, cell, None, tuple(others))
