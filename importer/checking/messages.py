"""What a broken rule says to a person: where it went wrong, what is allowed, what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from importer.checking.damage import CONTROL, unscrambled
from importer.checking.leading_zeros import CODE
from schemas.contract import Kind
from schemas.dataframe_schema import Rule
from schemas.ecma_regex import utf16_length

LONGEST_EXCESS = 80
DAMAGE_HINTS = {
    "scientific_notation": "format the column as text and enter the number again",
    "digits_lost": "format the column as text and enter the number again",
    "number_as_date": "format the column as text and enter the value again",
    "cell_error": "enter the value, or mend the formula; leave the cell blank if there is none",
    "mojibake": "export the file again as UTF-8, or correct the text",
    "leading_zeros_lost": "if so, put the zero back and format the column as text",
    "control_character": "delete it, or enter the value again",
    "lost_character": "enter the character that stood there",
}
_CONTROL = re.compile(CONTROL)
OPTIONS = {
    Kind.DATE: "; for other orders say --date-order",
    Kind.DATE_TIME: (
        "; for times without an offset say --timezone AREA/CITY (a time that the change of the clocks skips or repeats "
        "needs its offset)"
    ),
}
"""What on the command line makes values of a kind pass."""
_SECOND_HALVES = {bytes([high]) for high in range(0xDC, 0xE0)}

Words = Callable[[Rule, pl.Expr], pl.Expr]


def message(rule: Rule, value: pl.Expr) -> pl.Expr:
    """The message for each of the values that break the rule."""
    return _WORDS[rule.code](rule, value)


def hint(rule: Rule) -> str:  # noqa: PLR0911 - a list of cases, the first that fits
    """What to do about it; the contract's own hint for the field comes first."""
    field = rule.field
    if rule.code in DAMAGE_HINTS:
        return DAMAGE_HINTS[rule.code]
    if rule.code in ("nothing_to_send", "no_way_to_reach"):
        return "fill in at least one of the columns"
    if rule.code == "enum":
        return f"use one of {', '.join(rule.limit)}"
    option = OPTIONS.get(field.kind, "") if rule.code in ("pattern", "format") else ""
    if field.hint:
        return f"enter {field.hint}{option}" if not field.hint.startswith("often") else field.hint
    if rule.code in ("max_length", "max_items"):
        return "shorten it; nothing is ever cut off for you"
    if field.example is not None and isinstance(field.example, str):
        return f"for example {field.example}"
    return "enter a value" if rule.code == "required" else "correct the value"


def _scrambled(_rule: Rule, value: pl.Expr) -> pl.Expr:
    def say(text: str) -> str:
        return f"was read in the wrong encoding before; it probably was «{unscrambled(text) or text}»"

    return value.map_elements(say, return_dtype=pl.String)


def _control(_rule: Rule, value: pl.Expr) -> pl.Expr:
    def say(text: str) -> str:
        found = next(character for character in text if _CONTROL.match(character))
        return f"holds a control character, U+{ord(found):04X}, which nobody can see"

    return value.map_elements(say, return_dtype=pl.String)


def _short(rule: Rule, value: pl.Expr) -> pl.Expr:
    return pl.format(
        "has {} digits where the column's other codes have {}: a spreadsheet may have dropped a zero in front of it",
        value.str.extract(CODE, 1).str.len_bytes(),
        pl.lit(rule.limit),
    )


def _says(text: str) -> Words:
    return lambda _rule, _value: pl.lit(text)


def _pattern(rule: Rule, _value: pl.Expr) -> pl.Expr:
    names = {
        Kind.PHONE: "is not a phone number in the form the vendor takes",
        Kind.EMAIL: "is not an e-mail address the vendor takes",
        Kind.DATE: "is not a date in the form the vendor takes",
        Kind.DATE_TIME: "is not a date and time in the form the vendor takes",
    }
    return pl.lit(names.get(rule.field.kind, f"does not have the documented form {rule.limit}"))


def _format(rule: Rule, _value: pl.Expr) -> pl.Expr:
    names = {
        "email": "is not an e-mail address",
        "uri": "is not a web address",
        "date": "is not a date written YYYY-MM-DD",
        "date-time": "is not a date and time such as 2024-01-15T10:00:00Z",
        "uuid": "is not a UUID",
    }
    text = names.get(str(rule.limit), f"is not in the format {rule.limit}")
    return pl.lit(text.replace("is not", "holds something that is not", 1) if rule.field.type == "array" else text)


def _too_long(rule: Rule, value: pl.Expr) -> pl.Expr:
    limit = int(rule.limit)

    def say(text: str) -> str:
        entries = text.split(", ") if rule.field.type == "array" else [text]
        units = next((found for entry in entries if len(found := entry.encode("utf-16-le")) > 2 * limit), b"")
        # A character of two units that straddles the limit is part of the excess.
        start = 2 * limit - 2 if units[2 * limit + 1 : 2 * limit + 2] in _SECOND_HALVES else 2 * limit
        excess = units[start:].decode("utf-16-le", "replace")[:LONGEST_EXCESS]
        length = len(units) // 2
        return f"has {length} characters, {limit} are allowed: {length - limit} too many, the excess is «{excess}»"

    return value.map_elements(say, return_dtype=pl.String)


def _too_short(rule: Rule, value: pl.Expr) -> pl.Expr:
    return pl.format("has {} characters, at least {} are asked for", utf16_length(value), pl.lit(rule.limit))


def _bound(text: str) -> Words:
    return lambda rule, _value: pl.lit(f"{text} {rule.limit}")


def _listed(rule: Rule, _value: pl.Expr) -> pl.Expr:
    return pl.lit(f"is not one of {', '.join(rule.limit)}")


def _typed(rule: Rule, _value: pl.Expr) -> pl.Expr:
    names = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "json": "a JSON value"}
    return pl.lit(f"is not {names[rule.limit]}")


def _required(rule: Rule, _value: pl.Expr) -> pl.Expr:
    if rule.limit:
        return pl.lit(f"is blank, but other fields of {rule.limit} are filled in, and then it is required")
    return pl.lit("is required and blank")


_WORDS: dict[str, Words] = {
    "required": _required,
    "type": _typed,
    "min_length": _too_short,
    "max_length": _too_long,
    "enum": _listed,
    "pattern": _pattern,
    "format": _format,
    "minimum": _bound("is below"),
    "maximum": _bound("is above"),
    "exclusive_minimum": _bound("must be above"),
    "exclusive_maximum": _bound("must be below"),
    "min_items": _bound("has too few entries: the least is"),
    "max_items": _bound("has too many entries: the most is"),
    "earliest": _bound("is surprisingly early: before"),
    "future": _says("lies in the future"),
    "nothing_to_send": _says("has nothing to send: every field is blank"),
    "no_way_to_reach": _says("has neither an e-mail address nor a phone number"),
    "scientific_notation": _says("was turned into scientific notation by a spreadsheet"),
    "decimal_number": _says("was turned into a decimal number by a spreadsheet"),
    "digits_lost": _says("has zeros where a spreadsheet lost the digits after the fifteenth"),
    "number_as_date": _says("was turned into a date by a spreadsheet"),
    "cell_error": _says("is an error of a formula instead of a value"),
    "mojibake": _scrambled,
    "leading_zeros_lost": _short,
    "control_character": _control,
    "lost_character": _says("holds \ufffd, which stands for a character that was lost before"),
}
