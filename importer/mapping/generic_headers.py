"""Headers that could mean an address or a phone, such as ``Contact`` or ``Coordonnées``: their values decide."""

from __future__ import annotations

from importer.mapping.column_profile import ColumnProfile
from importer.mapping.header_names import parse_header
from importer.model.normalized_name import normalize_name
from schemas.kind import Kind

# English, French, Spanish, German, Portuguese, Italian, Dutch: the languages of the contracts' other names.
_NAMES = (
    "contact", "contacts", "contact info", "contact information", "contact details", "contact detail", "contact data",
    "contact point", "contact method", "coordonnées", "coordonnées de contact", "infos de contact",
    "informations de contact", "moyen de contact", "contacto", "contactos", "datos de contacto",
    "información de contacto", "medio de contacto", "kontakt", "kontakte", "kontaktdaten", "kontaktinfo",
    "kontaktinformationen", "kontaktangaben", "contato", "contatos", "dados de contato", "dados de contacto",
    "informações de contato", "contatto", "contatti", "dati di contatto", "recapito", "recapiti", "contactgegevens",
    "contactinfo", "contactinformatie",
)  # fmt: skip
GENERIC_HEADERS = frozenset(map(normalize_name, _NAMES))


def is_generic(header: str) -> bool:
    """Return whether a header says "how to reach this contact" and no more. A number does not count."""
    words = [word for word in parse_header(header).all_words if not word.isdecimal()]
    return "".join(words) in GENERIC_HEADERS


def find_likely_kind(column: int, profile: ColumnProfile) -> Kind | None:
    """Return the kind that the column's values could have, where its header says that it is one of them."""
    return next((kind for kind in (Kind.EMAIL, Kind.PHONE) if profile.looks_like(column, kind)), None)
