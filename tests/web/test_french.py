"""French beyond the cells: rows in doubt, where a key was found, the order of countries."""

from __future__ import annotations

import pytest

from importer.model.delivery import Verdict
from importer.sending.http_client import Exchange, Failure
from importer.sending.outcome import judge
from importer.web.i18n import words_of
from importer.web.labels import place
from importer.web.message_translation import problem_in
from importer.web.pages.columns import list_regions
from schemas.registry import load_vendor, vendor_names

ENGLISH, FRENCH = words_of("en"), words_of("fr")


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(None, failure=Failure.UNKNOWN, detail="timeout after 30 s"),
        Exchange(200, body=b"{", failure=Failure.CUT_OFF),
        Exchange(200, body=b"<html>"),
        Exchange(200, body=b"{}"),
        Exchange(200, body=b'{"success": true, "data": {}}'),
        Exchange(502, body=b"<b>100%</b>"),
    ],
    ids=lambda exchange: f"{exchange.status}-{exchange.body[:9]!r}",
)
@pytest.mark.parametrize("vendor", vendor_names())
def test_what_is_known_of_a_row_in_doubt_is_said_in_french(exchange: Exchange, vendor: str) -> None:
    outcome = judge(exchange, load_vendor(vendor).operations["create"].answers, now=0)

    if outcome.verdict is Verdict.UNCERTAIN:
        assert problem_in(FRENCH, outcome.message) != outcome.message
        assert problem_in(ENGLISH, outcome.message) == outcome.message
    else:
        assert outcome.verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    ("where", "said"), [("environment ICLOSED_API_KEY", "d’environnement ICLOSED_API_KEY"), ("", "")]
)
def test_where_a_key_was_found_is_said_in_french(where: str, said: str) -> None:
    assert place(FRENCH, where).endswith(said)
    assert place(ENGLISH, where).endswith(where.rpartition(" ")[2])


def test_countries_stand_where_a_french_reader_looks_for_them() -> None:
    names = [name for _, name in list_regions("fr")]

    assert names.index("Espagne") < names.index("États-Unis") < names.index("Finlande")
