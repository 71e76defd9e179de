"""Phone numbers: punctuation goes, ``00`` becomes ``+``, national numbers become E.164 when their country is known."""

from __future__ import annotations

import re

import polars as pl

from importer.cleaning.warnings import Remark

E164 = r"^\+[1-9][0-9]{6,14}$"
PUNCTUATION = r"[ \t\u{a0}\u{2000}-\u{200a}\u{202f}().\-/\u{2010}-\u{2015}]"
# E.164 knows at most fifteen digits: more of them are two numbers in one cell, and whose they are is not ours to say.
NUMBER = r"^\+?[0-9]{1,15}$"
# 1555.12 and 2024-01-15 lose their meaning with their punctuation.
NOT_A_PHONE = (
    r" / |^[0-9 ]+-[0-9]+/[0-9]+$|^[0-9]+[.,][0-9]+$"
    r"|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$|^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}$"
)
EXTENSION = re.compile(
    r"\s*[,;]?\s*(?:\b(?:ext(?:ension|n)?|poste|durchwahl|dw|int(?:erno)?|anexo|ramal|toestel)\b\.?|\bx|#)\s*[.:]?\s*(\d{1,6})\s*$",
    re.IGNORECASE,
)
BETWEEN = re.compile(r"\s*(?:[;,|\n]|/|\bor\b|\bou\b|\boder\b|\bund\b|\band\b|\bet\b|\bof\b)\s*", re.IGNORECASE)
FEWEST_DIGITS = 7
ZEROS = (0x0660, 0x06F0, 0x0966, 0xFF10)
"""The zeros of Arabic-Indic, Persian, Devanagari and full-width digits; their other digits follow."""
DIGITS = {zero + digit: str(digit) for zero in ZEROS for digit in range(10)} | {0xFF0B: "+"}


def clean_phone(values: pl.Series, region: str | None, countries: pl.Series | None = None) -> pl.Series:
    """Only what is a phone number once its punctuation is gone is changed; anything else stays for checking.

    ``countries`` are two-letter codes row by row, and win over ``region``. What is E.164 already is not looked at.
    """
    at = (~values.str.contains(E164)).fill_null(value=False).arg_true()
    if not at.len():
        return values
    cleaned = _cleaned(values[at], region, None if countries is None else countries[at])
    return values.clone().scatter(at, cleaned)  # in place, and the caller compares


def _cleaned(values: pl.Series, region: str | None, countries: pl.Series | None) -> pl.Series:
    single = _singled_out(values)
    bare = _bare(single, values)
    if region is None and countries is None:
        return bare
    national = bare.str.contains(r"^[0-9]+$").fill_null(value=False)
    if not national.any():
        return bare
    where = pl.Series("where", [region], dtype=pl.String).new_from_index(0, len(bare))
    if countries is not None:
        where = countries.fill_null(where)
    pairs = pl.DataFrame({"number": bare, "where": where})
    distinct = pairs.filter(national & where.is_not_null()).unique()
    found = [_international(number, code) for number, code in distinct.iter_rows()]
    known = distinct.with_columns(found=pl.Series(found, dtype=pl.String))
    joined = pairs.join(known, on=["number", "where"], how="left", maintain_order="left")
    return joined["found"].fill_null(bare).alias(values.name)


def phone_remarks(rows: pl.Series, before: pl.Series, after: pl.Series, path: str) -> list[Remark]:
    """A warning where a cell has more than the number that is sent: further numbers, or an extension."""
    different = before.ne_missing(after)
    rows, before, after = (column.filter(different) for column in (rows, before, after))
    changed = before.str.contains(_MORE).fill_null(value=False)
    remarks = []
    for row, text, sent in zip(rows.filter(changed), before.filter(changed), after.filter(changed), strict=True):
        number, extension, others = _parts(text)
        if others and number:
            remarks.append(Remark(row, path, "several_numbers", {"number": sent}))
        elif extension:
            remarks.append(Remark(row, path, "extension", {"extension": extension, "number": sent}))
    return remarks


_MORE = (
    r"(?i)[;,|\n/#]|\b(?:ext|extension|extn|poste|durchwahl|dw|int|interno|anexo|ramal|toestel)\b|x\s*[0-9]{1,6}\s*$"
    r"|\b(?:or|ou|oder|und|and|et|of)\b"
)


def _singled_out(values: pl.Series) -> pl.Series:
    """ASCII digits, and one number where a cell has several or an extension."""
    odd = values.str.contains(r"[^\x00-\x7f]").fill_null(value=False)
    if odd.any():
        texts = values.filter(odd).unique().to_list()
        values = values.replace(texts, [text.translate(DIGITS) for text in texts])
    more = values.filter(values.str.contains(_MORE).fill_null(value=False)).unique().to_list()
    known = {text: number for text in more if (number := _parts(text)[0]) is not None}
    return values.replace(list(known), list(known.values())) if known else values


def _parts(text: str) -> tuple[str | None, str | None, bool]:
    """The number, its extension, and whether further numbers follow; no number where that is not plain."""
    pieces = [piece for piece in BETWEEN.split(EXTENSION.sub("", text)) if piece]
    whole = [piece for piece in pieces if _digits(piece) >= FEWEST_DIGITS]
    if not whole or len(whole) != len(pieces):
        return None, None, False
    extension = EXTENSION.search(text)
    first = EXTENSION.sub("", pieces[0]).strip()
    if len(pieces) > 1 and not all(re.fullmatch(r"[+(]?[\d ().\-]+", piece.strip()) for piece in pieces):
        return None, None, False
    return first, extension[1] if extension else None, len(pieces) > 1


def _digits(text: str) -> int:
    return sum(char.isdecimal() for char in text)


def _bare(single: pl.Series, values: pl.Series) -> pl.Series:
    whole = single.str.replace(r"^(\+?[0-9]{5,})\.0$", "$1").str.replace(r"^(?i:tel:)\s*", "")
    # The national trunk zero of +44 (0)20 is not dialled from abroad; in Italy it is.
    bare = (
        whole.str.replace(r"^((?:\+|00)(?:[124-9]|3[0-8])[^(]*)\(0\)", "$1")
        .str.replace_all(PUNCTUATION, "")
        .str.replace(r"^00", "+")
    )
    is_number = bare.str.contains(NUMBER) & ~whole.str.contains(NOT_A_PHONE)
    return bare.zip_with(is_number.fill_null(value=False), values)


def _international(number: str, region: str) -> str | None:
    import phonenumbers  # only where a region is known: its tables take time to load

    try:
        parsed = phonenumbers.parse(number, region.upper())
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
