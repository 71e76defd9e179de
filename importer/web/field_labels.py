"""The names of fields as people say them, made from those that the APIs have (``billing.address_1``).

A vendor is its document, so the words are made from the path. What fields are usually called is in the catalogue.
"""

from __future__ import annotations

import re

from importer.web.i18n import N_, Words

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")
_CAPITALS = {"id": "ID", "ip": "IP", "utm": "UTM", "url": "URL", "zip": "ZIP", "cc": "CC", "bcc": "BCC", "iso": "ISO"}
_NAMES = {
    "email": N_("E-mail address"),
    "primary email": N_("Main e-mail address"),
    "phone": N_("Phone number"),
    "primary phone": N_("Main phone number"),
    "phone code": N_("Country calling code"),
    "iso code": N_("Country code"),
    "cc emails": N_("E-mail addresses in copy"),
    "bcc emails": N_("E-mail addresses in blind copy"),
    "zip": N_("ZIP code"),
    "utm": N_("UTM tag"),
    "clear talk notes": N_("Notes"),
    "contact source": N_("Source"),
}
# The names that need no other one, for the catalogue.
_PLAIN = (
    N_("Address"), N_("Address 1"), N_("Address 2"), N_("Billing"), N_("City"), N_("Company ID"), N_("Country"),
    N_("Custom attributes"), N_("Custom field"), N_("Date of birth"), N_("Description"), N_("District"),
    N_("Event name"), N_("First name"), N_("Full name"), N_("ID"), N_("IP address"), N_("Joined time"), N_("Last name"),
    N_("List name"), N_("Occupation"), N_("Phone number"), N_("Postal code"), N_("Preferred channel"), N_("Province"),
    N_("Referrer URL"), N_("State"), N_("Status"), N_("Tag"), N_("Tax ID"), N_("Time zone"), N_("Type"),
)  # fmt: skip


def field_label(words: Words, path: str) -> str:
    """Return the name of a field in the reader's language; words that the catalogue lacks stay as they are."""
    return ": ".join(words.say(_name(part)) for part in path.split("."))


def _name(part: str) -> str:
    plain = [word.lower() for word in _WORDS.findall(part)]
    text = " ".join(_CAPITALS.get(word, word) for word in plain) or part
    return _NAMES.get(" ".join(plain), text[0].upper() + text[1:])
