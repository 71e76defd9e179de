"""The columns with each contact's country, by which phone numbers without a country code are read.

They need not be mapped to a field. ``Home Country`` counts, and so does ``Country of residence``; ``Country Manager``,
``Referrer Country`` and ``Country of birth`` do not: their other words are not listed.
"""

from __future__ import annotations

from collections.abc import Sequence

from importer.mapping.column_profile import ColumnProfile
from importer.mapping.header_match import is_report_column
from importer.mapping.header_names import NEUTRAL_WORDS, parse_header
from importer.mapping.model import FieldMapping
from importer.model.normalized_name import normalize_name
from schemas.contract import Operation
from schemas.kind import Kind

COUNTRY_NAMES = (
    "country", "country code", "country/region", "cc", "iso country", "country iso", "countrycode", "pays", "code pays",
    "país", "código de país", "land", "ländercode", "länderkürzel", "landcode", "paese", "nazione", "codice paese",
    "kraj", "ülke",
)  # fmt: skip
COUNTRY_WORDS = {
    normalize_name(name) for name in ("country", "countrycode", "pays", "país", "land", "paese", "nazione")
}
# Words beside one of these that leave it the contact's own country.
WORDS_AROUND = NEUTRAL_WORDS | {
    "home", "mailing", "mail", "business", "work", "office", "company", "organization", "organisation", "billing",
    "shipping", "delivery", "postal", "permanent", "current", "default", "legal", "other", "address", "region", "code",
    "name", "iso", "iso2", "iso3", "alpha", "of", "residence", "phone", "mobile", "telephone", "calling", "dial",
    "dialing", "dialling", "prefix", "location", "user", "person", "contact", "account", "de", "di", "du", "del", "der",
    "residencia", "residenza", "domicile", "facturation", "livraison", "adresse", "direccion", "indirizzo", "adres",
    "telephonique", "codigo", "codice", "numero", "professionnel", "personnel", "domicilio",
}  # fmt: skip


def find_country_columns(
    columns: Sequence[str], operation: Operation, field_mappings: Sequence[FieldMapping], profile: ColumnProfile
) -> tuple[int, ...]:
    """Return the columns in the order in which they are asked: a row's first one that is filled in counts."""
    mapped = [index for known in field_mappings if known.field.kind is Kind.COUNTRY for index in known.columns]
    taken = {index for known in field_mappings if known.field.kind in _OTHER_KINDS for index in known.columns}
    names = {
        normalize_name(name)
        for name in (
            *COUNTRY_NAMES,
            *(
                name
                for field in operation.fields
                if field.kind is Kind.COUNTRY
                for name in (field.parts[-1], *field.aliases)
            ),
        )
    }
    ranked = sorted(
        (rank, index)
        for index, header in enumerate(columns)
        if index not in taken
        and not is_report_column(header)
        and (rank := _rank(header, names)) is not None
        and profile.detect_kind(index) is None
    )
    return tuple(dict.fromkeys([*(index for rank, index in ranked if not rank), *mapped, *(i for _, i in ranked)]))


_OTHER_KINDS = {Kind.EMAIL, Kind.PHONE, Kind.DATE, Kind.DATE_TIME, Kind.NAME, Kind.URI, Kind.ZIP}


def _rank(header: str, names: set[str]) -> int | None:
    """Return 0 for the country of the phone number itself, 1 for a country's own name, 2 with words around it."""
    name = parse_header(header)
    words = {word for word in name.words if not word.isdecimal()}
    is_own = name.key in names or name.core in names
    if not is_own and not (words & COUNTRY_WORDS and words <= COUNTRY_WORDS | WORDS_AROUND):
        return None
    if words & {"phone", "mobile", "telephone", "telephonique"}:
        return 0
    return 1 if is_own else 2
