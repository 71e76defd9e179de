"""The months' names in the seven languages of the vendors' customers: twelve words a line, January first."""

from __future__ import annotations

from functools import cache

from importer.model.normalized_name import normalize_name

FULL = {
    "en": "january february march april may june july august september october november december",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
# As a spreadsheet program in that language writes them when it takes 1-2 for a date: 1-Feb, 1-févr.
SHORT = {
    "en": "jan feb mar apr may jun jul aug sep oct nov dec",
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic",
    "de": "jan feb mrz apr mai jun jul aug sep okt nov dez",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
}
OTHER = {"jänner": 1, "fév": 2, "aoû": 8}


@cache
def month_numbers() -> dict[str, int]:
    """Return the number of each month, from 1, by every name's ``normalize_name``."""
    lines = [line.split() for line in (*FULL.values(), *SHORT.values())]
    numbers = {normalize_name(name): number for line in lines for number, name in enumerate(line, start=1)}
    return numbers | {normalize_name(name): number for name, number in OTHER.items()}
