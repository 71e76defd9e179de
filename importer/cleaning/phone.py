"""Phone numbers: punctuation goes, ``00`` becomes ``+``, national numbers become E.164 when a region is given."""

from __future__ import annotations

import polars as pl

PUNCTUATION = r"[ \t\u{a0}\u{2000}-\u{200a}\u{202f}().\-/\u{2010}-\u{2015}]"
# E.164 knows at most fifteen digits: more of them are two numbers in one cell, and whose they are is not ours to say.
NUMBER = r"^\+?[0-9]{1,15}$"
# 1555.12 and 2024-01-15 lose their meaning with their punctuation.
NOT_A_PHONE = (
    r" / |^[0-9 ]+-[0-9]+/[0-9]+$|^[0-9]+[.,][0-9]+$"
    r"|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$|^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}$"
)


def clean_phone(values: pl.Series, region: str | None) -> pl.Series:
    """Only what is a phone number once its punctuation is gone is changed; anything else stays for checking."""
    whole = values.str.replace(r"^(\+?[0-9]{5,})\.0$", "$1").str.replace(r"^(?i:tel:)\s*", "")
    # The national trunk zero of +44 (0)20 is not dialled from abroad; in Italy it is.
    bare = (
        whole.str.replace(r"^((?:\+|00)(?:[124-9]|3[0-8])[^(]*)\(0\)", "$1")
        .str.replace_all(PUNCTUATION, "")
        .str.replace(r"^00", "+")
    )
    is_number = bare.str.contains(NUMBER) & ~whole.str.contains(NOT_A_PHONE)
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
