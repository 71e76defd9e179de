"""Texts that another program encoded are decoded; texts that only look so stay."""

from __future__ import annotations

import polars as pl
import pytest

from importer.cleaning.encoded_text import decode_encoded, decode_text, guess_decoded

ENCODED = {
    "O&#39;Brien": "O'Brien", "M&uuml;nchen": "München", "R&amp;D lead": "R&D lead", "R&amp;amp;D": "R&D",
    "Boston&nbsp;": "Boston\xa0", "&#128512;": "😀",
    "G=C3=BCnther": "Günther", "G=FCnther": "Günther", "M=C3=BCller=20GmbH": "Müller GmbH",
    "Jos=E9": "José", "%2B12025550101": "+12025550101", "%2B1%20202%20555%200101": "+1 202 555 0101", "a\r\nR&amp;D": "a\r\nR&D",
    "https://www.example.com/?a=1&amp;b=%C3%A9": "https://www.example.com/?a=1&b=%C3%A9",
    "=?UTF-8?Q?Jos=C3=A9?=": "José", "=?utf-8?B?Sm9zw6k=?= =?utf-8?Q?_Gil?=": "José Gil",
    "=?iso-8859-1?Q?Jos=E9?=": "José",
    "Ren\\u00e9e": "Renée", "\\ud83d\\ude00": "😀",
    "Perc%C3%A9": "Percé", "Ana%20Maria": "Ana Maria", "caf%E9": "café", "ana%40example.com": "ana@example.com",
    "Frey_x000D_": "Frey", "line_x000D_\nnext": "line\nnext",
}  # fmt: skip
PLAIN = [
    "AT&T & Co", "Sales & Service", "100% of 1+1=2", '5" pipes', "x=AB", "E=MC2", "Size=C3", "grade=E9", "10%facts",
    "https://www.example.com/?q=E9", "50%20", "100%AB",
    "https://www.example.com/%C3%A9", "utm_term=caf%C3%A9", "?a=1&b=%C3%A9", "utm_source=x&utm_term=a%20b", "C:\\users", "&bogus;", "&copy", "&#0;", "=?nonsense?Q?x?=", "\\ud83d", "a_b",
]  # fmt: skip


@pytest.mark.parametrize(("text", "plain"), ENCODED.items())
def test_encoded_texts_are_decoded(text: str, plain: str) -> None:
    assert decode_text(text) == plain


@pytest.mark.parametrize("text", PLAIN)
def test_texts_that_only_look_encoded_stay(text: str) -> None:
    assert decode_text(text) == text


DOUBTFUL = {
    "Size=E9": "Sizeé", "=C9ric Lee": "Éric Lee", "%C9ric Lee": "Éric Lee", "Ren&eacute Gil": "René Gil",
    "Johnson %26 Co": "Johnson & Co", "Ana=20Lee": "Ana Lee", "a%20b c": "a b c", "C%2B%2B dev": "C++ dev",
    "=E9t=E9 2024": "été 2024",
}  # fmt: skip
BEYOND_DOUBT = [
    "50%26", "a=20", "x=AB", "Size=C3", "grade=E9", "10%facts", "50%20", "100%AB", "&copy", "Ben&Jerry", "AT&T",
    "size=42", "100%25", "rate 5%DEcline", "20%Cafe", "https://www.example.com/a%20b c", "utm_source=A9&x=1",
]  # fmt: skip


@pytest.mark.parametrize(("text", "plain"), DOUBTFUL.items())
def test_texts_that_may_be_encoded_are_a_persons_decision(text: str, plain: str) -> None:
    assert decode_text(text, is_name=False) == text
    assert guess_decoded(text) == plain


@pytest.mark.parametrize("text", BEYOND_DOUBT)
def test_texts_that_hardly_are_encoded_ask_nothing(text: str) -> None:
    assert guess_decoded(text) == text


def test_the_plus_of_a_form_is_a_blank() -> None:
    assert decode_text("Ana+Mar%C3%ADa") == "Ana María"
    assert decode_text("a+b%20%C3%A9") == "a+b é"


def test_every_encoded_text_is_found_in_a_column() -> None:
    texts = pl.Series([*ENCODED, None, *PLAIN])

    assert decode_encoded(texts).to_list() == [*ENCODED.values(), None, *PLAIN]
