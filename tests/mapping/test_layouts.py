"""The exports of other systems find their fields without help."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from importer.mapping import ColumnProfile, FieldMapping, Mapping, draft_mapping
from importer.settings import Settings
from schemas.registry import load_vendor

LAYOUTS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "layouts.toml").read_text(encoding="utf-8"))
VENDORS = ("iclosed", "cleartalk", "clemta", "gomobile")


def told(mapping: Mapping, known: FieldMapping) -> str:
    return (" + " if known.template else " | ").join(mapping.columns[index] for index in known.columns)


def sample(layout: dict[str, Any]) -> pl.DataFrame:
    """Two rows: a text in each column, blank where the system leaves a column blank."""
    blank, values = layout.get("blank", ()), layout.get("values", {})
    texts = {
        header: [None, None] if header in blank else values.get(header, likely_texts(header))
        for header in layout["headers"]
    }
    return pl.DataFrame({f"c{index}": pl.Series(texts[header], dtype=pl.String) for index, header in enumerate(texts)})


def likely_texts(header: str) -> list[str]:
    if re.search("mail|messagerie", header.lower()):
        return ["a@example.com", "b@example.com"]
    if re.search("phone|mobile|tél|telefon|sms", header.lower()):
        return ["+12025550101", "+12025550102"]
    return ["x", "y"]


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("system", LAYOUTS)
def test_an_export_is_mapped_as_a_person_would(system: str, vendor: str) -> None:
    layout = LAYOUTS[system]
    operation = load_vendor(vendor).operations["create"]

    mapping = draft_mapping(layout["headers"], operation, Settings(vendor), ColumnProfile(sample(layout)))

    assert {known.field.path: told(mapping, known) for known in mapping.field_mappings} == layout[vendor]
    assert not [gap for gap in mapping.missing if gap.tied]
