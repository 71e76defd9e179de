"""Values into the vendor's form: nothing truncated, nothing invented."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from importer.checking.damage import harmless
from importer.cleaning import CleaningOptions, clean, split_list_fields
from importer.cleaning.dates import clean_date
from importer.cleaning.email import clean_email
from importer.cleaning.kinds import find_cleaner
from importer.cleaning.moments import clean_moment
from importer.cleaning.phone import clean_phone
from importer.cleaning.phone_number import parse_phone
from importer.cleaning.text import SUSPECT_TEXT, clean_text
from importer.settings import DateOrder
from schemas.kind import Kind
from schemas.registry import load_vendor


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (" a ", "a"),
        ("a  b\u00a0c", "a b c"),
        ("e\u0301", "é"),
        ("a\u200bb\ufeff", "ab"),
        ("\u200b", None),
        ("", ""),
        (None, None),
        ("a\nb", "a\nb"),
        ("میخواهم\u200cبروم", "میخواهم\u200cبروم"),
    ],
)
def test_text_loses_what_nobody_sees(text: str | None, cleaned: str | None) -> None:
    assert clean_text(pl.Series([text], dtype=pl.String)).to_list() == [cleaned]


@pytest.mark.parametrize(
    ("number", "region", "cleaned"),
    [
        ("+15550100001", None, "+15550100001"),
        ("+1 (555) 010-0001", None, "+15550100001"),
        ("tel: 00212 600-00.00.01", None, "+212600000001"),
        ("06 00 00 00 01", None, "06 00 00 00 01"),
        ("06 00 00 00 01", "MA", "+212600000001"),
        ("+33 6 39 98 00 01", "MA", "+33639980001"),
        ("15551234567.0", None, "15551234567.0"),
        ("1.55512E+10", None, "1.55512E+10"),
        ("1.55512E+10", "US", "1.55512E+10"),
        ("15551234.25", None, "15551234.25"),
        ("call me", "US", "call me"),
        ("+1 555 010 0001 x12", None, "+15550100001"),
        (None, "MA", None),
    ],
)
def test_phones_lose_punctuation_and_gain_a_country_only_when_it_is_known(
    number: str | None, region: str | None, cleaned: str | None
) -> None:
    assert clean_phone(pl.Series([number], dtype=pl.String), region)[0].to_list() == [cleaned]


@pytest.mark.parametrize(
    ("text", "order", "cleaned"),
    [
        ("31/12/1990", "dmy", "1990-12-31"),
        ("12.31.1990", "mdy", "1990-12-31"),
        ("1990/2/8", "ymd", "1990-02-08"),
        ("1990-02-28", "dmy", "1990-02-28"),
        ("31/02/1990", "dmy", "31/02/1990"),
        ("03/04/1990", None, "03/04/1990"),
    ],
)
def test_dates_follow_the_given_order_or_stay(text: str, order: DateOrder | None, cleaned: str) -> None:
    assert clean_date(pl.Series([text]), order).to_list() == [cleaned]


@pytest.mark.parametrize(
    ("text", "zone", "cleaned"),
    [
        ("2024-01-15T10:00:00Z", None, "2024-01-15T10:00:00Z"),
        ("2024-07-01T10:00:00+02:00", None, "2024-07-01T08:00:00.000Z"),
        ("2024-01-15 10:00", "Europe/Paris", "2024-01-15T09:00:00.000Z"),
        ("2024-01-15", "Europe/Paris", "2024-01-14T23:00:00.000Z"),
        ("2024-01-15 10:00", None, "2024-01-15 10:00"),
        ("2024-03-31T02:30:00", "Europe/Paris", "2024-03-31T02:30:00"),
        ("2024-10-27T02:30:00", "Europe/Paris", "2024-10-27T02:30:00"),
    ],
)
def test_moments_become_utc_where_that_is_certain(text: str, zone: str | None, cleaned: str) -> None:
    assert clean_moment(pl.Series([text]), zone).to_list() == [cleaned]


def test_choices_and_countries_get_the_spelling_that_is_asked_for() -> None:
    operation = load_vendor("iclosed").operations["create"]
    fields = [field for path in ("status", "country") if (field := operation.field(path))]
    frame = pl.DataFrame({"status": ["qualified", "Hot", None], "country": ["fr", "France", "Nowhere"]})

    cleaned = clean(frame.with_row_index("row"), fields, {})

    assert cleaned.frame.drop("row").rows() == [("QUALIFIED", "FR"), ("Hot", "FR"), (None, "Nowhere")]
    assert cleaned.changes == {"choice": 1, "country": 2}


def test_a_cell_with_several_addresses_becomes_a_list() -> None:
    field = load_vendor("clemta").operations["create"].field("cc_emails")
    assert field is not None
    frame = pl.DataFrame({"cc_emails": ["a@x.co; b@x.co,a@x.co", " ", None, "c@x.co\nd@x.co"]})

    assert split_list_fields(frame, [field])["cc_emails"].to_list() == [
        ["a@x.co", "b@x.co"],
        None,
        None,
        ["c@x.co", "d@x.co"],
    ]


@given(st.lists(st.one_of(st.none(), st.text(max_size=12)), min_size=1, max_size=20))
def test_cleaning_twice_is_cleaning_once(texts: list[str | None]) -> None:
    operation = load_vendor("iclosed").operations["create"]
    frame = pl.DataFrame({field.path: pl.Series(texts, dtype=pl.String) for field in operation.fields})
    frame = frame.with_row_index("row")
    hints = {field.path: CleaningOptions("MA", "dmy", "Africa/Casablanca") for field in operation.fields}

    once = clean(frame, operation.fields, hints).frame

    assert clean(once, operation.fields, hints).frame.equals(once)


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_e164_in_is_e164_out(number: str) -> None:
    (once,) = clean_phone(pl.Series([number]), "MA")[0]

    assert once == (parse_phone(number, "MA").number or number)
    assert clean_phone(pl.Series([once]), "MA")[0].to_list() == [once]


DATE_LIKE = st.one_of(
    st.from_regex(
        r"[0-9]{1,4}[-/. ][0-9A-Za-z]{1,9}[-/. ,]{1,2}[0-9]{2,4}( [0-9]{1,2}:[0-9]{2}( [AP]M)?)?", fullmatch=True
    ),
    st.from_regex(r"[0-9]{1,2}(st|er|\.)? (jan|mars|août|Dez|fevereiro)\.? [0-9]{2,4}", fullmatch=True),
    st.from_regex(r"[0-9]{5}(\.[0-9]{1,6})?", fullmatch=True),
)


@given(DATE_LIKE, st.sampled_from(["dmy", "mdy", "ymd", None]))
def test_a_date_that_is_cleaned_is_a_day_that_exists_and_stays_what_it_is(text: str, order: DateOrder | None) -> None:
    once = clean_date(pl.Series([text]), order)

    assert clean_date(once, order).to_list() == once.to_list()
    if once.item() != text:
        assert once.str.to_date("%Y-%m-%d").dt.strftime("%Y-%m-%d").item() == once.item()


@given(DATE_LIKE, st.sampled_from(["dmy", "mdy", None]))
def test_a_moment_that_is_cleaned_is_in_utc_and_stays_what_it_is(text: str, order: DateOrder | None) -> None:
    once = clean_moment(pl.Series([text]), "Europe/Paris", order)

    assert clean_moment(once, "Europe/Paris", order).to_list() == once.to_list()
    assert once.item() == text or once.str.contains(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$").item()


@example("@@A")
@given(st.text(alphabet="abAB.@<>mailto: ;,'\"()é?=-", max_size=24))
def test_an_address_that_is_cleaned_is_an_address_and_stays_what_it_is(text: str) -> None:
    once = clean_email(pl.Series([text]))

    assert clean_email(once).to_list() == once.to_list()
    assert once.item() == text or once.item().count("@") == 1


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.EMAIL, Kind.PHONE])
@given(values=st.lists(st.text(alphabet="abAB09.@<>mailto:+ #;,'\"()\xa0\x07\té?=-", max_size=24), max_size=8))
def test_what_is_plain_is_left_as_it_is_and_is_not_damaged(kind: Kind, values: list[str]) -> None:
    field = replace(load_vendor("iclosed").operations["create"].fields[0], path="text", kind=kind)
    texts = pl.Series("text", [*values, "Ana", "ana@example.com", "+33612345678"])
    plain = texts.filter(texts.str.contains(find_cleaner(field).plain))

    assert plain.len()
    assert not plain.str.contains(SUSPECT_TEXT).any()
    assert {Kind.TEXT: plain, Kind.EMAIL: clean_email(plain), Kind.PHONE: clean_phone(plain, "MA")[0]}[kind].equals(
        plain
    )
    assert plain.str.contains(harmless(field)).all()
