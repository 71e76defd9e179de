"""The keys of a mapping file that concern the whole file."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.errors import MappingError
from importer.mapping import FileKeys, draft_mapping, parse_row_ranges, read_mapping
from importer.runs.file_settings import with_file_keys
from importer.settings import Settings
from schemas.registry import load_vendor


def read(tmp_path: Path, toml: str) -> FileKeys:
    (tmp_path / "m.toml").write_text(toml, encoding="utf-8")
    return read_mapping(tmp_path / "m.toml").keys


EVERY = """\
where = "Status = 'Active'"
suppress = ["optouts.csv", "/lists/more.csv"]
rows = "8-200"
skip_last = 2
region = "MA"
timezone = "Africa/Casablanca"
date_order = "dmy"
sheet = "Leads"
encoding = "cp1252"
delimiter = "\\t"
header_row = 7
"""


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    keys = read(tmp_path, EVERY)

    assert keys.suppress == (str(tmp_path / "optouts.csv"), "/lists/more.csv")
    assert read(tmp_path, "\n".join(keys.lines())) == keys


def test_a_sheet_may_be_a_number_and_a_list_one_name(tmp_path: Path) -> None:
    assert read(tmp_path, 'sheet = 2\nsuppress = "a.csv"') == FileKeys(sheet="2", suppress=(str(tmp_path / "a.csv"),))


def test_the_command_line_wins_and_lists_add_up(tmp_path: Path) -> None:
    read(tmp_path, EVERY)
    given = Settings("iclosed", mapping=tmp_path / "m.toml", region="FR", where="true", suppress=("/other.csv",))

    settings = with_file_keys(given)

    assert (settings.region, settings.where, settings.timezone) == ("FR", "true", "Africa/Casablanca")
    assert settings.suppress == ("/other.csv", str(tmp_path / "optouts.csv"), "/lists/more.csv")
    assert with_file_keys(settings) == settings


def test_a_table_is_a_field_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('timezone = { column = "Zone" }', encoding="utf-8")

    assert list(read_mapping(tmp_path / "m.toml").specs) == ["timezone"]


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("where = 3", "where must be text, such as where = "),
        ('region = ""', "region must be text"),
        ('skip_last = "2"', "skip_last must be a number from 1 to 100"),
        ("skip_last = 0", "skip_last must be a number"),
        ("skip_last = true", "skip_last must be a number"),
        ("header_row = 0", "header_row must be a number"),
        ("rows = 8", "rows must be text"),
        ('rows = "8-x"', "rows '8-x' is no range of rows; write 8-200"),
        ('date_order = "DMY"', "date_order must be one of dmy, mdy, ymd"),
        ("sheet = 1.5", "sheet must be a name or a number"),
        ("suppress = []", "suppress must be a list of files"),
        ("suppress = [1]", "suppress must be a list of files"),
    ],
)
def test_a_wrong_value_says_what_it_may_be(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(MappingError, match=f"m.toml: {message}"):
        read(tmp_path, toml)


@pytest.mark.parametrize(("toml", "message"), [('region = "ZZ"', "region 'ZZ'"), ('timezone = "Moon"', "timezone")])
def test_a_country_and_a_zone_must_exist(tmp_path: Path, toml: str, message: str) -> None:
    read(tmp_path, toml)

    with pytest.raises(MappingError, match=f"m.toml: {message}"):
        with_file_keys(Settings("iclosed", mapping=tmp_path / "m.toml"))


@pytest.mark.parametrize(("key", "near"), [("wher", "where"), ("supress", "suppress"), ("skip-last", "skip_last")])
def test_an_unknown_key_names_the_nearest_one(tmp_path: Path, key: str, near: str) -> None:
    (tmp_path / "m.toml").write_text(f'{key} = "x"', encoding="utf-8")

    with pytest.raises(MappingError, match=f"did you mean {near}"):
        draft_mapping(["x"], load_vendor("iclosed").operations["create"], Settings("i", mapping=tmp_path / "m.toml"))


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("8-200", ((8, 200),)),
        ("8-", ((8, None),)),
        ("-9", ((1, 9),)),
        ("7", ((7, 7),)),
        ("2-3, 5-", ((2, 3), (5, None))),
    ],
)
def test_ranges_of_rows(text: str, ranges: object) -> None:
    assert parse_row_ranges(text, "rows") == ranges


@pytest.mark.parametrize("text", ["9-8", "0-3", "-", "1-2-3", "a", "2;3", ","])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(MappingError, match="is no range of rows"):
        parse_row_ranges(text, "rows")
