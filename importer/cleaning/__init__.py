"""Brings values into the form that the vendor asks for: one module per kind of value, listed in ``kinds.py``.

Nothing is truncated and nothing is invented: what cannot be cleaned stays as it was, for checking to judge.
"""

from __future__ import annotations

from importer.cleaning.cleaner import Change, Cleaned, clean
from importer.cleaning.country import clean_country
from importer.cleaning.date_order import DateOrderEvidence, needs_order
from importer.cleaning.lists import split_list_fields
from importer.cleaning.options import CleaningOptions, validate_options
from importer.cleaning.warnings import Remark

__all__ = [
    "Change",
    "Cleaned",
    "CleaningOptions",
    "DateOrderEvidence",
    "Remark",
    "clean",
    "clean_country",
    "needs_order",
    "split_list_fields",
    "validate_options",
]
