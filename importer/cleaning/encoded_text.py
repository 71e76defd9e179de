r"""Text that another program encoded → the text itself, where that is beyond doubt.

HTML character references (WHATWG HTML 13.5, only with their semicolon), quoted-printable (RFC 2045), encoded words of
mail headers (RFC 2047), percent-encoding (RFC 3986), ``\u00e9`` (JSON) and ``_x000D_`` (ECMA-376 22.9.2.19).
The standard library decodes each of them; what is ours is to tell an encoded text from one that only looks like it.
``ftfy`` was looked at: it guesses at more than that, such as curly quotes, and changes texts that are right.

What may be encoded, and may be meant as it stands (``Size=E9``, ``Johnson %26 Co``), is a person's decision.
"""

from __future__ import annotations

import html
import quopri
import re
from collections.abc import Callable, Iterable
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from urllib.parse import unquote_to_bytes

import polars as pl

SUSPECT = (
    r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});|=\?[A-Za-z0-9_-]+\?[QqBb]\?|=[0-9A-F]{2}"
    r"|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|_x[0-9A-Fa-f]{4}_|&[A-Za-z]{4,8}"
)
"""Where one of these is found, a closer look is worth it."""
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ENCODED_WORD = re.compile(r"=\?[A-Za-z0-9_-]+\?[QqBb]\?[^?]*\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?)")
_QUOTED_BYTES = re.compile(r"(?:=[0-9A-F]{2})+")
_PERCENT_BYTES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ESCAPED_UNITS = re.compile(r"(?:\\u[0-9A-Fa-f]{4})+")
_WORKBOOK_UNIT = re.compile(r"_x([0-9A-Fa-f]{4})_")
_QUERY = r"^\s*\??(?:utm_\w+=|[\w.\[\]-]+=[^&\s]*&[\w.\[\]-]+=)"
_WEB_ADDRESS = re.compile(rf"^\s*[A-Za-z][A-Za-z0-9+.-]*://|^\s*www\.|{_QUERY}", re.IGNORECASE)
_UNCLOSED_REFERENCE = re.compile(r"&[A-Za-z]{4,8}(?![A-Za-z;])")
_KEY_AND_VALUE = re.compile(r"(?:^|[\s,;(])[a-z_]+=$")
_WORD = re.compile(r"[^\W\d_]?[^\W\d_A-ZÀ-ÖØ-Þ]*|[A-ZÀ-ÖØ-Þ]+")
_SIGNS_OF_PERCENT, _SIGNS_OF_QUOTED = " &'(),/@.+", " &',"
_BEGINS_NAME = re.compile(r"(?:^|[\s'-])([^\W\d_])[^\W\d_]+$")
MOST_ROUNDS = 2
"""``&amp;amp;`` was encoded twice; more than that nobody does."""


def decode_encoded(texts: pl.Series, *, is_address: bool = False, is_name: bool = True) -> pl.Series:
    """Return the texts with those decoded that another program encoded; each distinct suspect is looked at once."""
    suspects = texts.filter(texts.str.contains(SUSPECT).fill_null(value=False)).unique().to_list()
    decoded = {text: decode_text(text, is_address=is_address, is_name=is_name) for text in suspects}
    known = {text: plain for text, plain in decoded.items() if plain != text}
    return texts.replace(list(known), list(known.values())) if known else texts


def guess_encoded(texts: pl.Series) -> dict[str, str]:
    """Return the distinct texts that may be encoded, with what they would be then."""
    suspects = texts.filter(texts.str.contains(SUSPECT).fill_null(value=False)).unique().to_list()
    return {text: plain for text in suspects if (plain := guess_decoded(text)) != text}


def guess_decoded(text: str) -> str:
    """Return a text with everything decoded that may be encoded and would be a word or a usual sign then."""
    if _WEB_ADDRESS.match(text):
        return text
    plain = _UNCLOSED_REFERENCE.sub(_unescape_letter, text)
    plain = _guess_bytes(plain, _QUOTED_BYTES, _unpack_quoted)
    plain = _guess_bytes(plain, _PERCENT_BYTES, unquote_to_bytes)
    return plain if _is_text(set(plain) - set(text)) else text


def _unescape_letter(found: re.Match[str]) -> str:
    plain = html.unescape(f"{found[0]};")
    return plain if len(plain) == 1 and plain.isalpha() else found[0]


def _unpack_quoted(piece: str) -> bytes:
    return quopri.decodestring(piece.encode("ascii"))


def _guess_bytes(text: str, pattern: re.Pattern[str], unpack: Callable[[str], bytes]) -> str:
    def decode(found: re.Match[str]) -> str:
        raw, before, after = unpack(found[0]), text[: found.start()], text[found.end() :]
        try:
            plain = raw.decode("utf-8")
        except UnicodeDecodeError:
            plain = raw.decode("cp1252", errors="replace")
        is_quoted = found[0].startswith("=")
        if not is_quoted and before[-1:].isdecimal():
            return found[0]  # 10%facts
        if plain.isascii():
            signs = _SIGNS_OF_QUOTED if is_quoted else _SIGNS_OF_PERCENT
            inside = not is_quoted or (before[-1:].isalpha() and after[:1].isalpha())
            return plain if inside and set(plain) <= set(signs) else found[0]
        if is_quoted and not after[:1].isalpha() and _KEY_AND_VALUE.search(f"{before}="):
            return found[0]  # grade=E9
        begin, end = re.search(r"[^\W\d_]*$", before), re.match(r"[^\W\d_]*", after)
        word = f"{begin[0] if begin else ''}{plain}{end[0] if end else ''}"
        return plain if len(word) > 1 and _WORD.fullmatch(word) else found[0]

    return pattern.sub(decode, text)


