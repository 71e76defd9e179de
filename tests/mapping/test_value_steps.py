"""The steps of a field: split, replace, case, join and when, and what is noted of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from importer.errors import MappingError
from importer.mapping import (
    ColumnProfile,
    Mapping,
    apply_choices,
    apply_mapping,
    draft_mapping,
    field_mapping_from_data,
    field_mapping_to_data,
    list_choices,
    render_mapping_file,
)
from importer.settings import Settings
from schemas.contract import Operation
from schemas.registry import load_vendor

HEADERS = ["Mail", "Ref", "Given", "Family"]


def operation() -> Operation:
    return load_vendor("iclosed").operations["create"]


def mapped(tmp_path: Path, toml: str) -> Mapping:
    (tmp_path / "m.toml").write_text('email = "Mail"\n' + toml, encoding="utf-8")
    return draft_mapping(HEADERS, operation(), Settings("iclosed", mapping=tmp_path / "m.toml"))


def tags(mapping: Mapping, *refs: str | None) -> tuple[list[Any], list[tuple[str, int]]]:
    cells = pl.DataFrame(
        {
            "row": pl.Series(range(2, 2 + len(refs)), dtype=pl.UInt32),
            "c0": ["a@example.com"] * len(refs),
            "c1": pl.Series(refs, dtype=pl.String),
            "c2": ["Ana"] * len(refs),
            "c3": pl.Series([None] * len(refs), dtype=pl.String),
        }
    )
    noted: list[tuple[str, int]] = []

    def note(kind: str, _path: str, before: pl.Series, after: pl.Series) -> None:
        noted.append((kind, int(before.ne_missing(after).sum())))

    return apply_mapping(cells, mapping, operation(), note=note)["tag"].to_list(), noted


@pytest.mark.parametrize(
    ("keys", "refs", "sent", "noted"),
    [
        ('split = { by = "-", take = 2 }', ["a - b-c", "x", None, " y- "], ["b", None, None, None], [("split", 3)]),
        ('split = { by = "-", take = -1 }', ["a-b-c", "x"], ["c", "x"], [("split", 1)]),
        ('split = { by = "," }', ["a,b"], ["a"], [("split", 1)]),
        ('replace = { "." = "", "(x)" = "y" }', ["1.2(x)", " z "], ["12y", " z "], [("replace", 1)]),
        ('replace = { "a" = "$0" }', ["a"], ["$0"], [("replace", 1)]),
        ("replace_regex = { '^0+(\\d)' = '$1' }", ["007", "0", "70"], ["7", "0", "70"], [("replace", 1)]),
        ('replace = { "x" = "" }', ["x", "xx "], [None, None], [("replace", 2)]),
        ('case = "upper"', ["straße", "A"], ["STRASSE", "A"], [("case", 1)]),
        ('case = "lower"', ["ÀB"], ["àb"], [("case", 1)]),
        ('case = "title"', ["MARY-ANN o'brien"], ["Mary-Ann O'Brien"], [("case", 1)]),
        (
            'split = { by = ";" }, replace = { "a" = "b" }, case = "upper", values = { B = "seen" }, default = "none"',
            ["a;c", None],
            ["seen", "none"],
            [("split", 1), ("replace", 1), ("case", 1)],
        ),
        ("when = \"Ref <> 'x'\"", ["x", "y", None], [None, "y", None], [("when", 1)]),
        ('when = "Ref <> \'x\'", otherwise = "no"', ["x", "y", None], ["no", "y", "no"], [("when", 2)]),
    ],
)
def test_steps_change_the_text_and_are_noted(
    tmp_path: Path, keys: str, refs: list[str | None], sent: list[str | None], noted: list[tuple[str, int]]
) -> None:
    mapping = mapped(tmp_path, f'tag = {{ column = "Ref", {keys} }}')

    assert tags(mapping, *refs) == (sent, noted)


def test_a_constant_can_have_a_condition(tmp_path: Path) -> None:
    mapping = mapped(tmp_path, 'tag = { value = "big", when = "TRY_CAST(Ref AS INT) > 9", otherwise = "small" }')

    assert tags(mapping, "10", "9", None, "x")[0] == ["big", "small", "small", "small"]


@pytest.mark.parametrize(
    ("keys", "sent"), [("", "7 Ana"), (', separator = ", "', "7, Ana"), (', separator = ""', "7Ana")]
)
def test_join_leaves_blank_cells_out(tmp_path: Path, keys: str, sent: str) -> None:
    mapping = mapped(tmp_path, f'tag = {{ join = ["Ref", "Given", "Family"]{keys} }}')

    assert tags(mapping, " 7", None)[0] == [sent, "Ana"]


def test_the_word_that_clears_a_field_passes_the_steps(tmp_path: Path) -> None:
    update = load_vendor("cleartalk").operations["update"]
    (tmp_path / "m.toml").write_text(
        'clearTalkNotes = { column = "Notes", split = { by = "-", take = 2 }, case = "upper" }', encoding="utf-8"
    )
    mapping = draft_mapping(["id", "Notes"], update, Settings("cleartalk", "update", mapping=tmp_path / "m.toml"))
    cells = pl.DataFrame({"row": pl.Series([2, 3], dtype=pl.UInt32), "c0": ["1", "2"], "c1": [update.clear, "a-b"]})

    assert apply_mapping(cells, mapping, update)["clearTalkNotes"].to_list() == ["", "B"]


KEYS = (
    'tag = { column = "Ref", split = { by = "\\t", take = -2 }, replace = { "\\"" = "\'" }, '
    "replace_regex = { '\\d' = '$0' }, case = \"title\" }\n"
    'lastName = { join = ["Family", "Given"], separator = ", ", default = "?" }\n'
    'eventName = { value = "x", when = "\\"Ref\\" = \'a\'", otherwise = "y" }\n'
)


def test_stored_plans_and_written_files_have_all_of_it(tmp_path: Path) -> None:
    mapping = mapped(tmp_path, KEYS)
    stored = [
        field_mapping_from_data(field_mapping_to_data(feed), feed.field)  # as JSON has them: see test_row_selection
        for feed in mapping.field_mappings
    ]
    (tmp_path / "again").mkdir()
    text = render_mapping_file(mapping, operation(), ColumnProfile(), "iClosed", "x.csv")
    (tmp_path / "again" / "m.toml").write_text(text, encoding="utf-8")
    again = draft_mapping(HEADERS, operation(), Settings("iclosed", mapping=tmp_path / "again" / "m.toml"))

    assert tuple(stored) == mapping.field_mappings
    assert again.field_mappings == mapping.field_mappings


def test_the_columns_page_keeps_what_nobody_changes(tmp_path: Path) -> None:
    mapping = mapped(tmp_path, 'where = "Ref = \'a\'"\nregion = "MA"\n' + KEYS)
    constants = {feed.field.path: feed.constant for feed in mapping.field_mappings if feed.constant is not None}

    chosen = apply_choices(mapping, operation(), list_choices(mapping), constants)

    assert chosen.field_mappings == mapping.field_mappings
    assert chosen.keys == mapping.keys


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('column = "Ref", splitt = { by = "-" }', "did you mean split"),
        ('column = "Ref", split = "-"', "split must be a separator"),
        ('column = "Ref", split = { by = "" }', "split must be a separator"),
        ('column = "Ref", split = { by = "-", take = 0 }', "split must be a separator"),
        ('column = "Ref", split = { by = "-", take = "2" }', "split must be a separator"),
        ('column = "Ref", split = { by = "-", part = 2 }', "split must be a separator"),
        ('column = "Ref", replace = "x"', "replace must be a table"),
        ('column = "Ref", replace = { "" = "x" }', "replace must be a table"),
        ('column = "Ref", replace = { x = 1 }', "replace must be a table"),
        ('column = "Ref", replace_regex = { "(" = "" }', "no regular expression"),
        ('column = "Ref", case = "Upper"', "case is upper, lower, title"),
        ('join = ["Ref"]', "join must be a list of columns"),
        ('join = "Ref"', "join must be a list of columns"),
        ('join = ["Ref", "Givn"]', "no column 'Givn'; did you mean 'Given'"),
        ('column = "Ref", separator = ","', "there is no join"),
        ('column = "Ref", join = ["Ref", "Given"]', "needs one of column"),
        ('value = "x", case = "upper"', "case changes the text of a column"),
        ('column = "Ref", when = "Reff = \'x\'"', "tag: when: the file has no column 'Reff'; did you mean 'Ref'"),
        ('column = "Ref", when = "Ref"', "tag: when: the condition is neither true nor false"),
        ('column = "Ref", when = 3', "must be text"),
        (
            'column = "Ref", when = "Ref = \'x\'", values = { a = "b" }, otherwise = "c"',
            "otherwise could belong to values and to when",
        ),
    ],
)
def test_a_wrong_key_says_what_it_may_be(tmp_path: Path, keys: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        mapped(tmp_path, f"tag = {{ {keys} }}")
