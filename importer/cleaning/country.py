"""Countries: two-letter codes in capitals."""

from __future__ import annotations

import polars as pl


def clean_country(values: pl.Series) -> pl.Series:
    """``fr`` → ``FR``; anything but two ASCII letters stays as it was."""
    code = values.str.contains(r"^[A-Za-z]{2}$").fill_null(value=False)
    return values.str.to_uppercase().zip_with(code, values)
