"""A column maps to the contact's own field only if it holds the contact's own value, or a person says so."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from importer.errors import MappingError
from importer.mapping import ColumnProfile, Mapping, match_columns
from importer.settings import Settings
from schemas.registry import load_vendor

ADDRESSES, OTHERS = ["ana@example.com", "bo@example.com"], ["boss@example.com", "chief@example.com"]
PHONES, NATIONAL = ["+12025550101", "+12025550102"], ["020 7946 0001", "020 7946 0002"]
PAGES = ["https://example.com/in/ana", "https://example.com/in/bo"]
NAMES = {"First Name": ["Ana", "Bo"], "Last Name": ["Ax", "Berg"]}


def match(cells: dict[str, list[str] | list[None]], vendor: str = "iclosed", mapping: Path | None = None) -> Mapping:
    profile = ColumnProfile(
        pl.DataFrame({f"c{at}": pl.Series(texts, dtype=pl.String) for at, texts in enumerate(cells.values())})
    )
    return match_columns(
        list(cells), load_vendor(vendor).operations["create"], Settings(vendor, mapping=mapping), profile
    )


def sources(mapping: Mapping) -> dict[str, list[str]]:
    return {known.field.path: [mapping.columns[index] for index in known.columns] for known in mapping.field_mappings}


@pytest.mark.parametrize(
    "header",
    [
        "Manager Email", "Manager's E-mail", "Email (Manager)", "managerEmail", "Assistant E-mail", "Spouse Email",
        "Partner e-mail", "Parent Email", "Guardian Email", "Emergency Email", "Owner", "Contact owner",
        "Lead Owner Email", "Account Manager", "Sales Rep Email", "Created By", "Last Modified By", "Referred By",
        "Referrer Email", "Secretary Email", "Supervisor", "Boss", "Event Host", "Mother's email",
        "Mail du responsable", "E-mail du conjoint", "Email (urgence)", "Parrain", "Créé par",
        "Correo del jefe", "Correo de emergencia", "Vorgesetzter E-Mail", "Notfall-E-Mail", "Erstellt von",
        "E-mail do gerente", "Email coniuge", "E-mail leidinggevende", "Noodgeval e-mail",
    ],
)  # fmt: skip
def test_the_address_of_somebody_else_is_neither_taken_nor_offered(header: str) -> None:
    assert sources(match({**NAMES, header: OTHERS})) == {"firstName": ["First Name"], "lastName": ["Last Name"]}


@pytest.mark.parametrize(
    "header",
    [
        "Fax", "Business Fax", "Home Fax", "Fax Number", "Emergency Phone", "Phone (Emergency)", "Spouse Mobile",
        "Assistant's Phone", "Next of Kin Phone", "Télécopie", "N° de fax", "Téléphone (conjoint)",
        "Teléfono de emergencia", "Notfallnummer", "Mobil Ehefrau", "Telefax", "Telefone do responsável",
        "Telefono genitore", "Faxnummer",
    ],
)  # fmt: skip
def test_the_phone_of_somebody_or_something_else_needs_a_person_where_a_phone_is_required(header: str) -> None:
    with pytest.raises(MappingError) as caught:
        match({**NAMES, header: PHONES}, "gomobile")

    assert f'--map "{header}=primaryPhone"' in str(caught.value)
    assert sources(match({**NAMES, "Email": ADDRESSES, header: PHONES})) == {
        "firstName": ["First Name"],
        "lastName": ["Last Name"],
        "email": ["Email"],
    }


def test_a_blank_own_cell_is_not_filled_from_somebody_elses() -> None:
    cells = {"Manager Phone": PHONES, **NAMES, "Phone": [PHONES[0], None], "Email": ADDRESSES}

    assert sources(match(cells))["phoneNumber"] == ["Phone"]


@pytest.mark.parametrize("header", ["Referrer URL", "referrerUrl", "Referrer", "Referral URL"])
def test_a_word_of_the_fields_own_names_is_no_other_subject(header: str) -> None:
    assert sources(match({"Email": ADDRESSES, header: PAGES}))["referrerUrl"] == [header]


@pytest.mark.parametrize("header", ["URL", "Website", "LinkedIn URL", "Profile", "Photo", "Link"])
def test_a_web_address_is_never_a_referrer_by_its_values(header: str) -> None:
    assert sources(match({"Email": ADDRESSES, header: PAGES})) == {"email": ["Email"]}


@pytest.mark.parametrize(
    ("header", "texts", "path"), [("Text Reminder", PHONES, "phoneNumber"), ("Login", ADDRESSES, "email")]
)
def test_values_alone_stop_with_what_to_paste_for_yes_and_for_no(
    tmp_path: Path, header: str, texts: list[str], path: str
) -> None:
    with pytest.raises(MappingError) as caught:
        match({**NAMES, header: texts})

    assert f'--map "{header}={path}"' in str(caught.value)
    assert f'ignore = ["{header}"]' in str(caught.value)
    (tmp_path / "m.toml").write_text(f'ignore = ["{header}"]')
    assert path not in sources(match({**NAMES, header: texts}, mapping=tmp_path / "m.toml"))


def test_a_blank_column_of_the_fields_name_does_not_hide_the_question() -> None:
    with pytest.raises(MappingError, match="Text Reminder=phoneNumber"):
        match({**NAMES, "Phone": [None, None], "Text Reminder": PHONES})


def test_all_questions_are_asked_at_once() -> None:
    with pytest.raises(MappingError) as caught:
        match({"Name": ["Ana Ax", "Bo Berg"], "Login": ADDRESSES, "Text Reminder": PHONES})

    assert all(text in str(caught.value) for text in ("part =", "Login=email", "Text Reminder=phoneNumber"))


@pytest.mark.parametrize(
    "header", ["Contact", "Contact info", "Contact details", "Coordonnées", "Kontaktdaten", "Contatto", "Contact 1"]
)
@pytest.mark.parametrize(("texts", "path"), [(ADDRESSES, "email"), (PHONES, "phoneNumber"), (NATIONAL, "phoneNumber")])
def test_a_generic_header_is_taken_by_its_values(header: str, texts: list[str], path: str) -> None:
    mapping = match({**NAMES, header: texts})

    assert sources(mapping)[path] == [header]
    assert any("because of its values" in note for note in mapping.notes)


def test_a_generic_header_whose_values_are_something_else_is_not_taken() -> None:
    assert sources(match({**NAMES, "Email": ADDRESSES, "Contact": ["yes", "no"]})).keys() == {
        "firstName",
        "lastName",
        "email",
    }


@pytest.mark.parametrize(
    ("headers", "order"),
    [
        (["Home", "Mobile", "Business"], ["Mobile", "Business", "Home"]),
        (["Home Phone", "Work Phone", "Cell"], ["Cell", "Work Phone", "Home Phone"]),
        (["Main", "Work", "Mobile"], ["Mobile", "Main", "Work"]),
        (["Business Phone 2", "Business Phone", "Mobile"], ["Mobile", "Business Phone", "Business Phone 2"]),
        (["Téléphone (domicile)", "Tél. mobile"], ["Tél. mobile", "Téléphone (domicile)"]),
        (["Telefon privat", "Handy"], ["Handy", "Telefon privat"]),
        (["Teléfono de casa", "Móvil"], ["Móvil"]),
        (["Mobile", "Phone"], ["Phone", "Mobile"]),
    ],
)
def test_phones_of_several_roles_fill_in_for_each_other(headers: list[str], order: list[str]) -> None:
    mapping = match(NAMES | {header: [f"+1202555{at}101", f"+1202555{at}102"] for at, header in enumerate(headers)})

    assert sources(mapping)["phoneNumber"] == order
    assert len(order) == 1 or any(note.startswith("phoneNumber takes the first") for note in mapping.notes)


@pytest.mark.parametrize(
    ("headers", "order"),
    [
        (["E-mail 2 Address", "E-mail Address"], ["E-mail Address", "E-mail 2 Address"]),
        (["Home Email", "Work Email"], ["Work Email", "Home Email"]),
        (["Secondary Email", "Email"], ["Email", "Secondary Email"]),
        (["Personal", "Work"], ["Work", "Personal"]),
    ],
)
def test_addresses_of_several_roles_fill_in_for_each_other(headers: list[str], order: list[str]) -> None:
    mapping = match(NAMES | {header: [f"a{at}@example.com", f"b{at}@example.com"] for at, header in enumerate(headers)})

    assert sources(mapping)["email"] == order


def test_a_role_column_without_phones_does_not_fill_in() -> None:
    assert sources(match({**NAMES, "Phone": PHONES, "Home": PAGES, "SMS": ["yes", "no"]}))["phoneNumber"] == ["Phone"]


def test_two_columns_of_one_role_with_different_values_do_not_fill_in() -> None:
    cells = {"Mobile": PHONES, "Home Phone": NATIONAL, "Home  phone": PHONES, **NAMES}

    assert sources(match(cells))["phoneNumber"] == ["Mobile"]


def test_billing_names_the_customer_where_the_contract_has_no_billing_fields() -> None:
    cells = {"billing_first_name": ["Ana"], "Billing Email": ["ana@example.com"], "shipping_first_name": ["Dee"]}

    assert sources(match(cells)) == {"firstName": ["billing_first_name"], "email": ["Billing Email"]}


def test_a_header_that_says_utc_gives_the_time_zone() -> None:
    (joined,) = (
        known
        for known in match({"Email": ADDRESSES, "Created (UTC)": ["2024-01-15 10:00"] * 2}).field_mappings
        if known.field.path == "joinedTime"
    )

    assert joined.value_format.timezone == "UTC"


def test_a_generic_column_with_addresses_and_phones_is_asked_about() -> None:
    with pytest.raises(MappingError, match="Contact=email"):
        match({**NAMES, "Contact": ["ana@example.com", "+12025550102"]})


@pytest.mark.parametrize("header", ["Country", "Country Code", "CC"])
def test_a_column_of_calling_codes_is_no_country_but_says_one(header: str) -> None:
    mapping = match({**NAMES, "Phone": NATIONAL, header: ["+44", "1"]})

    assert "country" not in sources(mapping)
    assert [mapping.columns[index] for index in mapping.countries] == [header]
    assert any(repr(header) in note for note in mapping.notes)


@pytest.mark.parametrize("header", ["氏名", "이름", "الاسم"])
def test_full_names_under_headers_in_other_scripts_are_asked_about(header: str) -> None:
    with pytest.raises(MappingError, match="part ="):
        match({header: ["Ana Ax", "Bo Berg"], "Email": ADDRESSES})


@pytest.mark.parametrize("header", ["Billing contact email", "Billing_Contact_E-mail", "BillingContactEmail"])
def test_a_billing_contact_is_somebody_else_and_a_shops_billing_address_is_not(header: str) -> None:
    with pytest.raises(MappingError, match="email"):
        match({**NAMES, header: OTHERS})

    assert sources(match({**NAMES, "Email": ADDRESSES, header: OTHERS}))["email"] == ["Email"]
    assert sources(match({**NAMES, "Billing Email": ADDRESSES}))["email"] == ["Billing Email"]
