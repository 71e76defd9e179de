"""A problem is a code and parameters; its text is rendered last, and spools of earlier versions still can be."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from importer.model.problem import PROBLEM_COLUMNS, PROBLEM_KINDS, hint_of, message_of
from importer.model.problem_frame import PROBLEM_SCHEMA, adopt_finished_texts, encode_params, render_problems
from importer.run_store.spool import Spool
from schemas.dataframe_schema import build_rules
from schemas.registry import load_vendor, vendor_names


def frame(*problems: tuple[str, dict[str, object]]) -> pl.DataFrame:
    rows = [(2 + n, "Mail", "email", "x", "error", code, encode_params(params), "check") for n, (code, params) in enumerate(problems)]  # fmt: skip
    return pl.DataFrame(rows, schema=PROBLEM_SCHEMA, orient="row")


def test_texts_are_rendered_from_code_and_parameters() -> None:
    rendered = render_problems(
        frame(
            ("minimum", {"limit": 3}),
            ("minimum", {"limit": 4, "example": "5"}),
            ("format", {"variant": "list", "format": "ipv4", "field_hint": "an address"}),
            ("date_order_unproven", {"column": "'A'", "examples": [["1/2/2001", 2], ["2/3/2001", 4]], "more": "9"}),
        )
    )

    assert rendered.columns == list(PROBLEM_COLUMNS)
    assert rendered.select("message", "hint").rows()[:3] == [
        ("is below 3", "correct the value"),
        ("is below 4", "for example 5"),
        ("contains something that is not in the format ipv4", "enter an address"),
    ]
    assert "1/2/2001 (row 2), 2/3/2001 (row 4) and 9 more" in rendered["message"][3]


def test_the_order_of_problems_stays() -> None:
    problems = frame(*(("minimum", {"limit": n % 7}) for n in range(500)))

    assert render_problems(problems)["message"].to_list() == [f"is below {n % 7}" for n in range(500)]


def test_no_problems_have_the_columns_of_problems() -> None:
    assert render_problems(frame()).columns == list(PROBLEM_COLUMNS)


@pytest.mark.parametrize("value", ["%(limit)s", "100%", "{}", "\\1", "a\nb", '"', "«»", ""])
def test_a_value_in_a_message_is_never_a_placeholder(value: str) -> None:
    (found,) = render_problems(frame(("mojibake", {"meant": value})))["message"]

    assert found == f"was read in the wrong encoding before; it probably was «{value}»"


def test_a_code_of_a_vendor_has_the_vendors_words() -> None:
    assert message_of("E_17", {"message": "no"}) == "no"
    assert (message_of("E_17", {}), hint_of("E_17", {})) == ("", "")


def test_problems_that_an_earlier_version_stored_keep_their_texts(tmp_path: Path) -> None:
    old = pl.DataFrame(
        [(2, "Mail", "email", "x%", "error", "format", 'is not "100%"', None, "check")],
        schema={name: pl.UInt32 if name == "row" else pl.String for name in PROBLEM_COLUMNS},
        orient="row",
    )
    spool = Spool(tmp_path)
    cells = pl.DataFrame({"row": [2], "c0": ["x%"]}, schema={"row": pl.UInt32, "c0": pl.String})
    spool.add(cells, cells.select(email="c0"), pl.Series([2], dtype=pl.UInt32), old)
    ((_, problems),) = spool.batches()

    assert problems is not None
    assert problems.schema == PROBLEM_SCHEMA
    assert adopt_finished_texts(problems).equals(problems)
    assert render_problems(problems).rows() == [
        (2, "Mail", "email", "x%", "error", "format", 'is not "100%"', "", "check")
    ]
    assert json.loads(problems["params"][0]) == {"message": 'is not "100%"', "hint": ""}


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_rule_of_a_contract_is_a_kind_of_problem(vendor: str) -> None:
    for operation in load_vendor(vendor).operations.values():
        assert {rule.code for rule in build_rules(operation, operation.fields)} <= set(PROBLEM_KINDS)
