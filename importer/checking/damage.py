"""Rules for values that a spreadsheet program has damaged: never sent, whatever the contract allows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from importer.checking.lookalikes import has_no_look_alikes
from importer.model.normalized_name import PLAIN_NAME
from importer.model.problem import PROBLEM_KINDS
from importer.model.problem_frame import encode_params
from importer.model.provenance import FieldSource
from importer.model.table import Batch
from schemas.contract import Field
from schemas.dataframe_schema import Rule
from schemas.kind import Kind
from schemas.roles import role_of_name, split_words

CODES = {Kind.PHONE, Kind.ID, Kind.ZIP}
DIGITS_LOST = r"^\+?[0-9]{15}0+$"
MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|mars|avr|mai|juin|juil|août|sept|déc"
NUMBER_AS_DATE = rf"^(?i:[0-9]{{1,2}}-(?:{MONTHS})\.?|(?:{MONTHS})\.?-[0-9]{{2}})$"
# What a date cell is read as, where a number or a code was meant.
ISO_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?$"
# In English, French, Spanish, German, Portuguese, Italian, Dutch and Polish; Google's #ERROR!, LibreOffice's Err:502.
ERROR_WORDS = (
    "REF|BEZUG|RIF|VERW|ADR|VALUE|VALEUR|VALOR|WERT|VALORE|WAARDE|ARG|DIV/0|DEEL/0|DZIEL/0|NULL|NUL|NULO|NULLO|LEEG|"
    "ZERO|NUM|NÚM|NOMBRE|ZAHL|GETAL|LICZBA|SPILL|PROPAGATION|DESBORDAMIENTO|ÜBERLAUF|ESPANSIONE|OVERLOOP|CALC|KALK|"
    "CALCUL|FIELD|BLOCKED|CONNECT|BUSY|UNKNOWN|ERROR"
)
ERROR_NAMES = "NAME|NOM|NOMBRE|NOME|NAAM|NAZWA"
CELL_ERROR = (
    rf"^\s*(?:#(?:N/[ADB]|NV|[¡]?(?:{ERROR_WORDS})!|[¿]?(?:{ERROR_NAMES})\?|GETTING_DATA)|Err:5[0-9]{{2}}|#{{4,}}"
    r"|Loading\.\.\.)\s*$"
)
FORMULA_TEXT = r"^=(?:[A-Z][A-Z.]+\(|\$?[A-Z]{1,3}\$?[0-9])"
# What a mailing or a form would have filled in; Meta's form for trying a lead ad.
PLACEHOLDER = (
    r"\{\{[^}]*\}\}|\*\|[A-Z_0-9:]+\|\*|\$\{[^}]*\}|^%[A-Z_]{3,}%$|^\[object Object\]$|<test lead: dummy data|<%=.*%>"
)
# An address, a web address, or no letter at all.
NO_NAME = r"@[^@\s]+\.[a-zA-Z]{2,}|^(?i:https?://|www\.)|^[^\p{L}]*[0-9][^\p{L}]*$"
# Where an older program could not write a letter.
QUESTION_MARK_IN_WORD = r"\p{L}\?\p{Ll}"
PLACES_AND_FIRMS = ("city", "state", "country", "company", "street")
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


# HARMLESS_TEXT has no sign with which an error, a formula or a placeholder begins.
HARMLESS_TEXT, HARMLESS_CODE = r"^[ -\"$-;>@-Z\\\]-z}~\t\r\n]*$", r"^\+?[0-9]{1,15}$"


HARMLESS_PLACE = r"^[A-Za-z ,.'\-&/()]*$"


def harmless(field: Field) -> str:
    """Return a pattern of texts that break none of the field's damage rules. Most texts fit it."""
    if field.kind is Kind.NAME:
        return PLAIN_NAME
    if is_place(field):
        return HARMLESS_PLACE
    return HARMLESS_CODE if field.kind in CODES else HARMLESS_TEXT


def is_place(field: Field) -> bool:
    """Return True for a town, a state or a country: a text without digits, so that a date is none."""
    return field.type == "string" and field.kind is Kind.TEXT and _role(field) in ("city", "state", "country")


def _role(field: Field) -> str:
    return field.role or role_of_name(split_words(field.parts[-1]))


