"""Brings values into the form that the vendor asks for: one module per kind of value, listed in ``kinds.py``.

Nothing is truncated and nothing is invented: what cannot be cleaned stays as it was, for checking to judge.
"""

from __future__ import annotations

from importer.cleaning.blank_words import is_blank_word, may_be_blank_word
from importer.cleaning.cleaner import Change, Cleaned, clean
from importer.cleaning.date_order import DateOrderEvidence, needs_order
from importer.cleaning.lists import split_list_fields
from importer.cleaning.options import CleaningOptions, validate_options
from importer.cleaning.phone_country import PhoneCountryEvidence, read_countries
from importer.cleaning.time_zone import TimeZoneEvidence
from importer.cleaning.warnings import Remark

__all__ = [
    "Change",
    "Cleaned",
    "CleaningOptions",
    "DateOrderEvidence",
    "PhoneCountryEvidence",
    "Remark",
    "TimeZoneEvidence",
    "clean",
    "is_blank_word",
    "may_be_blank_word",
    "needs_order",
    "read_countries",
    "split_list_fields",
    "validate_options",
]
