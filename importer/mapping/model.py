"""The result of matching, as data: for each field the columns, constant or template that its values come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from importer.mapping.column_lookup import label_columns
from importer.model.provenance import FieldSource
from schemas.contract import Field, FieldType, Limits


@dataclass(frozen=True, slots=True)
class ValueFormat:
    """The options of a mapping file for reading one field's values. ``format`` is one of ``strftime``."""

    region: str | None = None
    timezone: str | None = None
    format: str | None = None


DEFAULT_FORMAT = ValueFormat()


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """The source of one field: columns by position (the first that is not blank), a constant, or a template."""

    field: Field
    columns: tuple[int, ...] = ()
    constant: str | None = None
    default: str | None = None
    template: tuple[str | int, ...] = ()  # texts and column positions; ``columns`` lists these positions too
    values: tuple[tuple[str, str], ...] = ()  # pairs: text of the file, text to send
    otherwise: str | None = None  # sent for texts that ``values`` does not list
    value_format: ValueFormat = DEFAULT_FORMAT

    @property
    def column(self) -> int | None:
        """The first column; None for a constant."""
        return self.columns[0] if self.columns else None


def field_mapping_to_data(field_mapping: FieldMapping) -> dict[str, Any]:
    """Return a field mapping as JSON can hold it. Stored runs have these keys, so they never change."""
    value_format = field_mapping.value_format
    return {
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
    )


def with_type(field: Field, field_type: FieldType) -> Field:
    """Return the field with another type, as a mapping file can give it to a member of an open object."""
    if field_type == field.type:
        return field
    return replace(field, type=field_type, items=field.limits if field_type == "array" else None, limits=Limits())


@dataclass(frozen=True, slots=True)
class MissingField:
    """A field that must be mapped and is not, and the positions of the columns that might be meant."""

    field: Field
    candidates: tuple[int, ...] = ()
    within: str | None = None  # the optional object that cannot be sent without this field
    tied: bool = False  # several columns name the field equally well


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

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that are mapped."""
        return tuple(field_mapping.field for field_mapping in self.field_mappings)

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
