"""The quick ways of cleaning a column give what cleaning its cells one by one gives."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.cleaning import CleaningOptions, clean
from importer.cleaning.kinds import CLEANERS, CLEANERS_BY_TYPE, find_cleaner
from importer.model.month_names import FULL, SHORT, month_numbers
from importer.model.normalized_name import normalize_name
from schemas.contract import Field, Limits
from schemas.kind import Kind

OPTIONS = CleaningOptions("MA", "dmy", "Africa/Casablanca")
TEXTS = st.one_of(
    st.none(),
    st.text(alphabet="aA@. \u00a0\u200b+0é", max_size=6),
    st.sampled_from(
        [
            "", " Ana ", "ana@EXAMPLE.com", "<ana@example.com>", "0612345678", "06 12 34 56 78", "+33639980001", "France",
            "fr", "hot", "HOT", "31/12/1990", "1990-12-31", "15 janvier 2024 10:00", "2024-01-15T10:00:00+01:00",
        ]
    ),
)  # fmt: skip


def field_of(kind: Kind) -> Field:
    return Field("x", ("x",), kind=kind, limits=Limits(enum=("HOT", "COLD")) if kind is Kind.CHOICE else Limits())


def cleaned(field: Field, texts: list[str | None], countries: list[str | None]) -> list[str | None]:
    frame = pl.DataFrame({"row": range(len(texts)), "x": pl.Series(texts, dtype=pl.String)})
    codes = pl.Series(countries, dtype=pl.String)
    return clean(frame, [field], {"x": OPTIONS}, lambda: codes).frame["x"].to_list()


@pytest.mark.parametrize("kind", [*CLEANERS, Kind.CHOICE, Kind.TEXT])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    cells=st.lists(st.tuples(TEXTS, st.sampled_from([None, "FR", "US"])), min_size=1, max_size=8),
    times=st.integers(1, 3),
)
def test_a_column_is_cleaned_as_its_cells_are(
    kind: Kind, cells: list[tuple[str | None, str | None]], times: int
) -> None:
    field = field_of(kind)
    texts, countries = ([cell[index] for cell in cells] * times for index in (0, 1))

    alone = [cleaned(field, [text], [country])[0] for text, country in zip(texts, countries, strict=True)]

    assert cleaned(field, texts, countries) == alone


@pytest.mark.parametrize("kind", Kind)
def test_a_list_is_cleaned_as_text_only_and_a_number_by_its_type(kind: Kind) -> None:
    assert find_cleaner(Field("x", ("x",), type="array", kind=kind)).clean is None
    assert find_cleaner(Field("x", ("x",), type="integer", kind=kind)) is CLEANERS_BY_TYPE["integer"]


def test_a_months_name_means_the_same_month_in_every_language() -> None:
    lines = [line.split() for line in (*FULL.values(), *SHORT.values())]

    assert {len(line) for line in lines} == {12}
    for line in lines:
        assert [month_numbers()[normalize_name(name)] for name in line] == list(range(1, 13))
