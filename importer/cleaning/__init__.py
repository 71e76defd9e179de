"""Values into the form the vendor asks for, one module per kind of value.

Nothing is truncated and nothing is invented: what cannot be cleaned stays as it was, for checking to judge.
"""

from __future__ import annotations

from importer.cleaning.cleaner import PLAIN, Change, Cleaned, clean, shape_lists
from importer.cleaning.country import clean_country
from importer.cleaning.date_order import Proofs, has_order
from importer.cleaning.options import Hints, validate_options
from importer.cleaning.warnings import Remark

__all__ = [
    "PLAIN",
    "Change",
    "Cleaned",
    "Hints",
    "Proofs",
    "Remark",
    "clean",
    "clean_country",
    "has_order",
    "shape_lists",
    "validate_options",
]  # fmt: skip
