"""Phone numbers, to E.164 (ITU-T): without punctuation, ``00`` as ``+``, national numbers where the country is known.

National numbers are read by the ``phonenumbers`` package (Google's libphonenumber). A cell may hold several numbers or
an extension: the first number is sent, and a warning says so. Anything that is not a phone number stays.
"""

from __future__ import annotations

import re

import polars as pl

from importer.cleaning.warnings import Remark

E164 = r"^\+[1-9][0-9]{6,14}$"
PUNCTUATION = r"[ \t\u{a0}\u{2000}-\u{200a}\u{202f}().\-/\u{2010}-\u{2015}]"
# E.164 has at most fifteen digits. More of them are two numbers in one cell, and nothing says where to cut.
DIGITS_ONLY = r"^\+?[0-9]{1,15}$"
# 1555.12 and 2024-01-15 lose their meaning with their punctuation.
DECIMAL_OR_DATE = (
    r" / |^[0-9 ]+-[0-9]+/[0-9]+$|^[0-9]+[.,][0-9]+$"
    r"|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$|^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}$"
)
EXTENSION = re.compile(
    r"\s*[,;]?\s*(?:\b(?:ext(?:ension|n)?|poste|durchwahl|dw|int(?:erno)?|anexo|ramal|toestel)\b\.?|\bx|#)\s*[.:]?\s*(\d{1,6})\s*$",
    re.IGNORECASE,
)
SEPARATOR = re.compile(r"\s*(?:[;,|\n]|/|\bor\b|\bou\b|\boder\b|\bund\b|\band\b|\bet\b|\bof\b)\s*", re.IGNORECASE)
LEAST_DIGITS = 7
# The zeros of Arabic-Indic, Persian, Devanagari and full-width digits; their other digits follow.
_OTHER_ZEROS = (0x0660, 0x06F0, 0x0966, 0xFF10)
_TO_ASCII = {zero + digit: str(digit) for zero in _OTHER_ZEROS for digit in range(10)} | {0xFF0B: "+"}
_MAY_HOLD_MORE = (
    r"(?i)[;,|\n/#]|\b(?:ext|extension|extn|poste|durchwahl|dw|int|interno|anexo|ramal|toestel)\b|x\s*[0-9]{1,6}\s*$"
    r"|\b(?:or|ou|oder|und|and|et|of)\b"
)


def clean_phone(values: pl.Series, region: str | None, countries: pl.Series | None = None) -> pl.Series:
    """Return E.164 where the country is known, else the number without punctuation; anything else stays.

    ``countries`` are two-letter codes row by row, and win over ``region``. Numbers that are E.164 already stay.
    """
    other = (~values.str.contains(E164)).fill_null(value=False).arg_true()
    if not other.len():
        return values
    cleaned = _clean_others(values[other], region, None if countries is None else countries[other])
    return values.clone().scatter(other, cleaned)  # scatter writes in place, and the caller keeps its own texts


def _clean_others(values: pl.Series, region: str | None, countries: pl.Series | None) -> pl.Series:
    bare = _strip_punctuation(_take_first_number(values), values)
    if region is None and countries is None:
        return bare
    national = bare.str.contains(r"^[0-9]+$").fill_null(value=False)
    if not national.any():
        return bare
    regions = pl.Series("region", [region], dtype=pl.String).new_from_index(0, len(bare))
    if countries is not None:
        regions = countries.fill_null(regions)
    pairs = pl.DataFrame({"number": bare, "region": regions})
    distinct = pairs.filter(national & regions.is_not_null()).unique()  # each pair is parsed once
    parsed = [_to_international(number, code) for number, code in distinct.iter_rows()]
    known = distinct.with_columns(parsed=pl.Series(parsed, dtype=pl.String))
    joined = pairs.join(known, on=["number", "region"], how="left", maintain_order="left")
    return joined["parsed"].fill_null(bare).alias(values.name)


def phone_remarks(rows: pl.Series, before: pl.Series, after: pl.Series, path: str) -> list[Remark]:
    """Return a warning for each cell with more than the number that is sent: further numbers, or an extension."""
    different = before.ne_missing(after)
    rows, before, after = (column.filter(different) for column in (rows, before, after))
    changed = before.str.contains(_MAY_HOLD_MORE).fill_null(value=False)
    remarks = []
    for row, text, sent in zip(rows.filter(changed), before.filter(changed), after.filter(changed), strict=True):
        number, extension, others = _split_number(text)
        if others and number:
            remarks.append(Remark(row, path, "several_numbers", {"number": sent}))
        elif extension:
            remarks.append(Remark(row, path, "extension", {"extension": extension, "number": sent}))
    return remarks


def _take_first_number(values: pl.Series) -> pl.Series:
    """Return the texts with ASCII digits, and with the first number alone where a cell has more."""
    foreign = values.str.contains(r"[^\x00-\x7f]").fill_null(value=False)
    if foreign.any():
        texts = values.filter(foreign).unique().to_list()
        values = values.replace(texts, [text.translate(_TO_ASCII) for text in texts])
    more = values.filter(values.str.contains(_MAY_HOLD_MORE).fill_null(value=False)).unique().to_list()
    known = {text: number for text in more if (number := _split_number(text)[0]) is not None}
    return values.replace(list(known), list(known.values())) if known else values


def _split_number(text: str) -> tuple[str | None, str | None, bool]:
    """Return the first number, its extension, and whether further numbers follow; no number where that is unclear."""
    pieces = [piece for piece in SEPARATOR.split(EXTENSION.sub("", text)) if piece]
    if not pieces or any(_count_digits(piece) < LEAST_DIGITS for piece in pieces):
        return None, None, False
    extension = EXTENSION.search(text)
    first = EXTENSION.sub("", pieces[0]).strip()
    if len(pieces) > 1 and not all(re.fullmatch(r"[+(]?[\d ().\-]+", piece.strip()) for piece in pieces):
        return None, None, False
    return first, extension[1] if extension else None, len(pieces) > 1


def _count_digits(text: str) -> int:
    return sum(char.isdecimal() for char in text)


def _strip_punctuation(numbers: pl.Series, values: pl.Series) -> pl.Series:
    """Return the numbers as digits, with ``+`` if international, and the ``values`` where one is no number."""
    whole = numbers.str.replace(r"^(\+?[0-9]{5,})\.0$", "$1").str.replace(r"^(?i:tel:)\s*", "")
    # The national trunk zero of +44 (0)20 is not dialled from abroad; in Italy it is.
    bare = (
        whole.str.replace(r"^((?:\+|00)(?:[124-9]|3[0-8])[^(]*)\(0\)", "$1")
        .str.replace_all(PUNCTUATION, "")
        .str.replace(r"^00", "+")
    )
    is_number = bare.str.contains(DIGITS_ONLY) & ~whole.str.contains(DECIMAL_OR_DATE)
    return bare.zip_with(is_number.fill_null(value=False), values)


def _to_international(number: str, region: str) -> str | None:
    import phonenumbers  # only where a region is known: its tables take time to load

    try:
        parsed = phonenumbers.parse(number, region.upper())
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
