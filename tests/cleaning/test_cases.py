"""What a person would make of a value, case by case; and what nobody would call right never passes as clean."""

from __future__ import annotations

import polars as pl
import pytest

from importer.cleaning import CleaningOptions, clean
from importer.cleaning.email import email_remarks
from importer.model.problem import message_of
from schemas.contract import Field
from schemas.registry import load_vendor

SAME = None
"""The value stays as it is."""


def field_of(kind: str) -> Field:
    vendor, path = {
        "phone": ("iclosed", "phoneNumber"),
        "email": ("iclosed", "email"),
        "date": ("cleartalk", "dateOfBirth"),
        "moment": ("iclosed", "joinedTime"),
        "country": ("iclosed", "country"),
        "choice": ("iclosed", "status"),
        "text": ("iclosed", "firstName"),
    }[kind]
    field = load_vendor(vendor).operations["create"].field(path)
    assert field is not None
    return field


def cleaned(kind: str, value: str, hints: CleaningOptions) -> str | None:
    field = field_of(kind)
    frame = pl.DataFrame({"row": [2], field.path: [value]})
    found: str | None = clean(frame, [field], {field.path: hints}).frame[field.path].item()
    return found


PLAIN, MOROCCO, FRANCE, STATES, GERMANY = (CleaningOptions(code) for code in (None, "MA", "FR", "US", "DE"))
PHONES = [
    (PLAIN, "+212612345678", SAME), (PLAIN, "+212 6 12 34 56 78", "+212612345678"), (PLAIN, "+1 (555) 010-0001", "+15550100001"),
    (PLAIN, "00212612345678", "+212612345678"), (PLAIN, "00 33 6 39 98 00 01", "+33639980001"), (PLAIN, "tel:+15550100001", "+15550100001"),
    (PLAIN, "TEL: +1 555 010 0001", "+15550100001"), (PLAIN, "+1.555.010.0001", "+15550100001"), (PLAIN, "06 12 34 56 78", SAME),
    (PLAIN, "15551234567.0", SAME), (PLAIN, "+44 (0)20 7946 0018", "+442079460018"), (PLAIN, "+39 06 6982 0001", "+390669820001"),
    (PLAIN, "1.55512E+10", SAME), (PLAIN, "1,55512E+10", SAME), (PLAIN, "n/a", SAME), (PLAIN, "unknown", SAME), (PLAIN, "-", SAME),
    (PLAIN, "2024-01-15", SAME), (PLAIN, "15/01/2024", SAME), (PLAIN, "1555.12", SAME), (PLAIN, "1-800-FLOWERS", SAME),
    (PLAIN, "+1 555 010 0001 +1 555 010 0002", SAME), (PLAIN, "ana@example.com", SAME), (PLAIN, "+", SAME), (PLAIN, "++15550100001", SAME),
    (MOROCCO, "0612345678", "+212612345678"), (MOROCCO, "06-12-34-56-78", "+212612345678"), (MOROCCO, "612345678", "+212612345678"),
    (MOROCCO, "212612345678", "+212612345678"), (MOROCCO, "+33639980001", SAME), (MOROCCO, "0033639980001", "+33639980001"),
    (MOROCCO, "12", SAME), (MOROCCO, "0", SAME), (MOROCCO, "06123456789012", SAME), (MOROCCO, "06 12 34 56 78 / 06 12 34 56 79", "+212612345678"),
    (FRANCE, "01 99 00 12 34", "+33199001234"), (FRANCE, "0199001234", "+33199001234"), (FRANCE, "199001234", "+33199001234"), (FRANCE, "06 39 98 00 01", SAME), (FRANCE, "15", SAME),
    (STATES, "(202) 555-0101", "+12025550101"), (STATES, "555-0100", SAME), (STATES, "1 202 555 0101", "+12025550101"), (STATES, "2025550101", "+12025550101"),
    (STATES, "(555) 010-0001", SAME),
    (STATES, "202-555-0101 x99", "+12025550101"), (STATES, "011 44 20 7946 0018", "+442079460018"), (STATES, "911", SAME),
    (GERMANY, "030 123456", "+4930123456"), (GERMANY, "0049 30 123456", "+4930123456"), (GERMANY, "+49 (0)30/123456", "+4930123456"),
]  # fmt: skip
EMAILS = [
    ("ana@example.com", SAME), ("Ana.Lee@Example.COM", "Ana.Lee@example.com"), ("mailto:ana@example.com", "ana@example.com"),
    ("MAILTO: ana@example.com", "ana@example.com"), ("mailto:ana@example.com?subject=Hi", "ana@example.com"), ("Ana Lee <ana@example.com>", "ana@example.com"),
    ('"Lee, Ana" <Ana@EXAMPLE.com>', "Ana@example.com"), ("<ana@example.com>", "ana@example.com"), ("ana@example.com.", "ana@example.com"),
    ("ana@example.com,", "ana@example.com"), ("ana@example.com;", "ana@example.com"), ("'ana@example.com'", "ana@example.com"),
    ("(ana@example.com)", "ana@example.com"), ("ANA@EXAMPLE.COM", "ANA@example.com"), ("ana+news@example.com", SAME), ("o'neil@example.com", SAME),
    ("ana@gmial.com", SAME), ("ana@example", SAME), ("ana", SAME), ("ana@", SAME), ("@example.com", SAME), ("ana@@example.com", SAME),
    ("ana @example.com", SAME), ("ana@example.com; bo@example.com", SAME), ("ana@example.com, bo@Example.com", SAME), ("ana at example.com", SAME),
    ("Ana <ana@example.com> and Bo <bo@example.com>", SAME), ("<ana>", SAME), ("n/a", SAME), ("josé@example.com", SAME), ("ana@exämple.com", SAME),
]  # fmt: skip
DMY, MDY, YMD = CleaningOptions(date_order="dmy"), CleaningOptions(date_order="mdy"), CleaningOptions(date_order="ymd")
DATES = [
    (PLAIN, "1990-02-28", SAME), (PLAIN, "1990-2-8", "1990-02-08"), (PLAIN, "1990/02/28", "1990-02-28"), (PLAIN, "1990.02.28", "1990-02-28"),
    (PLAIN, "1990-02-28 00:00:00", "1990-02-28"), (PLAIN, "1990-02-28T00:00", "1990-02-28"), (PLAIN, "1990-02-28 10:15", SAME), (PLAIN, "1990-02-30", SAME),
    (PLAIN, "28 Feb 1990", "1990-02-28"), (PLAIN, "Feb 28, 1990", "1990-02-28"), (PLAIN, "February 28th, 1990", "1990-02-28"), (PLAIN, "28-Feb-1990", "1990-02-28"),
    (PLAIN, "28. Februar 1990", "1990-02-28"), (PLAIN, "28 février 1990", "1990-02-28"), (PLAIN, "1er janvier 1990", "1990-01-01"), (PLAIN, "28 FÉVR. 1990", "1990-02-28"),
    (PLAIN, "28 de febrero de 1990", "1990-02-28"), (PLAIN, "28 de fevereiro de 1990", "1990-02-28"), (PLAIN, "28 febbraio 1990", "1990-02-28"), (PLAIN, "28 februari 1990", "1990-02-28"),
    (PLAIN, "3 août 1985", "1985-08-03"), (PLAIN, "3 agosto 1985", "1985-08-03"), (PLAIN, "1. März 1970", "1970-03-01"), (PLAIN, "Mittwoch, 28. Februar 1990", "1990-02-28"),
    (PLAIN, "Wed, 28 Feb 1990", "1990-02-28"), (PLAIN, "1990 Feb 28", "1990-02-28"), (PLAIN, "28-Feb-85", "1985-02-28"), (PLAIN, "31 Feb 1990", SAME),
    (PLAIN, "Feb 1990", SAME), (PLAIN, "28 Foo 1990", SAME), (PLAIN, "about Feb 28 1990", SAME), (PLAIN, "Mar-05", SAME),
    (PLAIN, "32932", "1990-02-28"), (PLAIN, "32932.0", "1990-02-28"), (PLAIN, "1990", SAME), (PLAIN, "19900228", "1990-02-28"), (PLAIN, "99999", SAME), (PLAIN, "2932", SAME),
    (PLAIN, "28/02/1990", SAME), (PLAIN, "03/04/1990", SAME), (PLAIN, "n/a", SAME), (PLAIN, "0000-00-00", SAME), (PLAIN, "soon", SAME),
    (DMY, "28/02/1990", "1990-02-28"), (DMY, "28.2.1990", "1990-02-28"), (DMY, "28-02-1990", "1990-02-28"), (DMY, "3/4/90", "1990-04-03"), (DMY, "3/4/05", "2005-04-03"),
    (DMY, "02/28/1990", SAME), (DMY, "31/04/1990", SAME), (DMY, "28/02/1990 00:00", "1990-02-28"), (DMY, "28/02/1990 10:00", SAME), (DMY, "1990-02-28", SAME), (DMY, "1990/2/28", "1990-02-28"),
    (MDY, "02/28/1990", "1990-02-28"), (MDY, "2/28/90", "1990-02-28"), (MDY, "28/02/1990", SAME), (MDY, "2/28/1990 12:00:00 AM", "1990-02-28"), (MDY, "3/4/1990", "1990-03-04"),
    (YMD, "1990/2/28", "1990-02-28"), (YMD, "90/02/28", "1990-02-28"), (YMD, "28/02/1990", SAME),
]  # fmt: skip
PARIS, PARIS_DMY, PARIS_MDY = (
    CleaningOptions(timezone="Europe/Paris"),
    CleaningOptions(timezone="Europe/Paris", date_order="dmy"),
    CleaningOptions(timezone="Europe/Paris", date_order="mdy"),
)
IN_FORM = CleaningOptions(timezone="Africa/Casablanca", format="%d/%m/%Y %H:%M")
MOMENTS = [
    (PLAIN, "2024-01-15T10:00:00.000Z", SAME), (PLAIN, "2024-01-15T10:00:00Z", SAME), (PLAIN, "2024-01-15T10:00:00+01:00", "2024-01-15T09:00:00.000Z"),
    (PLAIN, "2024-01-15 10:00:00+0100", "2024-01-15T09:00:00.000Z"), (PLAIN, "2024-01-15 10:00", SAME), (PLAIN, "15/01/2024 10:00", SAME), (PLAIN, "yesterday", SAME),
    (PARIS, "2024-01-15 10:00", "2024-01-15T09:00:00.000Z"), (PARIS, "2024-01-15", "2024-01-14T23:00:00.000Z"), (PARIS, "2024-07-15 10:00:30.5", "2024-07-15T08:00:30.500Z"),
    (PARIS, "2024/01/15 10:00", "2024-01-15T09:00:00.000Z"), (PARIS, "15 janvier 2024 10:00", "2024-01-15T09:00:00.000Z"), (PARIS, "Jan 15, 2024 3:45 PM", "2024-01-15T14:45:00.000Z"),
    (PARIS, "45306.5", "2024-01-15T11:00:00.000Z"), (PARIS, "45306", "2024-01-14T23:00:00.000Z"), (PARIS, "15/01/2024 10:00", SAME), (PARIS, "2024-03-31 02:30", SAME), (PARIS, "2024-10-27 02:30", SAME),
    (PARIS, "2024-01-15 25:00", SAME), (PARIS, "2024-01-15 13:00 PM", SAME), (PARIS_DMY, "15/01/2024 10:00", "2024-01-15T09:00:00.000Z"), (PARIS_DMY, "15.01.2024", "2024-01-14T23:00:00.000Z"),
    (PARIS_DMY, "15/01/2024, 10:00:30", "2024-01-15T09:00:30.000Z"), (PARIS_MDY, "1/15/2024 3:45 PM", "2024-01-15T14:45:00.000Z"), (PARIS_MDY, "1/15/24 12:05 AM", "2024-01-14T23:05:00.000Z"),
    (PARIS_MDY, "15/01/2024 10:00", SAME), (IN_FORM, "15/01/2024 10:00", "2024-01-15T09:00:00.000Z"), (IN_FORM, "2024-13-15 10:00", SAME), (IN_FORM, "15/01/2024", SAME),
]  # fmt: skip
COUNTRIES = [
    ("FR", SAME), ("fr", "FR"), ("FRA", "FR"), ("France", "FR"), ("Frankreich", "FR"), ("Francia", "FR"), ("França", "FR"), ("Frankrijk", "FR"), ("FRANCE", "FR"),
    ("Maroc", "MA"), ("Morocco", "MA"), ("Marruecos", "MA"), ("Marokko", "MA"), ("USA", "US"), ("U.S.A.", "US"), ("United States", "US"), ("États-Unis", "US"), ("Etats Unis", "US"),
    ("Estados Unidos", "US"), ("Stati Uniti", "US"), ("Vereinigte Staaten", "US"), ("UK", "GB"), ("uk", "GB"), ("XX", SAME), ("England", "GB"), ("Royaume-Uni", "GB"), ("Großbritannien", "GB"), ("Deutschland", "DE"), ("Allemagne", "DE"),
    ("Netherlands", "NL"), ("Holland", "NL"), ("Pays-Bas", "NL"), ("Côte d'Ivoire", "CI"), ("Cote d’Ivoire", "CI"), ("Czech Republic", "CZ"), ("South Korea", "KR"), ("Brasil", "BR"), ("Viet Nam", "VN"),
    ("Türkiye", "TR"), ("Turkey", "TR"), ("Atlantis", SAME), ("Fr.", SAME), ("France et Navarre", SAME), ("33", SAME), ("n/a", SAME),
]  # fmt: skip
CHOICES = [
    ("QUALIFIED", SAME), ("Qualified", "QUALIFIED"), ("qualified ", "QUALIFIED"), ("Potential", "POTENTIAL"), ("quälified", "QUALIFIED"), ("Qualifié", SAME), ("Q", SAME), ("Hot", SAME),
]  # fmt: skip
TEXTS = [
    ("Ana", SAME), (" Ana ", "Ana"), ("Ana  Lee", "Ana Lee"), ("Ana\u00a0Lee", "Ana Lee"), ("Ana\tLee", "Ana Lee"), ("e\u0301", "é"), ("A\u200bna", "Ana"), ("\ufeffAna", "Ana"),
    ("Ana\nLee", SAME), ("O'Neil-Smith Jr.", SAME), ("李雷", SAME), ("=1+1", SAME), ("<b>", SAME), ("👩\u200d💻", SAME),
]  # fmt: skip
CASES = [
    *(("phone", hints, value, meant) for hints, value, meant in PHONES),
    *(("email", PLAIN, value, meant) for value, meant in EMAILS),
    *(("date", hints, value, meant) for hints, value, meant in DATES),
    *(("moment", hints, value, meant) for hints, value, meant in MOMENTS),
    *(("country", PLAIN, value, meant) for value, meant in COUNTRIES),
    *(("choice", PLAIN, value, meant) for value, meant in CHOICES),
    *(("text", PLAIN, value, meant) for value, meant in TEXTS),
]


