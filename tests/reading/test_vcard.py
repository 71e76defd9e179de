"""vCards become rows with the columns of a spreadsheet."""

from __future__ import annotations

from importer.reading.vcard import columns_of, parse_vcards

APPLE = """BEGIN:VCARD\r
VERSION:3.0\r
N:Ax;Ana;Maria;Dr.;\r
FN:Dr. Ana Maria Ax\r
ORG:Example Corp\\, Ltd;Sales\r
EMAIL;type=INTERNET;type=HOME:ana2@example.com\r
EMAIL;type=INTERNET;type=WORK;type=pref:ana@example.com\r
TEL;type=WORK;type=FAX:+12025550199\r
TEL;type=HOME;type=VOICE:+12025550102\r
item1.TEL;type=CELL:+1 (202) 555-0101\r
item1.X-ABLabel:_$!<Mobile>!$_\r
ADR;type=HOME;type=pref:;;1 Main St\\nApt 2;Boston;MA;02134;United States\r
BDAY:1990-02-28\r
NOTE:a long\r
  line\\, folded\r
PHOTO;ENCODING=b;TYPE=JPEG:AAAA\r
 BBBB\r
END:VCARD\r
"""
OLD = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:D=C3=B6rr;G=C3=BCnther;;;
TEL;CELL:0049 30 123456
NOTE;ENCODING=QUOTED-PRINTABLE:first=
 second
END:VCARD
"""
NEW = """BEGIN:VCARD
VERSION:4.0
FN:Bo
TEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+1-202-555-0103
"""


def test_a_card_becomes_a_contact() -> None:
    (ana,) = parse_vcards(APPLE)

    assert ana == {
        "Full Name": "Dr. Ana Maria Ax", "First Name": "Ana", "Middle Name": "Maria", "Last Name": "Ax",
        "Name Prefix": "Dr.", "Company": "Example Corp, Ltd", "Department": "Sales", "E-mail 1": "ana@example.com",
        "E-mail 2": "ana2@example.com", "Phone 1": "+1 (202) 555-0101", "Phone 2": "+12025550102",
        "Fax": "+12025550199", "Street": "1 Main St\nApt 2", "City": "Boston", "State": "MA", "Zip": "02134",
        "Country": "United States", "Birthday": "1990-02-28", "Notes": "a long line, folded",
    }  # fmt: skip


def test_quoted_printable_cards_of_version_2_1_are_decoded() -> None:
    (card,) = parse_vcards(OLD)

    assert card == {"First Name": "Günther", "Last Name": "Dörr", "Phone 1": "0049 30 123456", "Notes": "first second"}


def test_several_cards_and_one_that_never_ends() -> None:
    cards = list(parse_vcards(APPLE + OLD + NEW))

    assert len(cards) == 3
    assert cards[2] == {"Full Name": "Bo", "Phone 1": "+1-202-555-0103"}
    assert columns_of(cards)[:4] == ["Full Name", "First Name", "Middle Name", "Last Name"]


def test_what_is_no_card_is_no_contact() -> None:
    assert list(parse_vcards("BEGIN:VCALENDAR\nSUMMARY:x\nEND:VCALENDAR\n")) == []


def test_a_quoted_semicolon_belongs_to_the_text() -> None:
    (card,) = parse_vcards("BEGIN:VCARD\nVERSION:2.1\nN;ENCODING=QUOTED-PRINTABLE:D=3Boe;An=C3=A9\nEND:VCARD\n")

    assert card == {"First Name": "Ané", "Last Name": "D;oe"}
