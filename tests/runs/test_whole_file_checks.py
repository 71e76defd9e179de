"""What only the whole file shows: the order of its dates, and rows that share an address or a phone."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from importer import Settings, check_file
from importer.errors import MappingError, SettingsError
from importer.model.status import Status
from importer.model.summary import Summary

HEAD = "listName,tag,firstName,lastName,email,phone,Birthday,contactSource,notes\n"


def contact(number: int, born: str, email: str = "", phone: str = "") -> str:
    return f"l,t,Ana,Lee,{email or f'p{number}@example.com'},{phone or f'+1555010{number:04}'},{born},s,n\n"


def checked(tmp_path: Path, lines: list[str], **chosen: Any) -> Summary:
    (tmp_path / "f.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
    return check_file(tmp_path / "f.csv", Settings("cleartalk", output=tmp_path / "out", **chosen))


def counted(summary: Summary) -> dict[Status, int]:
    return {status: count for status, count in summary.counts.items() if count}


def problems(tmp_path: Path) -> list[dict[str, str]]:
    with (tmp_path / "out" / "errors.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_one_day_above_twelve_proves_the_order_of_the_column(tmp_path: Path) -> None:
    summary = checked(tmp_path, [contact(1, "03/04/1990"), contact(2, "31/01/1985"), contact(3, "5/5/1991")])

    assert counted(summary) == {Status.VALID: 3}
    assert summary.changes == {"date": 3}
    assert summary.changed == ('3 × date, such as row 2, Birthday: "03/04/1990" → "1990-04-03"',)


def test_the_proof_may_stand_in_the_last_of_very_many_rows(tmp_path: Path) -> None:
    lines = [contact(number, "03/04/1990") for number in range(1, 100_100)]

    assert checked(tmp_path, [*lines, contact(0, "01/31/1985")]).changed[0].endswith('"03/04/1990" → "1990-03-04"')


def test_an_order_that_nothing_proves_stops_before_any_row_with_those_that_would_differ(tmp_path: Path) -> None:
    with pytest.raises(MappingError) as caught:
        checked(tmp_path, [contact(1, "5/5/1991"), contact(2, "03/04/1990"), contact(3, "1985-01-31")])

    assert str(caught.value) == (
        "column 'Birthday' has dates whose order nothing in it proves: 03/04/1990 (row 3) could have the day or the month "
        "first; use --date-order dmy or --date-order mdy, or leave the column out: ignore = ['Birthday'] in a "
        "mapping file. To leave these rows out, use --answer date_order:dateOfBirth=leave"
    )
    assert not (tmp_path / "out").exists()


def test_two_orders_in_one_column_are_named_with_a_row_of_each(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"31/01/1990 \(row 2\) has the day first, 01/31/1990 \(row 3\) the month"):
        checked(tmp_path, [contact(1, "31/01/1990"), contact(2, "01/31/1990")])


# Uncleaned, 03/04/1990 is no date in the form that is sent, and the row is held.
@pytest.mark.parametrize(
    ("chosen", "status"), [({"date_order": "mdy"}, Status.VALID), ({"clean": False}, Status.INVALID)]
)
def test_nothing_is_asked_where_the_order_is_given_or_nothing_is_cleaned(
    tmp_path: Path, chosen: dict[str, Any], status: Status
) -> None:
    assert counted(checked(tmp_path, [contact(1, "03/04/1990")], **chosen)) == {status: 1}


def test_rows_that_share_an_address_or_a_phone_name_each_other(tmp_path: Path) -> None:
    summary = checked(
        tmp_path,
        [
            contact(1, "1990-01-01", "Ana@example.com"),
            contact(2, "1990-01-01", "ana@EXAMPLE.com", "+15550100009"),
            contact(3, "1990-01-01", "other@example.com", "+1 555 010 0009"),
            contact(2, "1990-01-01", "ana@EXAMPLE.com", "+15550100009"),
        ],
    )

    assert (counted(summary), summary.exit_code) == ({Status.VALID: 3, Status.DUPLICATE: 1}, 0)
    assert [(entry["row"], entry["column"], entry["code"], entry["message"]) for entry in problems(tmp_path)] == [
        ("2", "email", "shared_email", "shares its e-mail address with row 3, which differs in other fields"),
        ("3", "email", "shared_email", "shares its e-mail address with row 2, which differs in other fields"),
        ("3", "phone", "shared_phone", "shares its phone number with row 4, which differs in other fields"),
        ("4", "phone", "shared_phone", "shares its phone number with row 3, which differs in other fields"),
    ]


def test_a_value_of_very_many_rows_names_a_few_and_counts_the_rest(tmp_path: Path) -> None:
    checked(tmp_path, [contact(number, "1990-01-01", "info@example.com") for number in range(9)])

    assert problems(tmp_path)[0]["message"] == (
        "shares its e-mail address with rows 3, 4, 5, 6, 7 and 3 more, which differ in other fields"
    )
    assert problems(tmp_path)[8]["message"].startswith("shares its e-mail address with rows 2, 3, 4, 5, 6 and 3 more")


def test_with_strict_they_and_their_twins_are_kept_back(tmp_path: Path) -> None:
    shared = contact(1, "1990-01-01", "a@example.com")
    lines = [shared, contact(2, "1990-01-01", "a@example.com"), shared, contact(3, "1990-01-01")]

    summary = checked(tmp_path, lines, strict=True)

    assert counted(summary) == {Status.INVALID: 3, Status.VALID: 1}
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["counts"]["invalid"] == 3


def test_the_country_of_the_row_makes_its_phone_international(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        "Téléphone,Pays\n01 99 00 12 34,France\n0612345678,Maroc\n0612345679,\n", encoding="utf-8"
    )

    check_file(tmp_path / "f.csv", Settings("gomobile", output=tmp_path / "out", strict=True))

    assert [entry["row"] for entry in problems(tmp_path)] == ["4"]


MOROCCAN = """
joinedTime = { column = "Inscrit le", format = "%d/%m/%Y %H:%M", timezone = "Africa/Casablanca" }
phoneNumber = { column = ["Mobile", "Fixe"], region = "MA" }
"""


def test_a_mapping_file_says_how_the_values_of_one_field_are_read(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("Inscrit le;Mobile;Fixe\n05/03/2026 10:00;;0522000001\n", encoding="utf-8")
    (tmp_path / "m.toml").write_text(MOROCCAN, encoding="utf-8")
    chosen = Settings("iclosed", mapping=tmp_path / "m.toml", output=tmp_path / "out", region="FR")

    summary = check_file(tmp_path / "f.csv", chosen)

    assert counted(summary) == {Status.VALID: 1}
    assert summary.changed == (
        '1 × phone, such as row 2, Mobile: "0522000001" → "+212522000001"',
        '1 × date-time, such as row 2, Inscrit le: "05/03/2026 10:00" → "2026-03-05T10:00:00.000Z"',
    )


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('phoneNumber = { column = "Mobile", region = "XX" }', "phoneNumber: region 'XX' is not a country's"),
        ('joinedTime = { column = "Mobile", timezone = "Mars" }', "joinedTime: timezone 'Mars' is not a time zone"),
        ('joinedTime = { column = "Mobile", format = "jj/mm" }', "joinedTime: format 'jj/mm' is not a form of dates"),
    ],
)
def test_what_a_mapping_file_says_of_values_must_make_sense(tmp_path: Path, toml: str, said: str) -> None:
    (tmp_path / "f.csv").write_text("Mobile\n0522000001\n", encoding="utf-8")
    (tmp_path / "m.toml").write_text(toml, encoding="utf-8")

    with pytest.raises(MappingError) as caught:
        check_file(tmp_path / "f.csv", Settings("iclosed", mapping=tmp_path / "m.toml", output=tmp_path / "out"))

    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("chosen", "said"), [({"region": "XX"}, "--region 'XX'"), ({"timezone": "Mars"}, "--timezone 'Mars'")]
)
def test_a_country_or_zone_that_does_not_exist_is_refused(tmp_path: Path, chosen: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        checked(tmp_path, [contact(1, "1990-01-01")], **chosen)


def test_a_column_of_national_numbers_without_a_country_stops_and_names_the_option(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("Téléphone,Nom\n01 99 00 12 34,A\n01 99 00 12 35,B\n+33199001236,C\n", "utf-8")

    with pytest.raises(MappingError, match=r"01 99 00 12 34 \(row 2\), .*--region US") as caught:
        check_file(tmp_path / "f.csv", Settings("gomobile", output=tmp_path / "out"))

    assert caught.value.code == "phone_countries_unknown"
    assert counted(check_file(tmp_path / "f.csv", Settings("gomobile", output=tmp_path / "out", region="FR"))) == {
        Status.VALID: 3
    }


def test_one_number_without_a_country_among_others_is_held_alone(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("Phone,Name\n+12025550101,Ana\n(202) 555-0102,Bob\n+12025550103,Cyd\n", "utf-8")

    summary = check_file(tmp_path / "f.csv", Settings("gomobile", output=tmp_path / "out"))

    assert counted(summary) == {Status.VALID: 2, Status.INVALID: 1}
    assert [(entry["row"], entry["code"]) for entry in problems(tmp_path)] == [("3", "phone_country_unknown")]


@pytest.mark.parametrize(
    ("header", "country", "code"),
    [
        ("Home Country", "France", "+33199001234"),
        ("Mailing Country", "FRA", "+33199001234"),
        ("CC", "fr", "+33199001234"),
        ("Country/Region", "Frankreich", "+33199001234"),
        ("Country of residence", "+33", "+33199001234"),
        ("Country Manager", "France", None),
        ("Country", "Atlantis", None),
    ],
)
def test_any_column_with_the_contacts_country_counts(
    tmp_path: Path, header: str, country: str, code: str | None
) -> None:
    (tmp_path / "f.csv").write_text(f"Phone,Name,{header}\n01 99 00 12 34,A,{country}\n+12025550101,B,\n", "utf-8")

    summary = check_file(tmp_path / "f.csv", Settings("gomobile", output=tmp_path / "out"))

    assert summary.counts.get(Status.INVALID, 0) == (0 if code else 1)
    assert not code or code in json.dumps(summary.bodies)


def test_words_for_nothing_are_blank_before_the_first_column_that_is_filled_counts(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        'primaryPhone = { column = ["Mobile", "Home"] }\ncity = { column = "City", values = { "N/A" = "Nowhere" } }\n'
        'lastName = "Last"\nblank = ["tbd"]\n',
        "utf-8",
    )
    (tmp_path / "f.csv").write_text(
        "Mobile,Home,City,Last\nNULL,+12025550101,N/A,Null\n+12025550102,-,#N/A,tbd\nx,call me,-,xx\n", "utf-8"
    )
    settings = Settings("gomobile", output=tmp_path / "out", mapping=tmp_path / "m.toml", blank=("x",))

    summary = check_file(tmp_path / "f.csv", settings)

    assert [json.loads(body) for _, _, body in summary.bodies] == [
        {"primaryPhone": "+12025550101", "city": "Nowhere", "lastName": "Null"},
        {"primaryPhone": "+12025550102"},
    ]
    assert summary.changes["blank"] == 6
    assert [(entry["row"], entry["column"], entry["value"]) for entry in problems(tmp_path)] == [
        ("4", "Home", "call me")
    ]
    sent_as_typed = check_file(tmp_path / "f.csv", Settings("gomobile", output=tmp_path / "raw", clean=False))
    assert "blank" not in sent_as_typed.changes


def test_beside_a_calling_code_the_number_is_national(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        "company_id,full_name,email,billing.phone,billing.phone_code\n"
        "64b8f1a2e4b0c8d9f0123456,A,a@example.com,(202) 555-0101,+1\n64b8f1a2e4b0c8d9f0123456,B,b@example.com,+44 20 7946 0018,44\n"
        "64b8f1a2e4b0c8d9f0123456,C,c@example.com,+1 202-555-0103,\n64b8f1a2e4b0c8d9f0123456,D,d@example.com,+33 1 99 00 12 34,+1\n",
        "utf-8",
    )

    summary = check_file(
        tmp_path / "f.csv", Settings("clemta", output=tmp_path / "out", constants=(("type", "customer"),))
    )

    assert [json.loads(body)["billing"]["phone"] for _, _, body in summary.bodies] == [
        "2025550101",
        "2079460018",
        "+12025550103",
    ]
    assert [(entry["row"], entry["code"]) for entry in problems(tmp_path)] == [("5", "phone_not_valid")]
