"""What the importer says of a cell is said in French, with its values, and never of the command line."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from importer.checking.messages import _WORDS, hint, message

from importer.checking import damage
from importer.pipeline import review_check
from importer.runs.review import CellProblem, CheckReview, Wanted
from importer.settings import Settings
from importer.web.i18n import words_of
from importer.web.message_translation import problem_in
from schemas.contract import Field
from schemas.dataframe_schema import Rule, build_rules
from schemas.registry import load_vendor, vendor_names

ENGLISH, FRENCH = words_of("en"), words_of("fr")
LEFT_OVER = re.compile(
    r"\b(the|is|was|has|of|and|enter|with|that|not|are|for|it|there|where|which|say|column|row|than|below|above|"
    r"must|lies|holds|too|look|use|shorten|nothing|example|only|characters|value)\b"
)
OF_EVERY_KIND = "\ufffd1.5E+10 \x07 JosÃ© " + "x" * 60
HOSTILE = [
    "%(x)s",
    "%",
    "100%",
    "{}",
    "{0}",
    "<script>alert(1)</script>",
    "two\nlines",
    "\\1 \\g<0>",
    "«»",
    "",
    "é\r\n\t",
]


def rules() -> Iterator[Rule]:
    """Every rule of every vendor's operations, and those that none of them has yet."""
    for name in vendor_names():
        for operation in load_vendor(name).operations.values():
            fields = [field.member("plan") if field.open else field for field in operation.fields]
            yield from build_rules(operation, fields)
            yield from damage.damage_rules(fields)
            for field in fields:
                yield Rule(field, "required", "error", None, pl.lit(value=True))
                yield Rule(field, "leading_zeros_lost", "warning", 5, pl.lit(value=True))
    limits = {
        "type": ["integer", "number", "boolean", "json"],
        "format": ["email", "uri", "date", "date-time", "uuid", "ipv4"],
        "enum": [("one", "two")],
        "required": ["billing"],
        "pattern": ["^[a-z]{2}$"],
    }
    for code in _WORDS:
        for limit in limits.get(code, [3]):
            for type_ in ("string", "array"):
                yield Rule(Field("x", ("x",), type_), code, "error", limit, pl.lit(value=True))


def told() -> set[str]:
    """Every message and hint of theirs, and of what reading saw."""
    found = {text for pair in damage._MARKS.values() for text in pair}
    for rule in rules():
        value = "1234" if rule.code == "leading_zeros_lost" else OF_EVERY_KIND
        found.add(pl.DataFrame({"v": [value]}).select(message(rule, pl.col("v"))).item())
        found.add(hint(rule))
    return found


def values_in(text: str) -> list[str]:
    """What must survive: numbers, addresses, quoted texts."""
    quoted = re.findall("«(.*)»", text, re.DOTALL)
    plain = re.sub("«.*»", "", text, flags=re.DOTALL)
    return quoted + [value.rstrip(".,;:") for value in re.findall(r"\S*\d\S*|\S+@\S+|https://\S*", plain)]


def wrong_in(text: str) -> str:
    """What is wrong with the French of a text, if anything."""
    said = problem_in(FRENCH, text)
    plain = re.sub(r"«.*»|\S+@\S+|par exemple [^\u202f]*|permises\u00a0: .*", "", said, flags=re.DOTALL)
    if said == text:
        return f"not translated: {text}"
    if LEFT_OVER.search(plain):
        return f"English left over: {said}"
    lost = [value for value in values_in(text) if value not in said]
    return f"{lost} lost: {said}" if lost else ""


@pytest.fixture(scope="module")
def every() -> set[str]:
    return told()


def test_everything_that_checking_says_is_said_in_french(every: set[str]) -> None:
    assert [wrong for text in sorted(every) if (wrong := wrong_in(text))] == []


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=lambda words: words.language)
def test_nothing_on_the_page_speaks_of_options(every: set[str], words: object) -> None:
    assert any("--" in text for text in every)
    assert [text for text in every if "--" in problem_in(words, text)] == []


def test_english_is_what_the_importer_says_but_for_options(every: set[str]) -> None:
    assert [text for text in every if "--" not in text and problem_in(ENGLISH, text) != text] == []


def test_every_field_that_must_be_fed_is_described_in_french() -> None:
    fields = [
        field for name in vendor_names() for known in load_vendor(name).operations.values() for field in known.fields
    ]
    described = {field.description for field in fields if field.required and field.description}

    assert described
    assert [text for text in described if problem_in(FRENCH, text) == text] == []


def cells_of(path: Path, vendor: str, tmp_path: Path) -> tuple[CellProblem, ...]:
    settings = Settings(vendor, output=tmp_path / "out", state_dir=tmp_path / "state")
    review_check(path, settings, tmp_path / "kept")
    return CheckReview(tmp_path / "kept", settings).problems(Wanted(size=500)).cells


