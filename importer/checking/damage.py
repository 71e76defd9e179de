"""Values that a spreadsheet program damaged beyond doubt: they are never sent, whatever the contract allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from importer.model.provenance import FieldSource
from importer.model.table import Batch
from schemas.contract import Field, Kind
from schemas.dataframe_schema import Rule

CODES = {Kind.PHONE, Kind.ID, Kind.ZIP}
DIGITS_LOST = r"^\+?[0-9]{15}0+$"
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|mars|avr|mai|juin|juil|août|sept|déc"
NUMBER_AS_DATE = rf"^(?i:[0-9]{{1,2}}-(?:{MONTHS})\.?|(?:{MONTHS})\.?-[0-9]{{2}})$"
CELL_ERROR = r"^\s*#(?:N/A|NV|REF!|BEZUG!|VALUE!|VALEUR!|WERT!|NAME\?|NOM\?|DIV/0!|NULL!|NUM!|NOMBRE!|ZAHL!)\s*$"
CONTROL = r"[\x00-\x08\x0e-\x1f]"
LOST_CHARACTER = "\ufffd"
# The first byte of a UTF-8 letter, taken for a letter of its own, and what its second byte is taken for.
SUSPECT = (
    "[ÂÃÄÅÐÑâ][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
# An id such as 12E5 may be one; a phone number with an E in it is not.
SCIENTIFIC = r"^[+-]?[0-9]+(?:[.,][0-9]+[eE]\+?|[eE]\+)[0-9]{1,3}$"
SCIENTIFIC_PHONE = r"^[+-]?[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]{1,3}$"
DECIMAL = r"^[0-9]+[.,][0-9]+$"


# A number sign is left out: errors of formulas begin with it.
HARMLESS_TEXT, HARMLESS_CODE = r"^[ -\"$-~\t\r\n]*$", r"^\+?[0-9]{1,15}$"


def harmless(field: Field) -> str:
    """How texts of a field look that break none of its damage rules; most do, and need no closer look."""
    return HARMLESS_CODE if field.kind in CODES else HARMLESS_TEXT


def damage_rules(fields: Sequence[Field]) -> tuple[Rule, ...]:
    """Rules for the fields that hold digits which are not a quantity (phones, ids, postal codes), and for any text."""
    rules = []
    for field in fields:
        if field.type == "string":
            column = pl.col(field.path)
            rules.append(Rule(field, "control_character", "error", None, ~column.str.contains(CONTROL)))
            rules.append(Rule(field, "mojibake", "error", None, column.map_batches(_is_sound, return_dtype=pl.Boolean)))
            whole = ~column.str.contains(LOST_CHARACTER, literal=True)
            rules.append(Rule(field, "lost_character", "error", None, whole))
            rules.append(Rule(field, "cell_error", "error", None, ~column.str.contains(CELL_ERROR)))
        if field.kind in CODES and field.type == "string":
            column = pl.col(field.path)
            rules.append(Rule(field, "digits_lost", "error", None, ~column.str.contains(DIGITS_LOST)))
            rules.append(Rule(field, "number_as_date", "error", None, ~column.str.contains(NUMBER_AS_DATE)))
        if field.kind in CODES and field.type == "string":
            column = pl.col(field.path)
            form = SCIENTIFIC_PHONE if field.kind is Kind.PHONE else SCIENTIFIC
            rules.append(Rule(field, "scientific_notation", "error", None, ~column.str.contains(form)))
        if field.kind is Kind.PHONE and field.type == "string":
            rules.append(Rule(field, "decimal_number", "error", None, ~pl.col(field.path).str.contains(DECIMAL)))
    return tuple(rules)


def unscrambled(text: str) -> str | None:
    """What a text was before its UTF-8 was read as cp1252 (``JosÃ©`` was ``José``); None when it was not."""
    try:
        was = b"".join(_byte(character) for character in text).decode("utf-8")
    except UnicodeError:
        return None
    return was if was != text else None


def _byte(character: str) -> bytes:
    """cp1252, with the five bytes that it leaves open as Windows fills them."""
    return bytes([ord(character)]) if "\x80" <= character <= "\x9f" else character.encode("cp1252")


def _is_sound(texts: pl.Series) -> pl.Series:
    suspect = texts.str.contains(SUSPECT)
    scrambled = [text for text in texts.filter(suspect).unique() if unscrambled(text) is not None]
    return ~texts.is_in(scrambled)


def mark_problems(batch: Batch, origins: Mapping[str, FieldSource]) -> list[tuple[Any, ...]]:
    """What reading saw, as problems: of the whole row, or of a cell that feeds a field.

    A cell that is to fill in for others says nothing where one of those has a text.
    """
    fed: dict[str, list[tuple[str, FieldSource]]] = {}
    for path, origin in origins.items():
        for _, cell in origin.columns:
            fed.setdefault(cell, []).append((path, origin))
    lines = {row: line for line, row in enumerate(batch.frame["row"])} if batch.findings else {}
    found = []
    for mark in batch.findings:
        text, advice = _MARKS[mark.code]
        if mark.column is None:
            severity = "warning" if mark.code == "too_few_cells" else "error"
            found.append((mark.row, "", "", mark.value, severity, mark.code, mark.detail or text, advice, "check"))
            continue
        for path, origin in fed.get(f"c{mark.column}", ()):
            headers = {cell: header for header, cell in origin.columns}
            before = list(headers)[: list(headers).index(f"c{mark.column}")]
            line = lines.get(mark.row)
            if line is not None and not any((batch.frame[line, cell] or "").strip() for cell in before):
                header = headers[f"c{mark.column}"]
                found.append((mark.row, header, path, mark.value, "error", mark.code, text, advice, "check"))
    return found


_MARKS = {
    "too_many_cells": (
        "has more cells than the header",
        "put quotes around a value that has the delimiter in it, or give the header more columns",
    ),
    "too_few_cells": (
        "has fewer cells than the header",
        "look whether a line break has cut the row in two; cells that are missing at its end count as blank",
    ),
    "merged_cells": (
        "is merged with the cell above, so that whose value it is cannot be told",
        "unmerge the cells and enter the value in each row",
    ),
    "formula_without_value": (
        "is a formula whose value was not saved",
        "open the workbook in a spreadsheet program and save it, or enter the value itself",
    ),
    "digits_lost": (
        "has more digits than the fifteen that a spreadsheet keeps of a number",
        "format the column as text and enter the number again",
    ),
    "cut_cell": (
        "was too long for a workbook's cell and stands in it cut off",
        "correct the row in the file itself, and import that",
    ),
    "cell_error": (
        "is an error of a formula instead of a value",
        "enter the value, or mend the formula; leave the cell blank if there is none",
    ),
}
