"""A condition is an SQL expression over the cells of one row, and nothing else."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from importer.errors import MappingError
from importer.mapping import parse_condition

COLUMNS = ["Status", "Lead Source", "Age", "Age"]


def holds(text: str, *rows: tuple[str | None, str | None, str | None]) -> list[bool | None]:
    cells = pl.DataFrame(
        {f"c{index}": pl.Series([row[index] for row in rows], dtype=pl.String) for index in range(3)}
    ).with_columns(c3=pl.lit(None, dtype=pl.String))
    return parse_condition(text, "where", COLUMNS).matches(cells, "where").to_list()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Status = 'Active'", [True, False, None]),
        ("status = 'Active'", [True, False, None]),
        ("\"Lead Source\" <> 'Fair'", [False, True, True]),
        ("`Lead Source` = 'O''Brien -- SELECT; (FROM x)'", [False, True, False]),
        ("Status IS NULL", [False, False, True]),
        ("Status LIKE 'A%' OR \"Lead Source\" IN ('Web', 'Ads')", [True, False, True]),
        ('TRY_CAST("Age [C]" AS INT) > 18', [True, None, False]),
        ("LOWER(Status) = 'active' AND COALESCE(\"Lead Source\", '') <> ''", [True, False, None]),
        ("CASE WHEN Status = 'Active' THEN true ELSE false END", [True, False, False]),
    ],
)
def test_a_condition_holds_fails_or_is_open_for_each_row(text: str, found: list[bool | None]) -> None:
    rows = [("Active", "Fair", "21"), ("Closed", "O'Brien -- SELECT; (FROM x)", "old"), (" ", "Web", "3")]

    assert holds(text, *rows) == found


@pytest.mark.parametrize(
    "text",
    [
        "Status IN (SELECT a FROM read_csv('{file}'))",
        "Status IN (select a FROM read_csv('{file}'))",
        "Status IN (FROM read_csv('{file}'))",
        "Status IN ( \n FROM read_csv('{file}'))",
        "Status IN (TABLE foo)",
        "Status IN (VALUES ('a'))",
        "Status IN (WITH x AS (SELECT 1) SELECT * FROM x)",
        "EXISTS (SELECT 1)",
        "Status = ANY(SELECT 1)",
        "Status = E'\\'' OR Status IN (SELECT a FROM read_csv('{file}')) OR Status = ''",
        "Status = $$'$$ OR Status IN (SELECT a FROM read_csv('{file}')) OR Status = $$'$$",
        "Status = 'a' -- '\n OR Status IN (SELECT a FROM read_csv('{file}'))",
        "Status = 'a' /* ' */ OR Status IN (SELECT a FROM read_csv('{file}')) OR Status = ''",
        "Status = 'a'; DROP TABLE x",
        "read_csv('{file}') = 'a'",
        "COUNT(*) > 2",
        "Age = MAX(Status)",
        "ROW_NUMBER() OVER (ORDER BY Status) > 1",
        "LAG(Status) OVER (ORDER BY Status) = 'a'",
        "ARRAY_AGG(Status) IS NULL",
        "COLUMNS('Sta') = 'a'",
        "UNNEST(ARRAY['a', 'b']) = Status",
        "true",
        "Status",
        "Status = ",
        "Status = 'Active",
        "*",
        "",
        "(" * 300 + "Status = 'a'" + ")" * 300,
        "Status = 'a'" + " OR Status = 'b'" * 2_000,
    ],
)
def test_what_is_no_condition_of_one_row_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a\nActive\n", encoding="utf-8")

    with pytest.raises(MappingError, match=r"^where: "):
        parse_condition(text.replace("{file}", str(file)), "where", COLUMNS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Stats = 'Active'", "no column 'Stats'; did you mean 'Status'.*its columns are 'Status', 'Lead Source'"),
        ('Status = "Active"', "no column 'Active'.*text is written in single quotes"),
        ("Age = '3'", r"2 columns named 'Age'; use 'Age \[C\]' or 'Age \[D\]'"),
        ("Status > 5", "Cells are text.*TRY_CAST.*uses 'Status'"),
        ("Status RLIKE '('", "Status"),
        ("foo(Status)", "unsupported function 'foo'.*its columns are"),
        ("Status = 'a", "a ' opens a quoted text that is never closed"),
    ],
)
def test_a_mistake_is_a_message_with_the_columns(text: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        parse_condition(text, "where", COLUMNS)


def test_a_cell_that_cannot_be_converted_names_the_way_out() -> None:
    with pytest.raises(MappingError, match="TRY_CAST"):
        holds("CAST(Status AS INT) > 3", ("x", None, None))
