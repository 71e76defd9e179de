"""The parameters with which the message and hint of a broken rule are rendered."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from importer.checking.damage import CONTROL, repair_encoding
from importer.checking.leading_zeros import CODE
from importer.checking.lookalikes import find_look_alike
from importer.model.normalized_name import normalize_name
from importer.model.problem import OPTIONS, PROBLEM_KINDS, HintSource
from importer.model.problem_frame import encode_params
from schemas.dataframe_schema import Rule

LONGEST_EXCESS = 80
NEAR_SPELLING = 0.75  # the least similarity, from 0 to 1, of a text to the choice that is proposed for it
_CONTROL = re.compile(CONTROL)
_CODE = re.compile(CODE)
_SECOND_HALVES = {bytes([high]) for high in range(0xDC, 0xE0)}


def params_expr(rule: Rule, value: pl.Expr) -> pl.Expr:
    """Return the parameters, as JSON, for each of the values that break the rule."""
    fixed = {**_rule_params(rule), **_hint_params(rule)}
    of_value = _OF_VALUES.get(rule.code)
    if of_value is None:
        return pl.lit(encode_params(fixed))
    return value.map_elements(lambda text: encode_params(of_value(rule, text) | fixed), return_dtype=pl.String)


def _rule_params(rule: Rule) -> dict[str, Any]:
    """Return what the rule alone says: its limit, and which variant of the message fits it."""
    of_rule = _OF_RULES.get(rule.code)
    if of_rule is not None:
        return of_rule(rule)
    return {} if rule.limit is None or rule.code in _OF_VALUES else {"limit": rule.limit}


def _hint_params(rule: Rule) -> dict[str, Any]:
    """Return what the vendor's document says of the field, where the kind of problem takes its hint from there."""
    field, source = rule.field, PROBLEM_KINDS[rule.code].hint_source
    if source is HintSource.KIND:
        return {}
    if field.hint and field.hint_names_option:
        return {"field_advice": field.hint}
    if field.hint:
        has_option = rule.code in ("pattern", "format", "not_a_date") and field.kind in OPTIONS
        return {"field_hint": field.hint} | ({"option": str(field.kind)} if has_option else {})
    is_shown = source is HintSource.EXAMPLE and isinstance(field.example, str)
    return {"example": field.example} if is_shown else {}


def _format_params(rule: Rule) -> dict[str, Any]:
    variants, is_list = PROBLEM_KINDS["format"].variants, rule.field.type == "array"
    variant = f"list of {rule.limit}" if is_list else str(rule.limit)
    return {"variant": variant if variant in variants else "list" if is_list else "", "format": rule.limit}


# Rules whose limit is more than a figure in the message.
_OF_RULES: Mapping[str, Callable[[Rule], dict[str, Any]]] = {
    "required": lambda rule: {"variant": "within", "object": rule.limit} if rule.limit else {},
    "type": lambda rule: {"variant": rule.limit},
    "enum": lambda rule: {"values": ", ".join(rule.limit)},
    "not_a_date": lambda rule: {"variant": str(rule.limit)},
    "pattern": lambda rule: {"variant": str(rule.field.kind), "form": rule.limit},
    "format": _format_params,
    "nothing_to_send": lambda _rule: {},
    "no_way_to_reach": lambda _rule: {},
}


def _too_long(rule: Rule, text: str) -> dict[str, Any]:
    limit = int(rule.limit)
    entries = text.split(", ") if rule.field.type == "array" else [text]
    units = next((found for entry in entries if len(found := entry.encode("utf-16-le")) > 2 * limit), b"")
    # A character of two units that straddles the limit is part of the excess.
    start = 2 * limit - 2 if units[2 * limit + 1 : 2 * limit + 2] in _SECOND_HALVES else 2 * limit
    excess = units[start:].decode("utf-16-le", "replace")[:LONGEST_EXCESS]
    length = len(units) // 2
    return {"length": length, "limit": limit, "more": length - limit, "excess": excess}


def _too_short(rule: Rule, text: str) -> dict[str, Any]:
    return {"length": len(text.encode("utf-16-le")) // 2, "limit": rule.limit}


def _control_character(_rule: Rule, text: str) -> dict[str, Any]:
    found = next(character for character in text if _CONTROL.match(character))
    return {"character": f"U+{ord(found):04X}"}


def _digits(rule: Rule, text: str) -> dict[str, Any]:
    code = _CODE.match(text)
    return {"digits": len(code[1]) if code else 0, "length": rule.limit}


def _near_choice(rule: Rule, text: str) -> dict[str, Any]:
    """Return the choice whose spelling is near to the text, as a proposal; nobody takes it for the value."""
    names = {normalize_name(choice): choice for choice in rule.limit}
    near = difflib.get_close_matches(normalize_name(text), names, n=1, cutoff=NEAR_SPELLING)
    return {"near": names[near[0]]} if near else {}


def _look_alike(_rule: Rule, text: str) -> dict[str, Any]:
    found = find_look_alike(text)
    if found is None:
        return {}
    params = {"character": found.name, "place": found.place}
    return params | ({"like": found.like} if found.like else {"variant": "invisible"})


# Rules whose message quotes or counts what is wrong with the value.
_OF_VALUES: Mapping[str, Callable[[Rule, str], dict[str, Any]]] = {
    "min_length": _too_short,
    "max_length": _too_long,
    "mojibake": lambda _rule, text: {"meant": repair_encoding(text) or text},
    "control_character": _control_character,
    "leading_zeros_lost": _digits,
    "enum": _near_choice,
    "look_alike_character": _look_alike,
}
