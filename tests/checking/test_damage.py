"""What a spreadsheet program damaged is told once, by its cause, and never sent."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from importer.checking import Checker, FieldSource
from importer.model.problem_frame import render_problems
from importer.model.table import Batch, CellFinding
from schemas.registry import load_vendor


def problems(vendor: str, texts: dict[str, str | None], marks: tuple[CellFinding, ...] = ()) -> list[tuple[Any, ...]]:
    operation = load_vendor(vendor).operations["create"]
    fields = [field for path in texts if (field := operation.field(path))]
    row = {"row": pl.Series([2], dtype=pl.UInt32)}
    cells = pl.DataFrame(
        row | {f"c{index}": pl.Series([text], dtype=pl.String) for index, text in enumerate(texts.values())}
    )
    frame = pl.DataFrame(row | {path: pl.Series([text], dtype=pl.String) for path, text in texts.items()})
    origins = {path: FieldSource(path, f"c{index}") for index, path in enumerate(texts)}
    found = Checker(operation, fields, origins).check(frame, Batch(cells, marks)).problems
    return found.filter(pl.col("severity") == "error").select("field", "value", "code").rows()


@pytest.mark.parametrize(
    "phone", ["1.55512E+10", "1,55512E+10", "1.55512e10", "2.12613E+11", "+1.5E+10", "1E+10", "1E10"]
)
def test_a_phone_in_scientific_notation_is_one_problem(phone: str) -> None:
    assert problems("iclosed", {"phoneNumber": phone}) == [("phoneNumber", phone, "scientific_notation")]
    assert problems("gomobile", {"primaryPhone": phone}) == [("primaryPhone", phone, "scientific_notation")]


@pytest.mark.parametrize("phone", ["15551234.5", "1555,12"])
def test_a_phone_as_a_decimal_number_is_one_problem(phone: str) -> None:
    assert problems("gomobile", {"primaryPhone": phone}) == [("primaryPhone", phone, "decimal_number")]


@pytest.mark.parametrize("zip_code", ["1.2E+4", "1,2E+04", "9E+5"])
def test_a_postal_code_in_scientific_notation_is_damage(zip_code: str) -> None:
    found = problems("gomobile", {"primaryPhone": "+212600000001", "zip": zip_code})

    assert found == [("zip", zip_code, "scientific_notation")]


@pytest.mark.parametrize("zip_code", ["12E5", "E14 5AB", "2E", "SW1A 1AA", "1E400X"])
def test_a_postal_code_with_an_e_in_it_is_none(zip_code: str) -> None:
    assert problems("gomobile", {"primaryPhone": "+212600000001", "zip": zip_code}) == []


def test_text_that_looks_like_a_number_is_no_damage_where_it_is_text() -> None:
    assert problems("gomobile", {"primaryPhone": "+212600000001", "address": "1.2E+4", "city": "1.5"}) == []


def test_an_error_value_is_told_instead_of_the_blank_it_left() -> None:
    found = problems("gomobile", {"primaryPhone": None, "city": "Fès"}, (CellFinding(2, 0, "cell_error", "#N/A"),))

    assert found == [("primaryPhone", "#N/A", "cell_error")]


def test_an_error_value_in_a_column_that_feeds_nothing_is_no_problem() -> None:
    assert problems("gomobile", {"primaryPhone": "+212600000001"}, (CellFinding(2, 7, "cell_error", "#N/A"),)) == []


def test_too_many_cells_is_a_problem_of_the_whole_row() -> None:
    mark = CellFinding(2, None, "too_many_cells", "x | y", {"variant": "counted", "cells": 3, "width": 1})

    assert problems("gomobile", {"primaryPhone": "+212600000001"}, (mark,)) == [("", "x | y", "too_many_cells")]


@pytest.mark.parametrize(
    ("text", "was"),
    [
        ("JosÃ©", "José"),
        ("FranÃ§ois", "François"),
        ("MÃ¼ller", "Müller"),
        ("Dâ€™AoÃ»t", "D’Août"),
        ("ÅukaszÃ³w".replace("Åu", "Å\x81u"), "Łukaszów"),
    ],
)
def test_text_that_was_read_in_the_wrong_encoding_is_told_with_what_it_was(text: str, was: str) -> None:
    operation = load_vendor("gomobile").operations["create"]
    fields = [field for path in ("primaryPhone", "firstName") if (field := operation.field(path))]
    row = {"row": pl.Series([2], dtype=pl.UInt32)}
    frame = pl.DataFrame(row | {"primaryPhone": ["+212600000001"], "firstName": [text]})
    cells = pl.DataFrame(row | {"c0": ["+212600000001"], "c1": [text]})
    origins = {"primaryPhone": FieldSource("Phone", "c0"), "firstName": FieldSource("Prénom", "c1")}

    found = Checker(operation, fields, origins).check(frame, Batch(cells)).problems
    (problem,) = render_problems(found).iter_rows(named=True)

    assert (problem["code"], problem["severity"], problem["column"], problem["value"]) == (
        "mojibake", "error", "Prénom", text,
    )  # fmt: skip
    assert f"«{was}»" in problem["message"]


@pytest.mark.parametrize(
    "name", ["José", "Ângela", "São João", "ÃO", "Ð", "Ñandú", "Ærøskøbing", "café", "Đà Nẵng", "â", "10 €"]
)
def test_text_that_is_right_is_no_damage(name: str) -> None:
    assert problems("gomobile", {"primaryPhone": "+212600000001", "city": name}) == []


def test_a_character_that_was_lost_before_is_named() -> None:
    assert problems("gomobile", {"primaryPhone": "+212600000001", "city": "F\ufffds"}) == [
        ("city", "F\ufffds", "lost_character")
    ]


@pytest.mark.parametrize("zip_code", ["Mar-05", "5-Mar", "12-déc.", "avr.-12"])
def test_a_postal_code_that_became_a_date_is_damage(zip_code: str) -> None:
    found = problems("gomobile", {"primaryPhone": "+212600000001", "zip": zip_code})

    assert found == [("zip", zip_code, "number_as_date")]


def test_digits_that_became_zeros_after_the_fifteenth_are_damage() -> None:
    assert problems("gomobile", {"primaryPhone": "123456789012345000"}) == [
        ("primaryPhone", "123456789012345000", "digits_lost")
    ]


def test_a_control_character_is_named() -> None:
    assert problems("iclosed", {"email": "a@example.com", "firstName": "A\x00na"}) == [
        ("firstName", "A\x00na", "control_character")
    ]


@pytest.mark.parametrize("code", ["merged_cells", "formula_without_value", "digits_lost", "cell_error"])
def test_what_reading_marked_is_a_problem_of_the_cell_that_feeds_a_field(code: str) -> None:
    mark = CellFinding(2, 0, code, "12345678901234600")

    assert [found[2] for found in problems("gomobile", {"primaryPhone": None}, (mark,))] == [code]
    assert problems("gomobile", {"primaryPhone": "+212600000001"}, (CellFinding(2, 7, code, ""),)) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#¡VALOR!", "cell_error"),
        ("#NOME?", "cell_error"),
        ("#WAARDE!", "cell_error"),
        ("#ERROR!", "cell_error"),
        ("Err:502", "cell_error"),
        ("########", "cell_error"),
        ("=VLOOKUP(A2,B:C,2,0)", "formula_text"),
        ("=A2&B2", "formula_text"),
        ("{{last_name}}", "placeholder"),
        ("*|LNAME|*", "placeholder"),
        ("${city}", "placeholder"),
        ("%LASTNAME%", "placeholder"),
        ("[object Object]", "placeholder"),
        ("<test lead: dummy data for last_name>", "placeholder"),
        ("Mu?oz", "lost_letter"),
        ("ana@example.com", "not_a_name"),
        ("+12025550101", "not_a_name"),
        ("31/01/2026", "not_a_name"),
        ("2", "not_a_name"),
    ],
)
def test_what_is_no_name_is_held_with_its_cause(text: str, code: str) -> None:
    assert problems("iclosed", {"phoneNumber": "+15550100001", "lastName": text}) == [("lastName", text, code)]


@pytest.mark.parametrize(
    "text", ["O'Neil", "de la Cruz", "Nguyễn", "J.", "Smith-Jones", "李", "Jr.", "Élise", "Bo 3rd"]
)
def test_a_name_is_none_of_these(text: str) -> None:
    assert problems("iclosed", {"phoneNumber": "+15550100001", "lastName": text}) == []


@pytest.mark.parametrize("text", ["2026-03-05", "2026-03-05 01:02:03", "Mar-05"])
def test_a_date_is_no_postal_code_and_no_city(text: str) -> None:
    for field in ("zip", "city"):
        found = problems("gomobile", {"primaryPhone": "+212600000001", field: text})

        assert found == [(field, text, "number_as_date")]


def test_what_lost_a_letter_is_told_of_places_and_firms_but_not_of_questions() -> None:
    def found(path: str, text: str) -> list[tuple[Any, ...]]:
        return problems("gomobile", {"primaryPhone": "+212600000001", path: text})

    assert found("city", "K?ln") == [("city", "K?ln", "lost_letter")]
    assert found("notes", "called?yes") == []
