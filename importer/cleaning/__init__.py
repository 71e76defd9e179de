"""Brings values into the form that the vendor asks for: one module per kind of value, listed in ``kinds.py``.

Nothing is truncated and nothing is invented: what cannot be cleaned stays as it was, for checking to judge.
"""

from __future__ import annotations

from importer.cleaning.blank_words import is_blank_word, may_be_blank_word
from importer.cleaning.cleaner import Change, Cleaned, clean
from importer.cleaning.date_order import DateOrderEvidence, needs_order
from importer.cleaning.email import ADDRESS, clean_email
from importer.cleaning.lists import split_list_fields
from importer.cleaning.options import CleaningOptions, EncodedAnswer, validate_options
from importer.cleaning.phone import clean_phone
from importer.cleaning.phone_country import PhoneCountryEvidence, read_countries
from importer.cleaning.phone_number import PLAIN_E164
from importer.cleaning.time_zone import TimeZoneEvidence
from importer.cleaning.warnings import Remark

__all__ = [
    "ADDRESS",
    "PLAIN_E164",
    "Change",
    "Cleaned",
    "CleaningOptions",
    "DateOrderEvidence",
    "EncodedAnswer",
    "PhoneCountryEvidence",
    "Remark",
    "TimeZoneEvidence",
    "clean",
    "clean_email",
    "clean_phone",
    "is_blank_word",
    "may_be_blank_word",
    "needs_order",
    "read_countries",
    "split_list_fields",
    "validate_options",
]