FILES = {
    "iclosed": (
        "First Name,Last Name,Email,Phone,Status,Joined Time,Referrer URL,Country\n"
        "Maximiliane-Friederike-Luise,JosÃ©,cy@,1.55512E+10,Hot,soon,example,USA\n"
        "Ana,#N/A,ana@gmial.com,+15550100001 ext. 12,POTENTIAL,2024-01-15 10:00,https://a.example,US\n"
        "Bo,\ufffd,ana@gmial.com,+15550100003 / +15550100004,,2024-13-45,https://b.example,US\n"
        "Bob,X,ana@gmial.com,5-jan,,,,\n"
        "Cy\x07,X,c@example.com,155501000011234567000,,,,,too,many\n"
        "Dee,X\n"
        "Fay,X,fay@example.com,+15550100007,,,,\nGus,Y,fay@example.com,+15550100007,,,,\n"
        "Eve,X,,,,,,\n"
    ),
    "gomobile": (
        "primaryPhone,firstName,email,zip,city\n"
        "+212600000001,A,a@,20000,Fès\n+212600000001,B,b@example.com,20100,Fès\n"
        "+212600000003,C,c@example.com,2010,F\n+212600000004,D,d@example.com,20250,Fès\n"
        "12.5,E,e@example.com,20300,Fès\n"
    ),
    "clemta": (
        "type,full_name,email,company_id,cc_emails,billing.email\n"
        "customer,Ana,ana@example.com,,a@b.example; nobody,x\nfriend,Bo,bo@,64b8f1a2e4b0c8d9f0123456,,\n"
    ),
    "cleartalk": (
        "listName,tag,firstName,lastName,email,phone,dateOfBirth,contactSource,clearTalkNotes,plan\n"
        "L,t,Ana,Doe,ana@,123,28/02/1890,web,n,p\nL,t,Bo,Doe,bo@example.com,+15550100001,2999-01-01,web,n,\n"
    ),
}


@pytest.mark.parametrize("vendor", FILES)
def test_what_is_said_of_a_file_is_french(vendor: str, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(FILES[vendor], encoding="utf-8")
    cells = cells_of(path, vendor, tmp_path)

    assert cells
    texts = {text for cell in cells for text in (cell.message, cell.hint) if text}
    assert [wrong for text in sorted(texts) if (wrong := wrong_in(text))] == []
    assert [text for text in texts if "--" in problem_in(ENGLISH, text) + problem_in(FRENCH, text)] == []


def test_a_file_has_many_kinds_of_problems(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(FILES["iclosed"], encoding="utf-8")

    assert {cell.code for cell in cells_of(path, "iclosed", tmp_path)} >= {
        "max_length", "pattern", "enum", "mojibake", "cell_error", "lost_character", "control_character", "shared_email",
        "email_typo", "extension", "several_numbers", "number_as_date", "scientific_notation", "too_many_cells",
        "too_few_cells", "no_way_to_reach",
    }  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_said_as_it_is(value: str) -> None:
    for text in (
        f"has 9 characters, 4 are allowed: 5 too many, the excess is «{value}»",
        f"was read in the wrong encoding before; it probably was «{value}»",
        f"does not have the documented form {value}",
        f"is not one of {value}",
        f"for example {value}",
    ):
        assert problem_in(ENGLISH, text) == text
        said = problem_in(FRENCH, text)
        assert said != text
        assert value in said


def test_a_value_that_quotes_the_importer_is_a_value() -> None:
    quoted = "characters, 1 are allowed: 2 too many, the excess is «x»"
    text = f"has 90 characters, 25 are allowed: 65 too many, the excess is «{quoted}»"

    assert problem_in(FRENCH, text).startswith("a 90 caractères pour 25 autorisés")
    assert quoted in problem_in(FRENCH, text)


@pytest.mark.parametrize(
    "text", ["", "refused: 100% <b>%(n)s</b>", "is required", "created", "is required and blank\n"]
)
def test_what_nobody_knows_stays_as_it_is(text: str) -> None:
    assert problem_in(FRENCH, text) == text
    assert problem_in(ENGLISH, text) == text


def test_rows_in_a_list_of_dates_are_named_in_french() -> None:
    text = (
        "column 'Born' has dates whose order nothing in it proves: 03/04/2001 (row 2), 05/06/2001 (row 3) and 1,024 more "
        "could have the day or the month first; say which with --date-order dmy or --date-order mdy, or leave the column "
        "out: ignore = ['Born'] in a mapping file"
    )

    said = problem_in(FRENCH, text)
    assert "03/04/2001 (ligne 2), 05/06/2001 (ligne 3) et 1,024 de plus" in said
    assert "--" not in said + problem_in(ENGLISH, text)


def test_long_texts_take_no_time() -> None:
    long = [
        "has " + "characters, " * 3000,
        "has " + " are allowed: too many, " * 1500,
        "x" * 32_000,
        "is not one of " * 2000,
    ]
    began = time.perf_counter()
    for text in long:
        problem_in(FRENCH, text)

    assert time.perf_counter() - began < 0.5