def damage_rules(fields: Sequence[Field]) -> tuple[Rule, ...]:
    """Return rules for any text, and for digits that are not a quantity (phones, ids, postal codes)."""
    rules = []
    for field in fields:
        if field.type == "string":
            column = pl.col(field.path)
            rules.append(Rule(field, "control_character", "error", None, ~column.str.contains(CONTROL)))
            rules.append(Rule(field, "mojibake", "error", None, column.map_batches(_is_sound, return_dtype=pl.Boolean)))
            whole = ~column.str.contains(LOST_CHARACTER, literal=True)
            rules.append(Rule(field, "lost_character", "error", None, whole))
            rules.append(Rule(field, "cell_error", "error", None, ~column.str.contains(CELL_ERROR)))
            rules.append(Rule(field, "formula_text", "error", None, ~column.str.contains(FORMULA_TEXT)))
            rules.append(Rule(field, "placeholder", "error", None, ~column.str.contains(PLACEHOLDER)))
        if field.kind is Kind.NAME and field.type == "string":
            column = pl.col(field.path)
            rules.append(Rule(field, "not_a_name", "error", None, ~column.str.contains(NO_NAME)))
            has_letters = ~column.str.contains("?", literal=True) | column.str.contains(rf"{NO_NAME}|^#")
            rules.append(Rule(field, "lost_letter", "error", None, has_letters))
        if _role(field) in PLACES_AND_FIRMS and field.type == "string":
            whole = ~pl.col(field.path).str.contains(QUESTION_MARK_IN_WORD)
            rules.append(Rule(field, "lost_letter", "error", None, whole))
        if is_place(field):
            column = pl.col(field.path)
            is_date = column.str.contains(NUMBER_AS_DATE) | column.str.contains(ISO_DATE)
            rules.append(Rule(field, "number_as_date", "error", None, ~is_date))
        if field.kind is Kind.EMAIL and field.type == "string":
            is_plain = pl.col(field.path).map_batches(has_no_look_alikes, return_dtype=pl.Boolean)
            rules.append(Rule(field, "look_alike_character", "error", None, is_plain))
        if field.kind in CODES and field.type == "string":
            column = pl.col(field.path)
            rules.append(Rule(field, "digits_lost", "error", None, ~column.str.contains(DIGITS_LOST)))
            is_date = column.str.contains(NUMBER_AS_DATE) | column.str.contains(ISO_DATE)
            rules.append(Rule(field, "number_as_date", "error", None, ~is_date))
        if field.kind in CODES and field.type == "string":
            column = pl.col(field.path)
            form = SCIENTIFIC_PHONE if field.kind is Kind.PHONE else SCIENTIFIC
            rules.append(Rule(field, "scientific_notation", "error", None, ~column.str.contains(form)))
        if field.kind in (Kind.PHONE, Kind.ZIP) and field.type == "string":
            rules.append(Rule(field, "decimal_number", "error", None, ~pl.col(field.path).str.contains(DECIMAL)))
    return tuple(rules)


def repair_encoding(text: str) -> str | None:
    """Return the text before its UTF-8 was read as cp1252 (``JosÃ©`` was ``José``), or None where it was not."""
    try:
        was = b"".join(_byte(character) for character in text).decode("utf-8")
    except UnicodeError:
        return None
    return was if was != text else None


def _byte(character: str) -> bytes:
    """Return the byte of a character in cp1252, with its five undefined bytes as Windows fills them."""
    return bytes([ord(character)]) if "\x80" <= character <= "\x9f" else character.encode("cp1252")


def _is_sound(texts: pl.Series) -> pl.Series:
    suspect = texts.str.contains(SUSPECT)
    scrambled = [text for text in texts.filter(suspect).unique() if repair_encoding(text) is not None]
    return ~texts.is_in(scrambled)


def mark_problems(
    batch: Batch, origins: Mapping[str, FieldSource], dates: Collection[str] = ()
) -> list[tuple[Any, ...]]:
    """Return what reading found, as rows of ``PROBLEM_SCHEMA``: of the whole row, or of a cell that a field comes from.

    A column that fills in for others has no problem where one of those has a text. ``dates`` are the fields to which a
    cell that was turned into a date may belong.
    """
    mapped: dict[str, list[tuple[str, FieldSource]]] = {}
    for path, origin in origins.items():
        for _, cell in origin.columns:
            mapped.setdefault(cell, []).append((path, origin))
    lines = {row: line for line, row in enumerate(batch.frame["row"])} if batch.findings else {}
    found = []
    for mark in batch.findings:
        known = (
            PROBLEM_KINDS[mark.code].severity,
            mark.code,
            encode_params({"variant": "read", **mark.params}),
            "check",
        )
        if mark.column is None:
            found.append((mark.row, "", "", mark.value, *known))
            continue
        for path, origin in mapped.get(f"c{mark.column}", ()):
            if mark.code == "number_as_date" and path in dates:
                continue
            headers = {cell: header for header, cell in origin.columns}
            before = list(headers)[: list(headers).index(f"c{mark.column}")]
            line = lines.get(mark.row)
            if line is not None and not any((batch.frame[line, cell] or "").strip() for cell in before):
                found.append((mark.row, headers[f"c{mark.column}"], path, mark.value, *known))
    return found
