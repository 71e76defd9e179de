"""Every kind of problem is shown in French, with its values, and without options of the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from importer.checking import damage
from importer.checking.problem_params import params_expr
from importer.cleaning.date_order import DateOrderEvidence
from importer.model.problem import OPTIONS, PROBLEM_KINDS, WEB_OPTIONS, ProblemKind, hint_of, message_of
from importer.pipeline import review_check
from importer.runs.review import CellProblem, CheckReview, ProblemQuery
from importer.settings import Settings
from importer.web.i18n import Words, words_of
from importer.web.labels import problem_hint, problem_message, problem_title, vendor_text
from schemas.contract import Field
from schemas.dataframe_schema import Rule, build_rules
from schemas.registry import load_vendor, vendor_names
from schemas.vendor_texts import vendor_texts

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


# What other code than the rules finds, with parameters of each.
OF_OTHERS: dict[str, dict[str, Any]] = {
    "merged_cells": {},
    "formula_without_value": {},
    "cut_cell": {},
    "too_many_cells": {"variant": "counted", "cells": 7, "width": 5},
    "too_few_cells": {"variant": "counted", "cells": 3, "width": 5},
    "email_typo": {"usual": "gmail.com", "found": "gmial.com"},
    "several_numbers": {"number": "+15550100001"},
    "extension": {"extension": "12", "number": "+15550100001"},
    "phone_note": {"note": "WhatsApp", "number": "+15550100001"},
    "several_values": {"sent": "ana@example.com"},
    "outside_rows": {"rows": "2-5"},
    "skipped_at_end": {"count": 2},
    "not_selected": {"variant": "blank", "condition": "Country = US"},
    "suppressed": {"list": "unsubscribed.csv"},
    "phone_country_unknown": {},
    "phone_not_valid": {"region": "US"},
    "not_a_phone": {},
    "phone_countries_unknown": {"column": "'B'", "examples": [("202 555 0101", 2)], "more": "7"},
    "shared_email": {"variant": "more", "rows": "2, 3", "more": 4},
    "shared_phone": {"variant": "rows", "rows": "2, 3"},
    "date_order_unproven": {"column": "'B'", "examples": [("03/04/2001", 2)], "more": "7"},
    "date_order_mixed": {"column": "'B'", "one": "28/02/2001", "row": 2, "other": "02/28/2001", "other_row": 3},
    "time_zone_unknown": {"column": "'B'", "examples": [("2001-02-03 10:00", 2)], "more": "7", "line": 'b = "B"'},
    "repeated_contact": {},
    "may_be_encoded": {"decoded": "José"},
    "middle_name_unclear": {"middle": "Garcia"},
    "hidden_value": {},
    "draft_changed": {},
    "draft_imported": {},
    "draft_gone": {},
    "mapping_gone": {"name": "leads"},
    "mapping_name_taken": {"name": "leads"},
}
OF_ONE_KIND = {"leading_zeros_lost": "1234", "look_alike_character": "\u0430na@example.com"}
PLACEHOLDER = re.compile(r"%\(\w+\)s")


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
        "not_a_date": ["date", "date-time"],
        "pattern": ["^[a-z]{2}$"],
    }
    for code in PROBLEM_KINDS.keys() - OF_OTHERS.keys():
        for limit in limits.get(code, [3]):
            for type_ in ("string", "array"):
                yield Rule(Field("x", ("x",), type_), code, "error", limit, pl.lit(value=True))


Problem = tuple[str, dict[str, Any]]


def problems() -> Iterator[Problem]:
    """Every kind of problem: those of the rules with all their limits, those that reading and others find."""
    for rule in rules():
        value = OF_ONE_KIND.get(rule.code, OF_EVERY_KIND)
        yield rule.code, json.loads(pl.DataFrame({"v": [value]}).select(params_expr(rule, pl.col("v"))).item())
    for code, kind in PROBLEM_KINDS.items():
        if kind.is_found_by_reading:
            yield code, {"variant": "read"}
    yield from OF_OTHERS.items()


def in_words(words: Words, problem: Problem) -> tuple[str, str]:
    return problem_message(words, *problem), problem_hint(words, *problem)


def values_in(text: str) -> list[str]:
    """What must survive: numbers, addresses, quoted texts."""
    quoted = re.findall("«(.*)»", text, re.DOTALL)
    plain = re.sub("«.*»", "", text, flags=re.DOTALL)
    return quoted + [value.rstrip(".,;:") for value in re.findall(r"\S*\d\S*|\S+@\S+|https://\S*", plain)]


def wrong_in(text: str, said: str) -> str:
    """What is wrong with the French of a text, if anything."""
    plain = re.sub(r"«.*»|\S+@\S+|par exemple [^\u202f]*|permises\u00a0: .*", "", said, flags=re.DOTALL)
    if said == text:
        return f"not translated: {text}"
    if LEFT_OVER.search(plain):
        return f"English left over: {said}"
    lost = [value for value in values_in(text) if value not in said]
    return f"{lost} lost: {said}" if lost else ""


@pytest.fixture(scope="module")
def every() -> list[Problem]:
    return list(problems())


def wrong_of(every: Iterator[Problem] | list[Problem]) -> list[str]:
    pairs = {pair for known in every for pair in zip(in_words(ENGLISH, known), in_words(FRENCH, known), strict=True)}
    return [wrong for text, said in sorted(pairs) if text and (wrong := wrong_in(text, said))]


def test_every_problem_that_checking_finds_is_shown_in_french(every: list[Problem]) -> None:
    assert wrong_of(every) == []


@pytest.mark.parametrize("words", [ENGLISH, FRENCH], ids=lambda words: words.language)
def test_the_web_app_names_no_options(every: list[Problem], words: Words) -> None:
    assert any("--" in hint_of(*problem) for problem in every)
    assert [texts for problem in every if "--" in " ".join(texts := in_words(words, problem))] == []


def test_english_is_that_of_the_reports_but_for_options(every: list[Problem]) -> None:
    reported = {(code, json.dumps(params)): (message_of(code, params), hint_of(code, params)) for code, params in every}
    differ = [
        texts
        for (code, params), texts in reported.items()
        if not (PROBLEM_KINDS[code].web_template or "--" in " ".join(texts))
        and in_words(ENGLISH, (code, json.loads(params))) != texts
    ]

    assert differ == []


@pytest.mark.parametrize(("code", "kind"), PROBLEM_KINDS.items(), ids=PROBLEM_KINDS)
def test_every_kind_is_translated_with_its_placeholders(code: str, kind: ProblemKind) -> None:
    for text in kind.texts:
        said = FRENCH.say(text)
        assert said != text, code
        assert sorted(PLACEHOLDER.findall(said)) == sorted(PLACEHOLDER.findall(text)), code
    assert not any("--" in text for text in kind.texts), code


def test_every_option_has_words_of_the_web_app() -> None:
    assert set(OPTIONS) == set(WEB_OPTIONS)
    assert all(FRENCH.say(text) != text for text in WEB_OPTIONS.values())


def test_a_code_of_a_vendor_is_its_own_title() -> None:
    assert problem_title(FRENCH, "E_TOO_MANY") == "E_TOO_MANY"
    assert problem_title(FRENCH, "mojibake") == "Mauvais encodage"


def test_every_field_that_must_be_mapped_is_described_in_french() -> None:
    fields = [
        field for name in vendor_names() for known in load_vendor(name).operations.values() for field in known.fields
    ]
    described = {field.description for field in fields if field.required and field.description}

    assert described
    assert [text for text in described if vendor_text(FRENCH, text) == text] == []


def test_translations_of_documents_are_of_texts_that_stand_in_them() -> None:
    known: set[str] = set()
    for name in vendor_names():
        for operation in load_vendor(name).operations.values():
            known |= {text for field in operation.fields for text in (field.description, field.hint)}

    assert set(vendor_texts("fr")) | set(vendor_texts("en")) <= known
    assert not re.search(
        r"(?<!par) [:;?!»](?! )|« |[<>&\"]", " ".join(vendor_texts("fr").values()).replace("par ;", "")
    )


def test_a_hint_that_nobody_translated_stays_as_the_vendor_wrote_it() -> None:
    assert problem_hint(FRENCH, "pattern", {"field_hint": "the SIRET"}) == "enter the SIRET"


def cells_of(path: Path, vendor: str, tmp_path: Path) -> tuple[CellProblem, ...]:
    settings = Settings(vendor, output=tmp_path / "out", state_dir=tmp_path / "state")
    review_check(path, settings, tmp_path / "kept")
    return CheckReview(tmp_path / "kept", settings).problems(ProblemQuery(size=500)).cells


FILES = {
    "iclosed": (
        "First Name,Last Name,Email,Phone,Status,Joined Time,Referrer URL,Country\n"
        "Maximiliane-Friederike-Luise,JosÃ©,cy@,1.55512E+10,Hot,soon,example,USA\n"
        "Ana,#REF!,ana@gmial.com,+15550100001 ext. 12,POTENTIAL,2024-01-15 10:00,https://a.example,US\n"
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
def test_problems_of_a_file_are_shown_in_french(vendor: str, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(FILES[vendor], encoding="utf-8")
    cells = cells_of(path, vendor, tmp_path)

    assert cells
    found: list[Problem] = [(cell.code, dict(cell.params)) for cell in cells]
    assert wrong_of(found) == []
    assert [known for known in found if "--" in " ".join(in_words(ENGLISH, known) + in_words(FRENCH, known))] == []


def test_a_file_has_many_kinds_of_problems(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text(FILES["iclosed"], encoding="utf-8")

    assert {cell.code for cell in cells_of(path, "iclosed", tmp_path)} >= {
        "max_length", "pattern", "enum", "mojibake", "cell_error", "lost_character", "control_character", "shared_email",
        "email_typo", "extension", "several_numbers", "number_as_date", "scientific_notation", "too_many_cells",
        "too_few_cells", "no_way_to_reach",
    }  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_shown_as_it_is(value: str) -> None:
    for code, params in (
        ("max_length", {"length": 9, "limit": 4, "more": 5, "excess": value}),
        ("mojibake", {"meant": value}),
        ("pattern", {"form": value}),
        ("enum", {"values": value}),
        ("required", {"example": value}),
    ):
        assert value in problem_message(ENGLISH, code, params) + problem_hint(ENGLISH, code, params)
        assert value in problem_message(FRENCH, code, params) + problem_hint(FRENCH, code, params)
        assert problem_message(FRENCH, code, params) != message_of(code, params)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_finished_text_is_shown_as_it_is(value: str) -> None:
    finished = {"message": value, "hint": value}

    assert in_words(FRENCH, ("pattern", finished)) == (value, value)
    assert in_words(FRENCH, ("a code of a vendor", finished)) == (value, value)


def proofs(dates: list[str]) -> DateOrderEvidence:
    found = DateOrderEvidence()
    found.add(pl.Series(range(2, 2 + len(dates)), dtype=pl.UInt32), pl.Series(dates))
    return found


def test_rows_in_a_list_of_dates_are_named_in_french() -> None:
    code, params = proofs(["03/04/2001", "05/06/2001"] * 600).failure("Born")

    said = problem_message(FRENCH, code, params)
    assert "03/04/2001 (ligne 2), 05/06/2001 (ligne 3)" in said
    assert "et 1,195 de plus" in said
    assert "--" not in said + problem_message(ENGLISH, code, params)
    assert message_of(code, params).endswith("leave the column out: ignore = ['Born'] in a mapping file")


def test_dates_in_two_orders_are_named_in_french() -> None:
    code, params = proofs(["28/02/2001", "02/28/2001"]).failure("Born")

    said = problem_message(FRENCH, code, params)
    assert "28/02/2001 (ligne 2)" in said
    assert "02/28/2001" in said
    assert message_of(code, params) == (
        "column 'Born' has dates in two orders: 28/02/2001 (row 2) has the day first, 02/28/2001 (row 3) the month; "
        "correct the rows of one kind, or write both as YYYY-MM-DD"
    )
