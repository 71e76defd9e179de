"""Phone numbers: punctuation goes, ``00`` becomes ``+``, national numbers become E.164 when a region is given."""

from __future__ import annotations

import polars as pl

PUNCTUATION = r"[\s().\-/\u{2010}-\u{2015}]"
NUMBER = r"^\+?[0-9]+$"


def clean_phone(values: pl.Series, region: str | None) -> pl.Series:
    """Only what is a phone number once its punctuation is gone is changed; anything else stays for checking."""
    whole = values.str.replace(r"^(\+?[0-9]{5,})\.0$", "$1")
    bare = whole.str.replace(r"^(?i:tel:)", "").str.replace_all(PUNCTUATION, "").str.replace(r"^00", "+")
    # 1.55512E+10 and 1555.12 are damage, not punctuation: what does not end in digits alone is left as it was.
    is_number = bare.str.contains(NUMBER) & ~whole.str.contains(r"^[0-9]+[.,][0-9]+$")
    bare = bare.zip_with(is_number.fill_null(value=False), values)
    if region is None:
        return bare
    national = bare.filter(bare.str.contains(r"^[0-9]+$").fill_null(value=False)).unique()
    found = {number: _international(number, region) for number in national}
    known = {number: text for number, text in found.items() if text is not None}
    return bare.replace(list(known), list(known.values())) if known else bare


def _international(number: str, region: str) -> str | None:
    import phonenumbers  # only where a region is given: its tables take time to load

    try:
        parsed = phonenumbers.parse(number, region.upper())
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
