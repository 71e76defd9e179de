"""Columns that say of which kind another column's value is: Google's ``Phone 1 - Label`` beside ``Phone 1 - Value``.

A value that its label calls a fax, a pager or an assistant's is not the contact's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from importer.mapping.header_names import parse_header
from importer.mapping.other_subjects import OTHER_SUBJECT_WORDS

_VALUE = re.compile(r"^(?P<of>.*\S)\s*-\s*value\s*$", re.IGNORECASE)
_LABEL = re.compile(r"^(?P<of>.*\S)\s*-\s*(?:label|type)\s*$", re.IGNORECASE)


def find_label_columns(columns: Sequence[str]) -> dict[int, int]:
    """Return the column with the labels of each column that has one, both by position."""
    labels = {found["of"].casefold(): index for index, header in enumerate(columns) if (found := _LABEL.match(header))}
    values = {index: found["of"].casefold() for index, header in enumerate(columns) if (found := _VALUE.match(header))}
    return {index: labels[of] for index, of in values.items() if of in labels}


def is_of_another(labels: pl.Series) -> pl.Series:
    """Return where a label names something or somebody else: ``Work Fax``, ``Assistant``."""
    other = [
        label
        for label in labels.drop_nulls().unique()
        if OTHER_SUBJECT_WORDS.intersection(parse_header(label).all_words)
    ]
    return labels.is_in(other).fill_null(value=False)
