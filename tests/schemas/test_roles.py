"""The role of a field is guessed by its name, and only where the name speaks of the contact itself."""

from __future__ import annotations

import pytest

from schemas.roles import guess_role


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("given_name", "first_name"),
        ("FNAME", "first_name"),
        ("properties.email", "email"),
        ("email_address", "email"),
        ("emails.[0].value", "email"),
        ("phone_numbers.[0].number", "phone"),
        ("contacts.[0].name", "full_name"),
        ("personal_info.name", "full_name"),
        ("customerPhone", "phone"),
        ("email_address.address", "email"),
        ("emailAddresses.[0].address", "email"),
        ("PrimaryEmailAddr.Address", "email"),
        ("PrimaryPhone.FreeFormNumber", "phone"),
        ("websites.[0].address", "website"),
        ("home_phone", "phone"),
        ("p_street", "street"),
        ("addresses.[0].line_1", "street"),
        ("address.state", "state"),
        # What belongs to something else of the contact is no column of its own.
        ("phoneNumbers.[0].countryCode", ""),
        ("marketing_consent.state", ""),
        ("address.currency.displayName", ""),
        ("card.first_name", ""),
        ("county", ""),
        ("contact_groups.[0].name", ""),
        ("branding_theme.name", ""),
        ("attachments.[0].url", ""),
        ("company.name", ""),
        ("billing.email", ""),
        # What a program may do, and not what a person does.
        ("role", ""),
    ],
)
def test_a_role_is_guessed_by_a_name(path: str, role: str) -> None:
    assert guess_role(tuple(path.split(".")), None, "string") == role