@pytest.mark.parametrize(("kind", "hints", "value", "meant"), CASES)
def test_a_value_becomes_what_a_person_would_make_of_it(
    kind: str, hints: CleaningOptions, value: str, meant: str | None
) -> None:
    assert cleaned(kind, value, hints) == (value if meant is SAME else meant)


@pytest.mark.parametrize(("kind", "hints", "value", "meant"), CASES)
def test_cleaning_twice_is_cleaning_once(kind: str, hints: CleaningOptions, value: str, meant: str | None) -> None:
    once = cleaned(kind, value, hints)
    assert once is not None

    assert cleaned(kind, once, hints) == once


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("ana@gmial.com", "gmail.com"),
        ("ana@Gmail.con", "gmail.com"),
        ("ana@hotmial.com", "hotmail.com"),
        ("ana@mycompany.con", "mycompany.com"),
        ("ana@gmail.com", None),
        ("ana@example.com", None),
        ("ana@example.co", None),
    ],
)
def test_a_likely_typing_error_is_a_warning_and_never_changed(address: str, meant: str | None) -> None:
    remarks = email_remarks(pl.Series([2]), pl.Series([address]), "email")

    assert [remark.code for remark in remarks] == (["email_typo"] if meant else [])
    assert all(f"{meant} is much more common" in message_of(remark.code, remark.params) for remark in remarks)
