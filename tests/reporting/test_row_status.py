"""A field that a vendor names in its refusal is found however it is spelled."""

from __future__ import annotations

import pytest

from importer.reporting.row_status import _find_field

PATHS = ("email", "emails[0].value", "address.city", "billing.city", "billing.email")


@pytest.mark.parametrize(
    ("named", "path"),
    [
        ("email", "email"),
        ("/email", "email"),
        ("data.attributes.email", "email"),
        ("/data/attributes/email", "email"),
        ("contact.billing.email", "billing.email"),
        ("emails/0/value", "emails[0].value"),
        ("emails.0.value", "emails[0].value"),
        ("emails[0].value", "emails[0].value"),
        ("city", "address.city"),
        ("billing/city", "billing.city"),
        ("voicemail", None),
        ("", None),
    ],
)
def test_a_field_is_found_by_any_spelling(named: str, path: str | None) -> None:
    assert _find_field(named, PATHS) == path
