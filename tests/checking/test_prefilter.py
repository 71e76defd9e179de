"""What is passed over quickly is what the detailed look would have let pass."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.checking import Checker, FieldSource
from importer.checking.damage import damage_rules, harmless
from importer.checking.prefilter import RulePrefilter
from importer.model.table import Batch
from importer.run_store.shared_values import sharing_key
from importer.runs.whole_file_checks import _phone_key
from schemas.column_stats import distinct, has_blanks
from schemas.kind import Kind
from schemas.registry import load_vendor

ICLOSED = load_vendor("iclosed").operations["create"]
TEXTS = st.one_of(
    st.none(),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=30),
    st.text(alphabet="0123456789+.,eE-/ \t\r\nJanÃ©\ufffd\x01\u00a0", max_size=20),
    st.sampled_from(
        [
            "",
            " ",
            "+15550100001",
            "a@example.com",
            "1.55512E+10",
            "15550100000000000",
            "12-Jan",
            "QUALIFIED",
            "#N/A",
            " #REF! ",
        ]
    ),
)
CALMLY = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def texts(values: list[str | None]) -> pl.Series:
    return pl.Series("text", values, dtype=pl.String)


@pytest.mark.parametrize("times", [1, 3])  # values that repeat are looked at once
@CALMLY
@given(rows=st.lists(st.tuples(*[TEXTS] * len(ICLOSED.fields)), min_size=1, max_size=8))
def test_only_rows_without_problems_are_passed_over(rows: list[tuple[str | None, ...]], times: int) -> None:
    fields = ICLOSED.fields
    frame = pl.DataFrame(rows * times, schema={field.path: pl.String for field in fields}, orient="row")
    frame = frame.with_row_index("row").with_columns(pl.col("row").cast(pl.UInt32))
    origins = {field.path: FieldSource(field.path, field.path) for field in fields}

    class Everything(RulePrefilter):
        def find(self, frame: pl.DataFrame, unusual: object) -> dict[str, pl.Series]:
            return {field.path: pl.Series([True]).new_from_index(0, frame.height) for field in fields}

    quick, thorough = Checker(ICLOSED, fields, origins), Checker(ICLOSED, fields, origins)
    thorough._learn_columns(frame)
    thorough._prefilter = Everything(fields, (), ())

    assert quick.check(frame, Batch(frame)).problems.equals(thorough.check(frame, Batch(frame)).problems)


@pytest.mark.parametrize("kind", [Kind.PHONE, Kind.ID, Kind.ZIP, Kind.TEXT])
@CALMLY
@given(values=st.lists(TEXTS, min_size=1, max_size=30))
def test_harmless_texts_break_no_rule_about_damage(kind: Kind, values: list[str | None]) -> None:
    from dataclasses import replace

    field = replace(ICLOSED.fields[0], path="text", kind=kind)
    passed = texts(values).filter(texts(values).str.contains(harmless(field))).to_frame()

    for rule in damage_rules([field]):
        assert passed.select(rule.holds.fill_null(value=True).all()).item()


@CALMLY
@given(values=st.lists(TEXTS, max_size=5))
def test_blanks_are_found_among_any_texts(values: list[str | None]) -> None:
    assert has_blanks(texts(values)) == any(value is not None and not value.strip(BLANK) for value in values)


BLANK = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Unicode calls white space; Python counts four separators of ASCII, too."""


@CALMLY
@given(values=st.lists(TEXTS, max_size=8), times=st.integers(1, 3))
def test_distinct_texts_are_all_texts(values: list[str | None], times: int) -> None:
    assert set(distinct(texts(values * times))) == set(values)


@CALMLY
@given(values=st.lists(TEXTS, max_size=30))
def test_a_phone_is_shared_by_the_same_key_whichever_way_it_is_found(values: list[str | None]) -> None:
    frame = texts(values).to_frame()

    assert _phone_key(frame["text"]).equals(frame.select(sharing_key("text", Kind.PHONE)).to_series())
