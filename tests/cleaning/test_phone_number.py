"""One phone number as people type it: E.164, or the reason why not; never a number that is made up."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.cleaning.phone_number import E164, PhoneProblem, parse_phone

NUMBERS = [
    ("+44 (0)20 7946 0018", None, "+442079460018"),
    ("+44 020 7946 0019", None, "+442079460019"),
    ("0044 020 7946 0020", None, "+442079460020"),
    ("+4402079460018", None, "+442079460018"),
    ("+33 01 99 00 12 34", None, "+33199001234"),
    ("+39 02 1234 5678", None, "+390212345678"),
    ("+49 30/123456", None, "+4930123456"),
    ("(202) 555-0101", "US", "+12025550101"),
    ("011 44 20 7946 0018", "US", "+442079460018"),
    ("0612345678", "FR", "+33612345678"),
    ("030/123456", "DE", "+4930123456"),
    ("2025550101.0", "US", "+12025550101"),
    ("p:+12025550101", None, "+12025550101"),
    ("'+44 20 7946 0018", None, "+442079460018"),
    ("\u202a+44 20 7946 0018\u202c", None, "+442079460018"),
    ("Tél : 01 99 00 12 34", "FR", "+33199001234"),
    ("\uff11\uff12\uff10\uff12\uff15\uff15\uff15\uff10\uff11\uff10\uff11", "US", "+12025550101"),
]
EXTENSIONS = [
    "202-555-0101x11", "202-555-0101 x 11", "+12025550101;ext=11", "tel:+1-202-555-0101;ext=11", "(202) 555-0101 ext. 11",
    "202.555.0101 extension 11", "202-555-0101 (ext 11)", "202 555 0101 poste 11", "(202)555-0101#11",
    "202-555-0101, ext 11", "202 555 0101 extensión 11", "202 555 0101 extensão 11", "+12025550101,,11#", "202 555 0101 Durchwahl 11",
]  # fmt: skip
OTHERS = [
    "+1 202-555-0101 ::: +1 202-555-0102", "202 555 0101 or 202 555 0102", "+12025550101 / +12025550102",
    "2025550101/02", "202-555-0101; 202-555-0102", "(202) 555-0101 - (202) 555-0102",
]  # fmt: skip
PROBLEMS = [
    ("0199001234", "US", PhoneProblem.NOT_IN_PLAN),
    ("1234567890", "US", PhoneProblem.NOT_IN_PLAN),
    ("5550100", "US", PhoneProblem.NOT_IN_PLAN),
    ("112", "DE", PhoneProblem.NOT_IN_PLAN),
    ("0161234567", "MX", PhoneProblem.NOT_IN_PLAN),
    ("01 99 00 12 34", None, PhoneProblem.COUNTRY_UNKNOWN),
    ("000", "US", PhoneProblem.NOT_A_PHONE),
    ("+0123456789", None, PhoneProblem.NOT_A_PHONE),
    ("call me", "US", PhoneProblem.NOT_A_PHONE),
    ("Fax: 202-555-0101", "US", PhoneProblem.NOT_A_PHONE),
    ("+12025550101 (fax)", None, PhoneProblem.NOT_A_PHONE),
    ("Télécopie 01 99 00 12 34", "FR", PhoneProblem.NOT_A_PHONE),
    ("800-FLOWERS", "US", PhoneProblem.NOT_A_PHONE),
    ("2024-01-15", "US", PhoneProblem.NOT_A_PHONE),
    ("1.55512E+10", "US", PhoneProblem.NOT_A_PHONE),
]


@pytest.mark.parametrize(("text", "region", "number"), NUMBERS)
def test_a_number_becomes_e164(text: str, region: str | None, number: str) -> None:
    found = parse_phone(text, region)

    assert (found.number, found.problem, found.extension, found.has_others, found.note) == (number, None, "", False, "")


@pytest.mark.parametrize("text", EXTENSIONS)
def test_an_extension_is_told_from_the_number(text: str) -> None:
    found = parse_phone(text, "US")

    assert (found.number, found.extension) == ("+12025550101", "11")


@pytest.mark.parametrize("text", OTHERS)
def test_of_several_numbers_the_first_counts(text: str) -> None:
    found = parse_phone(text, "US")

    assert (found.number, found.has_others) == ("+12025550101", True)


@pytest.mark.parametrize(
    "text", ["202 555 0101 (WhatsApp)", "202 555 0101 WhatsApp", "WhatsApp 202 555 0101", "202 555 0101 - WhatsApp"]
)
def test_words_around_a_number_are_a_note(text: str) -> None:
    found = parse_phone(text, "US")

    assert (found.number, found.note) == ("+12025550101", "WhatsApp")


@pytest.mark.parametrize(("text", "region", "problem"), PROBLEMS)
def test_no_number_is_made_up(text: str, region: str | None, problem: PhoneProblem) -> None:
    found = parse_phone(text, region)

    assert (found.number, found.problem) == (None, problem)


@given(
    st.text(alphabet="0123456789+() -./x#,;ext\u200ea", max_size=30), st.sampled_from([None, "US", "FR", "IT", "MX"])
)
def test_whatever_is_typed_ends_in_e164_or_a_problem(text: str, region: str | None) -> None:
    found = parse_phone(text, region)

    assert (found.number is None) == (found.problem is not None)
    assert found.number is None or re.match(E164, found.number)


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
def test_a_number_that_was_cleaned_stays_as_it_is(number: str) -> None:
    first = parse_phone(number, None).number

    assert first is None or parse_phone(first, None).number == first


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+7 8 495 123 45 67", "+74951234567"),
        ("+1 1 202 555 0109", "+12025550109"),
        ("+375 8 017 123 45 67", "+375171234567"),
        ("+49 151 12345678", "+4915112345678"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("+1 555 010 0001", "+15550100001"),
    ],
)
def test_a_national_prefix_after_the_country_code_is_dropped(text: str, number: str) -> None:
    assert parse_phone(text, None).number == number


@pytest.mark.parametrize("text", ["+33 33 1 99 00 12 34", "+1.202.555.0115.12", "+44 20 7946 0958 123"])
def test_a_number_longer_than_its_country_has_is_not_sent(text: str) -> None:
    found = parse_phone(text, None)

    assert (found.number, found.problem) == (None, PhoneProblem.NOT_IN_PLAN)
