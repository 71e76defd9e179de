"""The facts known once every row of a file is checked and spooled, and their form in the run's manifest."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnlyDict
from dataclasses import asdict, astuple, dataclass
from typing import Any

from importer.cleaning import Change
from importer.errors import SettingsError
from importer.mapping import Mapping, countries_from_data, field_mapping_from_data, field_mapping_to_data
from importer.model.table import FileFacts
from importer.reimport import OriginalFile
from importer.settings import AnsweredQuestion, DateOrder
from schemas.contract import Operation


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked file. ``invalid`` counts rows, ``changes`` cleaned values by kind, with an example in ``changed``."""

    facts: FileFacts
    mapping: Mapping
    rows: int
    invalid: int
    changes: dict[str, int]
    changed: dict[str, Change]
    orders: dict[str, DateOrder]  # by field, where the file's own dates prove an order
    hints: dict[str, Any]  # the settings that say how values are read
    last: int  # the number of the last row
    seconds: dict[str, float]  # by stage
    skipped: int = 0  # rows that are no records
    original: OriginalFile | None = None  # the file that this one is a report of
    questions: tuple[AnsweredQuestion, ...] = ()
    mapping_file: str = ""  # the text to save, where the settings ask for it
    unsent: str = ""  # what of that file has not been sent

    @property
    def origin(self) -> str:
        """What the numbers of the rows belong to: ``FileFacts.origin`` of the file, or of the one it is a report of."""
        return self.original.origin if self.original else self.facts.origin

    def read_settings(self, operation: Operation) -> dict[str, Any]:
        """Return what is needed to read a report of this run as its file was read; errors.xlsx carries it."""
        return {
            "operation": operation.name,
            "document": operation.document,
            "hints": self.hints,
            "orders": self.orders,
            "last": self.last,
            "columns": self.mapping.columns,
            "feeds": [field_mapping_to_data(mapping) for mapping in self.mapping.field_mappings],
            "country": self.mapping.countries,
            "blank": self.mapping.blank,
            "since_1904": self.facts.since_1904,
            "path": self.facts.path,
            "sha256": self.facts.sha256,
            "origin": self.origin,
            "origin_last": self.original.last if self.original and self.original.last else self.last,
        }

    def manifest(self, operation: Operation) -> dict[str, Any]:
        """Return the facts as JSON data that ``from_manifest`` reads."""
        return {
            **self.read_settings(operation),
            "unused": self.mapping.unused,
            "notes": self.mapping.notes,
            "facts": self.facts.to_data(),
            "rows": self.rows,
            "invalid": self.invalid,
            "skipped": self.skipped,
            "changes": self.changes,
            "original": asdict(self.original) if self.original else None,
            "unsent": self.unsent,
            "questions": [asdict(question) for question in self.questions],
            "changed": {name: astuple(change) for name, change in self.changed.items()},
        }

    @classmethod
    def from_manifest(cls, manifest: ReadOnlyDict[str, Any], operation: Operation) -> Prepared:
        """Read the facts of a stored run. Raises SettingsError when its fields are not those of the operation."""
        mappings = []
        for data in manifest["feeds"]:
            field = operation.field(data["field"])
            if field is None:
                raise SettingsError(
                    f"the rows that are kept have values for {data['field']}, which {operation.name} does not have"
                )
            mappings.append(field_mapping_from_data(data, field))
        return cls(
            facts=FileFacts.from_data(manifest["facts"]),
            mapping=Mapping(
                tuple(mappings),
                tuple(manifest["columns"]),
                tuple(manifest["unused"]),
                tuple(manifest["notes"]),
                countries_from_data(manifest["country"]),
                blank=tuple(manifest.get("blank", ())),
            ),
            rows=manifest["rows"],
            invalid=manifest["invalid"],
            changes=manifest["changes"],
            changed={name: Change(*change) for name, change in manifest["changed"].items()},
            orders=manifest["orders"],
            hints=manifest["hints"],
            last=manifest["last"],
            seconds={"read": 0.0, "check": 0.0},
            skipped=manifest.get("skipped", 0),  # an earlier version skipped none
            original=OriginalFile(**manifest["original"]) if manifest.get("original") else None,
            questions=tuple(AnsweredQuestion(**data) for data in manifest.get("questions", ())),
            unsent=manifest.get("unsent", ""),
        )
