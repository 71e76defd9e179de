"""French beyond the cells: rows in doubt, where a key was found, the order of countries."""

from __future__ import annotations

import pytest

from importer.config.api_keys import FoundKey
from importer.errors import SettingsError
from importer.model.delivery import Verdict
from importer.sending.http_client import Exchange, Failure
from importer.sending.outcome import judge
from importer.web.i18n import words_of
from importer.web.labels import place, problem_message, uncertain_row
from importer.web.region_names import list_regions
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
def test_an_uncertain_row_is_described_in_french(exchange: Exchange, vendor: str) -> None:
    outcome = judge(exchange, load_vendor(vendor).operations["create"].answers, now=0)

    if outcome.verdict is Verdict.UNCERTAIN:
        entry = {"code": outcome.code, "http_status": outcome.http_status, "message": outcome.message}
        said = uncertain_row(FRENCH, entry)
        assert said
        assert said != outcome.message
        assert str(outcome.http_status or "") in said
        assert uncertain_row(ENGLISH, entry) == ""
    else:
        assert outcome.verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (FoundKey("k", "environment", "ICLOSED_API_KEY"), "d’environnement ICLOSED_API_KEY"),
        (FoundKey("k", "file", "/etc/a key"), "le fichier /etc/a key"),
        (FoundKey("k", "keyring", "iclosed"), "iclosed du trousseau"),
    ],
)
def test_where_a_key_was_found_is_said_in_french(found: FoundKey, said: str) -> None:
    assert place(FRENCH, found).endswith(said)
    assert found.name in place(ENGLISH, found)


def test_countries_stand_where_a_french_reader_looks_for_them() -> None:
    names = [name for _, name in list_regions("fr")]

    assert names.index("Espagne") < names.index("États-Unis") < names.index("Finlande")


def test_of_an_uncertain_row_of_an_earlier_version_only_the_message_is_known() -> None:
    assert uncertain_row(FRENCH, {"http_status": None, "message": "sent, but no answer came: timeout"}) == ""


@pytest.mark.parametrize("code", ["draft_changed", "draft_imported", "draft_gone"])
def test_errors_of_drafts_are_shown_in_french(code: str) -> None:
    error = SettingsError.of_kind(code)

    assert str(error).startswith("this file")
    assert problem_message(FRENCH, error.code, error.params).startswith("Ce fichier")
