"""Postal codes: without what a spreadsheet or a lead ad has put around the digits."""

from __future__ import annotations

import polars as pl

PLAIN_ZIP = r"^[A-Za-z]{0,2}-?[0-9]{3,6}$"


def clean_zip(values: pl.Series) -> pl.Series:
    """Return the codes without ``.0`` of a number cell and without ``z:``, which Meta puts in front of them."""
    return values.str.replace(r"^z:\s*", "").str.replace(r"^([0-9]{3,9})\.0$", "${1}")