def decode_text(text: str, *, is_address: bool = False, is_name: bool = True) -> str:
    """Decode one text; it is returned as it is where the result would be no text.

    ``Jos=E9`` is decoded in a name (``is_name``): elsewhere it could be ``Size=E9``. In a web address (``is_address``,
    or one that begins like one) and its query string, such as ``utm_source=a&utm_term=b``, ``%`` and ``=`` have a
    meaning of their own.
    """
    for _ in range(MOST_ROUNDS):
        plain = text
        for decode in _DECODERS[:-2] if is_address or _WEB_ADDRESS.match(text) else _DECODERS:
            plain = decode(plain) if decode is not _quoted_printable else _quoted_printable(plain, is_name=is_name)
        if plain == text or not _is_text(set(plain) - set(text)):
            return text
        text = plain
    return text


def _references(text: str) -> str:
    return _REFERENCE.sub(lambda found: html.unescape(found[0]), text)


def _encoded_words(text: str) -> str:
    def decode(found: re.Match[str]) -> str:
        try:
            return str(make_header(decode_header(found[0])))
        except (HeaderParseError, LookupError, UnicodeError, ValueError):
            return found[0]

    return _ENCODED_WORD.sub(decode, _BETWEEN_WORDS.sub(r"\1\2", text)) if "=?" in text else text


def _quoted_printable(text: str, *, is_name: bool = True) -> str:
    """``G=C3=BCnther``; where one letter shows that the text is quoted, ``=20`` and ``=3D`` count, too."""
    decoded = _decode_bytes(text, _QUOTED_BYTES, _unpack_quoted, is_name=is_name)
    if decoded == text:
        return text
    return re.sub(r"=(20|3D|2C|27|22|2E|09)", lambda found: chr(int(found[1], 16)), decoded).replace("=\n", "")


def _percent(text: str) -> str:
    """``Perc%C3%A9``, ``Ana%20Maria``, ``ana%40example.com``, ``%2B12025550101``."""
    if re.fullmatch(r"(?:tel:)?%2[Bb][\d%() .-]+", text):
        text = re.sub(r"%2[Bb]", "+", text, count=1).replace("%20", " ")
    decoded = _decode_bytes(text, _PERCENT_BYTES, unquote_to_bytes)
    if re.fullmatch(r"[^\s%@]+%40[^\s%@]+\.[^\s%@]+", text):
        return text.replace("%40", "@")
    if decoded == text and (" " in text or not re.search(r"(?<!\d)%20", text)):
        return text
    if " " not in text and "%20" not in text:  # a form's own encoding
        decoded = decoded.replace("+", " ")
    return re.sub(r"%(20|27|2C|2E|28|29|26)", lambda found: chr(int(found[1], 16)), decoded)


def _decode_bytes(text: str, pattern: re.Pattern[str], unpack: Callable[[str], bytes], *, is_name: bool = True) -> str:
    """Decode runs of encoded bytes that are letters beyond ASCII: of UTF-8, or of cp1252 within a word."""

    def decode(found: re.Match[str]) -> str:
        raw = unpack(found[0])
        if max(raw) < 0x80:
            return found[0]
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
        plain = raw.decode("cp1252", errors="replace")
        # grade=E9 and 10%facts are no encoded texts: at least the beginning of a name must stand before the letter.
        before, after = text[: found.start()], text[found.end() :]
        word = _BEGINS_NAME.search(before)
        ends_name = word is not None and (found[0].startswith("%") or (is_name and word[1].isupper()))
        inside = before[-1:].isalpha() and (after[:1].islower() or ends_name)
        return plain if plain.isalpha() and plain.islower() and inside else found[0]

    return pattern.sub(decode, text)


def _escapes(text: str) -> str:
    def decode(found: re.Match[str]) -> str:
        units = bytes.fromhex(found[0].replace("\\u", ""))
        return units.decode("utf-16-be", errors="replace")

    return _ESCAPED_UNITS.sub(decode, text)


def _workbook_units(text: str) -> str:
    plain = _WORKBOOK_UNIT.sub(lambda found: chr(int(found[1], 16)), text)
    return plain.replace("\r\n", "\n").rstrip("\r\n").replace("\r", "\n") if plain != text else text


def _is_text(characters: Iterable[str]) -> bool:
    """Return whether people type these characters: no lone surrogates, controls or lost characters."""
    return not any(
        "\ud800" <= char <= "\udfff"
        or char == "\ufffd"
        or (char < " " and char not in "\t\n\r")
        or "\x7f" <= char < "\xa0"
        for char in characters
    )


_DECODERS = (_workbook_units, _encoded_words, _references, _escapes, _quoted_printable, _percent)
