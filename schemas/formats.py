"""The formats of JSON Schema that are checked, as polars expressions."""

from __future__ import annotations

import ipaddress
import re

import polars as pl

from schemas.ecma_regex import Test, check_rare

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_QUOTED = r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"'
_EMAIL = (
    rf"^(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@(?:{_LABEL}(?:\.{_LABEL})*"
    r"|\[(?:(?:\d{1,3}\.){3}\d{1,3}|IPv6:[0-9A-Fa-f:.]+)\])$"
)
_DAY = (
    r"(?:(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29"
    r"|[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8])))"
)
_OFFSET = r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_MOMENT = rf"^{_DAY}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?{_OFFSET}$"
_LEAP = r"^.{11}([0-9]{2}):([0-9]{2}):60(?:\.[0-9]+)?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$"
_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_AUTHORITY = (
    r"(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?"
    r"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?"
)
_URI = (
    rf"^[A-Za-z][A-Za-z0-9+.-]*:(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?"
    rf"|{_PCHAR}+(?:/{_PCHAR}*)*|)(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?$"
)
_UUID = r"^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$"


def _is_email(text: pl.Expr) -> pl.Expr:
    """RFC 5321 Mailbox: dot-atom or quoted local part of at most 64, labels of at most 63, 254 in all."""

    def short_enough(long: pl.Series) -> pl.Series:
        return (long.str.extract("^(.*)@", 1).str.len_chars() <= 64) & (long.str.len_chars() <= 254)

    return (
        text.str.contains(_EMAIL) & check_rare(text, _is_long, short_enough) & check_rare(text, _has_bracket, _literals)
    )


def _is_uri(text: pl.Expr) -> pl.Expr:
    """RFC 3986 URI."""
    return text.str.contains(_URI) & check_rare(text, _has_bracket, _literals)


def _is_long(texts: pl.Series) -> pl.Series:
    return texts.str.len_bytes() > 64


def _has_bracket(texts: pl.Series) -> pl.Series:
    return texts.str.contains("[", literal=True)


def _literals(texts: pl.Series) -> pl.Series:
    """Whether what stands in brackets is an IP address."""
    return pl.Series([_is_literal(text) for text in texts], dtype=pl.Boolean)


def _is_literal(text: str) -> bool:
    if "@" in text and text.startswith('"'):
        text = text.rpartition("@")[2]
    inside = re.search(r"\[([^\]]*)\]", text)
    if not inside:
        return True
    address = inside.group(1)
    try:
        if "://" in text:
            ipaddress.IPv6Address(address)
        elif address.startswith("IPv6:"):
            ipaddress.IPv6Address(address.removeprefix("IPv6:"))
        else:
            ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return True


def _is_date_time(text: pl.Expr) -> pl.Expr:
    """RFC 3339; a second of 60 only where the minute is 23:59 in UTC."""

    def at_midnight(leap: pl.Series) -> pl.Series:
        local = leap.str.extract(_LEAP, 1).cast(pl.Int32) * 60 + leap.str.extract(_LEAP, 2).cast(pl.Int32)
        offset = leap.str.extract(_LEAP, 4).cast(pl.Int32) * 60 + leap.str.extract(_LEAP, 5).cast(pl.Int32)
        ahead = (leap.str.extract(_LEAP, 3) == "-").cast(pl.Int32) * -2 + 1
        return ((local - (ahead * offset).fill_null(0)) % 1440 == 23 * 60 + 59).fill_null(value=False)

    return text.str.contains(_MOMENT) & check_rare(text, _has_leap, at_midnight)


def _has_leap(texts: pl.Series) -> pl.Series:
    return texts.str.contains(r"^.{17}60")


FORMATS: dict[str, Test] = {
    "email": _is_email,
    "date": lambda text: text.str.contains(f"^{_DAY}$"),
    "date-time": _is_date_time,
    "uri": _is_uri,
    "uuid": lambda text: text.str.contains(_UUID),
}
"""The formats that are checked. In JSON Schema any other format is a remark, and stays one here."""
