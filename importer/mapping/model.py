"""What feeds each field: the outcome of matching, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from importer.mapping.column_lookup import labels
from importer.model.provenance import FieldSource
from schemas.contract import Field, FieldType, Limits


@dataclass(frozen=True, slots=True)
class Form:
    """How to read the values of one field, where a mapping file says it."""

    region: str | None = None
    timezone: str | None = None
    format: str | None = None


DEFAULT_FORMAT = Form()


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """What feeds a field: columns by position (the first that is not blank), a constant, or a template of columns."""

    field: Field
    columns: tuple[int, ...] = ()
    constant: str | None = None
    default: str | None = None
    template: tuple[str | int, ...] = ()
    """Texts, and columns by position; ``columns`` has these columns too."""
    values: tuple[tuple[str, str], ...] = ()
    otherwise: str | None = None
    form: Form = DEFAULT_FORMAT

    @property
    def column(self) -> int | None:
        """The first column; None for a constant."""
        return self.columns[0] if self.columns else None


def field_mapping_to_data(feed: FieldMapping) -> dict[str, Any]:
    """A feed as JSON can hold it."""
    return {
        "field": feed.field.path,
        "type": feed.field.type,
        "columns": feed.columns,
        "constant": feed.constant,
        "default": feed.default,
        "template": feed.template,
        "values": feed.values,
        "otherwise": feed.otherwise,
        "form": [feed.form.region, feed.form.timezone, feed.form.format],
    }


def field_mapping_from_data(data: dict[str, Any], known: Field) -> FieldMapping:
    """The feed that ``field_mapping_to_data`` made this of; ``known`` is its field."""
    kind: FieldType = data["type"]
    if kind != known.type:
        known = replace(known, type=kind, items=known.limits if kind == "array" else None, limits=Limits())
    return FieldMapping(
        known,
        tuple(data["columns"]),
        data["constant"],
        data["default"],
        tuple(data["template"]),
        tuple((value, meant) for value, meant in data["values"]),
        data["otherwise"],
        Form(*data["form"]),
    )


@dataclass(frozen=True, slots=True)
class MissingField:
    """A field that must be fed and is not, and the columns that might be meant."""

    field: Field
    choices: tuple[int, ...] = ()
    within: str | None = None
    """The optional object that cannot be sent without it."""
    tied: bool = False
    """Whether several columns name it equally well."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """Every fed field in the contract's order, the columns that feed nothing, and what was decided on the way."""

    feeds: tuple[FieldMapping, ...]
    columns: tuple[str, ...]
    unused: tuple[str, ...]
    notes: tuple[str, ...]
    country: int | None = None
    """The column that says in which country a row's contact is, whether or not it feeds a field."""
    gaps: tuple[MissingField, ...] = field(default=())

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that are fed."""
        return tuple(feed.field for feed in self.feeds)

    def column_of(self, feed: FieldMapping) -> str:
        """The header of the (first) column that feeds this, or an empty text for a constant."""
        return "" if feed.column is None else self.columns[feed.column]

    def origins(self) -> dict[str, FieldSource]:
        """For each fed field where its text comes from."""
        named = labels(self.columns)
        return {feed.field.path: self._origin(feed, named) for feed in self.feeds}

    def _origin(self, feed: FieldMapping, named: Sequence[str]) -> FieldSource:
        if not feed.columns:
            return FieldSource("", None, feed.constant)
        (header, cell), *others = ((named[index], f"c{index}") for index in feed.columns)
        return FieldSource(header, cell, None, tuple(others))
