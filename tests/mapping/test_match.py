"""The field that a column maps to, by its header and its values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from importer.errors import MappingError
from importer.mapping import ColumnProfile, Mapping, apply_mapping, match_columns
from importer.settings import Settings
from schemas.contract import Operation
from schemas.registry import load_vendor


def operation(vendor: str, name: str = "create") -> Operation:
    return load_vendor(vendor).operations[name]


def matched(headers: list[str], vendor: str = "iclosed", name: str = "create", **chosen: Any) -> Mapping:
    return match_columns(headers, operation(vendor, name), Settings(vendor, **chosen))


def mapped_headers(mapping: Mapping) -> dict[str, str]:
    return {known.field.path: mapping.header_of(known) for known in mapping.field_mappings}


@pytest.mark.parametrize(
    "header", ["firstName", "First Name", "first_name", "FIRST-NAME", " first  name ", "Fïrst.Näme"]
)
def test_a_header_is_the_fields_name_whatever_its_spelling(header: str) -> None:
    assert mapped_headers(matched([header])) == {"firstName": header}


@pytest.mark.parametrize("header", ["billing.address_1", "Billing Address 1", "billing_address_1"])
def test_nested_fields_are_named_by_their_path(header: str) -> None:
    columns = ["type", "full_name", "email", "company_id", header]

    assert mapped_headers(matched(columns, "clemta"))["billing.address_1"] == header


@pytest.mark.parametrize("header", ["customField.plan", "Custom Field: plan", "custom_field.plan"])
def test_members_of_an_open_object_are_named_after_a_dot_or_colon(header: str) -> None:
    assert mapped_headers(matched(["id", header], "cleartalk", "update"))["customField.plan"] == header


def test_other_names_of_the_contract_are_known() -> None:
    columns = ["Prénom", "NOM", "Téléphone", "Ville", "Code postal"]

    assert mapped_headers(matched(columns, "gomobile")) == {
        "primaryPhone": "Téléphone",
        "firstName": "Prénom",
        "lastName": "NOM",
        "city": "Ville",
        "zip": "Code postal",
    }


def test_the_better_name_wins_and_the_other_is_said_aloud() -> None:
    mapping = matched(["Mail", "Email"])

    assert mapped_headers(mapping) == {"email": "Email"}
    assert mapping.unused == ("Mail",)
    assert '--map "Mail=email"' in mapping.notes[0]


def test_what_a_person_says_wins() -> None:
    mapping = matched(["Email", "Work"], columns=(("Work", "email"),), constants=(("tag", "x"),))

    assert mapped_headers(mapping) == {"email": "Work", "tag": ""}
    assert mapping.unused == ("Email",)


def test_unused_columns_are_named() -> None:
    assert matched(["email", "Owner", "", "import_row"]).unused == ("Owner",)


def test_our_own_columns_are_never_fields_but_for_the_id_of_an_update() -> None:
    assert mapped_headers(matched(["import_id", "import_status", "tag"], "cleartalk", "update")) == {
        "id": "import_id",
        "tag": "tag",
    }
    assert mapped_headers(matched(["id", "import_id", "tag"], "cleartalk", "update"))["id"] == "id"


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"columns": (("Emial", "email"),)}, "did you mean 'Email'"),
        ({"columns": (("Email", "emial"),)}, "did you mean email"),
        ({"constants": (("tgа", "x"),)}, "has no field"),
        ({"columns": (("Email", "email"), ("Email", "email"))}, "has a column already"),
    ],
)
def test_unknown_names_are_errors_with_the_nearest_ones(chosen: dict[str, Any], said: str) -> None:
    with pytest.raises(MappingError, match=said):
        matched(["Email", "Owner"], **chosen)


def test_a_name_that_stands_twice_cannot_be_mapped() -> None:
    with pytest.raises(MappingError, match="2 columns named"):
        matched(["Phone", "Phone"], columns=(("Phone", "phoneNumber"),))


def test_required_fields_that_nothing_maps_to_are_named_with_what_to_paste() -> None:
    with pytest.raises(MappingError, match=r"email, company_id.*'Kind'.*--map \"Kind=email\".*--set email="):
        matched(["type", "full_name", "Kind"], "clemta")


def test_a_file_without_any_mapped_column_is_refused() -> None:
    with pytest.raises(MappingError, match="no column maps to any field"):
        matched(["x", "y"])


def test_blank_cells_are_left_out_and_the_clear_word_empties() -> None:
    mapping = matched(["id", "tag"], "cleartalk", "update")
    cells = pl.DataFrame({"row": [2, 3, 4], "c0": ["1", "2", "3"], "c1": ["x", "  ", " <clear> "]})

    assert apply_mapping(cells, mapping, operation("cleartalk", "update"))["tag"].to_list() == ["x", None, ""]


def test_a_mapping_file_maps_columns_to_fields(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text(
        'firstName = "Given"\ntag = { value = "lead" }\nphoneNumber = { column = ["Mobile", "Home"] }\n'
        'eventName = { column = "Event", default = "Webinar" }\nignore = ["Email"]\n'
    )
    mapping = matched(["Given", "Mobile", "Home", "Event", "Email"], mapping=file)
    row = {"row": [2], "c0": ["Ana"], "c1": [None], "c2": ["+1"], "c3": [None], "c4": ["x"]}
    cells = pl.DataFrame(row, schema_overrides={f"c{index}": pl.String for index in range(5)})

    assert apply_mapping(cells, mapping, operation("iclosed")).row(0, named=True) == {
        "row": 2,
        "firstName": "Ana",
        "phoneNumber": "+1",
        "tag": "lead",
        "eventName": "Webinar",
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('mail = "Email"', "has no field 'mail'"),
        ('email = "Emial"', "did you mean 'Email'"),
        ('email = { colum = "Email" }', "did you mean column"),
        ("email = 3", "must be a column"),
        ("email = {}", "needs one of"),
        ("email = ", "not TOML"),
        ("ignore = 3", "list of columns"),
    ],
)
def test_a_wrong_mapping_file_says_what_is_wrong(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "m.toml"
    file.write_text(content)

    with pytest.raises(MappingError, match=said):
        matched(["Email"], mapping=file)


def profile_of(**columns: list[str | None]) -> ColumnProfile:
    return ColumnProfile(
        pl.DataFrame({f"c{index}": pl.Series(values, dtype=pl.String) for index, values in enumerate(columns.values())})
    )


def drafted(headers: list[str], profile: ColumnProfile, vendor: str = "iclosed") -> Mapping:
    return match_columns(headers, operation(vendor), Settings(vendor), profile)


def test_a_column_of_addresses_is_the_email_whatever_its_header() -> None:
    mapping = drafted(["Contact", "Who"], profile_of(a=["a@example.com", "b@example.com"], b=["Ana", "Bo"]))

    assert mapped_headers(mapping) == {"email": "Contact"}
    assert "because of its values" in mapping.notes[0]


def test_two_columns_of_addresses_are_not_guessed_between() -> None:
    profile = profile_of(a=["a@example.com"] * 3, b=["b@example.com"] * 3, c=["customer"] * 3, d=["X"] * 3, e=["1"] * 3)

    with pytest.raises(MappingError) as caught:
        drafted(["Login", "Reply to", "Type", "Name", "Company ID"], profile, "clemta")

    assert '--map "Login=email" or --map "Reply to=email"' in str(caught.value)


def test_a_weak_match_of_a_required_field_is_shown_and_not_taken() -> None:
    with pytest.raises(MappingError) as caught:
        matched(["Spouse phone", "City"], "gomobile")

    assert '--map "Spouse phone=primaryPhone"' in str(caught.value)


def test_columns_of_one_name_with_the_same_values_are_no_tie() -> None:
    assert mapped_headers(
        drafted(["Email", "Email"], profile_of(a=["a@example.com", None], b=["a@example.com", None]))
    ) == {"email": "Email"}


def test_a_blank_column_gives_way() -> None:
    mapping = drafted(["Primary Phone", "Mobile"], profile_of(a=[None, " "], b=["+15550100", "+15550101"]), "gomobile")

    assert mapped_headers(mapping) == {"primaryPhone": "Mobile"}


def test_numbered_columns_are_taken_in_their_order() -> None:
    mapping = matched(["E-mail 2", "E-mail 1", "Phone 10", "Phone 9"])

    assert [(known.field.path, known.columns) for known in mapping.field_mappings] == [
        ("email", (1, 0)),
        ("phoneNumber", (3, 2)),
    ]
    assert "email takes the first of the columns 'E-mail 1', 'E-mail 2' that is not blank" in mapping.notes


def test_columns_without_a_header_are_mentioned_where_they_have_values() -> None:
    mapping = drafted(["Email", "", " "], profile_of(a=["a@example.com"], b=["x"], c=[None]))

    assert mapping.notes == ("column B has no header and is not imported",)


@pytest.mark.parametrize(
    "header", ["Email opt-in", "E-mail 1 - Label", "Phone extension", "Name of company", "First name of spouse"]
)
def test_other_things_about_a_field_are_not_the_field(header: str) -> None:
    assert header not in mapped_headers(matched(["tag", header])).values()


def test_a_file_without_a_header_is_refused_and_its_first_contact_not_lost() -> None:
    with pytest.raises(MappingError, match=r"has an address in it, 'ana@example\.com'"):
        drafted(["ana@example.com"], profile_of(a=["bo@example.com"]))
