"""The formats of JSON Schema that are checked, as polars expressions.

The verdict is that of an independent JSON Schema validator (``jsonschema-rs``), which the tests compare with.
"""

from __future__ import annotations

import ipaddress
import re

import polars as pl

from schemas.text_tests import Test, check_suspects

MOST_EMAIL_CHARACTERS, MOST_LOCAL_PART_CHARACTERS = 254, 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_QUOTED = r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"'
_EMAIL = (
    rf"^(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@(?:{_LABEL}(?:\.{_LABEL})*"
    r"|\[(?:(?:\d{1,3}\.){3}\d{1,3}|IPv6:[0-9A-Fa-f:.]+)\])$"
)
_DATE = (
    r"(?:(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29"
    r"|[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8])))"
)
_OFFSET = r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_DATE_TIME = rf"^{_DATE}[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?{_OFFSET}$"
_LEAP_SECOND = r"^.{11}([0-9]{2}):([0-9]{2}):60(?:\.[0-9]+)?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$"
_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_AUTHORITY = (
    r"(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?"
    r"(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?"
)
_URI = (
    rf"^[A-Za-z][A-Za-z0-9+.-]*:(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?"
    rf"|{_PCHAR}+(?:/{_PCHAR}*)*|)(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?$"
)
_MINUTES_PER_DAY = 1440
_UUID = r"^[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$"


def _is_email(text: pl.Expr) -> pl.Expr:
    """Test for a Mailbox of RFC 5321: dot-atom or quoted local part, labels of at most 63 characters."""

    def is_short_enough(long: pl.Series) -> pl.Series:
        local_part = long.str.extract("^(.*)@", 1)
        return (local_part.str.len_chars() <= MOST_LOCAL_PART_CHARACTERS) & (
            long.str.len_chars() <= MOST_EMAIL_CHARACTERS
        )

    def is_long(texts: pl.Series) -> pl.Series:
        return texts.str.len_bytes() > MOST_LOCAL_PART_CHARACTERS

    is_of_right_length = check_suspects(text, is_long, is_short_enough)
    return _is_email_of_any_length(text) & is_of_right_length


def _is_email_of_any_length(text: pl.Expr) -> pl.Expr:
    return text.str.contains(_EMAIL) & _has_valid_literal(text)


def _is_uri(text: pl.Expr) -> pl.Expr:
    """Test for a URI of RFC 3986."""
    return text.str.contains(_URI) & _has_valid_literal(text)


def _has_valid_literal(text: pl.Expr) -> pl.Expr:
    """Test that an address literal (``[…]`` in the place of a domain), if there is one, is an IP address."""
    return check_suspects(
        text,
        lambda texts: texts.str.contains("[", literal=True),
        lambda texts: pl.Series([_is_ip_literal(text) for text in texts], dtype=pl.Boolean),
    )


def _is_ip_literal(text: str) -> bool:
    if "@" in text and text.startswith('"'):
        text = text.rpartition("@")[2]  # brackets in a quoted local part are no literal
    literal = re.search(r"\[([^\]]*)\]", text)
    if not literal:
        return True
    address = literal.group(1)
    try:
        if "://" in text or address.startswith("IPv6:"):
            ipaddress.IPv6Address(address if "://" in text else address.removeprefix("IPv6:"))
        else:
            ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return True


def _is_date_time(text: pl.Expr) -> pl.Expr:
    """Test for a date-time of RFC 3339; a second of 60 is valid only where it is 23:59 in UTC."""

    def is_before_midnight(leap: pl.Series) -> pl.Series:
        local = leap.str.extract(_LEAP_SECOND, 1).cast(pl.Int32) * 60 + leap.str.extract(_LEAP_SECOND, 2).cast(pl.Int32)
        offset = leap.str.extract(_LEAP_SECOND, 4).cast(pl.Int32) * 60 + leap.str.extract(_LEAP_SECOND, 5).cast(
            pl.Int32
        )
        sign = (leap.str.extract(_LEAP_SECOND, 3) == "-").cast(pl.Int32) * -2 + 1
        minutes = (local - (sign * offset).fill_null(0)) % _MINUTES_PER_DAY
        return (minutes == _MINUTES_PER_DAY - 1).fill_null(value=False)

    return text.str.contains(_DATE_TIME) & check_suspects(
        text, lambda texts: texts.str.contains(r"^.{17}60"), is_before_midnight
    )


# JSON Schema has more formats; there they are annotations, and so they are here.
FORMATS: dict[str, Test] = {
    "email": _is_email,
    "date": lambda text: text.str.contains(f"^{_DATE}$"),
    "date-time": _is_date_time,
    "uri": _is_uri,
    "uuid": lambda text: text.str.contains(_UUID),
}
# For texts whose length the document limits itself.
FORMATS_OF_ANY_LENGTH: dict[str, Test] = {**FORMATS, "email": _is_email_of_any_length}
