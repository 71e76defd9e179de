"""Countries, to ISO 3166-1 alpha-2: from their names, alpha-3 codes and codes in small letters.

Names are those of ISO 3166-1 in English and seven translations, from the ``pycountry`` package, and the colloquial
ones below. Babel's CLDR data would not replace the list: of its 182 names 87 (``UK``, ``Holland``, ``Czech Republic``)
are not in CLDR, and Babel adds 33 MB to an installation.
"""

from __future__ import annotations

import gettext
from functools import cache

import polars as pl

from importer.cleaning.warnings import Remark
from importer.model.normalized_name import normalize_name

CALLING_CODE = r"^\s*\+?[0-9]{1,4}\s*$"
LANGUAGES = ("fr", "es", "de", "pt", "pt_BR", "it", "nl")
COLLOQUIAL_NAMES = {
    "GB": "UK, U.K., Great Britain, Britain, England, Scotland, Wales, Northern Ireland, Grande-Bretagne, Angleterre, "
    "Royaume-Uni, Gran Bretaña, Inglaterra, Großbritannien, Grossbritannien, England, Inghilterra, Gran Bretagna, "
    "Grã-Bretanha, Groot-Brittannië, Engeland, Écosse",
    "US": "USA, U.S., U.S.A., United States of America, America, États-Unis d'Amérique, Estados Unidos de América, "
    "EE.UU., EEUU, EUA, Vereinigte Staaten von Amerika, Amerika, Stati Uniti d'America, Verenigde Staten van Amerika, "
    "VS",
    "NL": "Holland, The Netherlands, Netherlands, Pays-Bas, Hollande, Países Bajos, Holanda, Niederlande, Paesi Bassi, "
    "Olanda, Nederland, Países Baixos",
    "CZ": "Czech Republic, République tchèque, Tchéquie, República Checa, Tschechische Republik, Repubblica Ceca, "
    "Tsjechische Republiek",
    "RU": "Russia, Russie, Rusia, Russland, Rússia, Rusland",
    "KR": "South Korea, Korea, Corée du Sud, Corea del Sur, Südkorea, Coreia do Sul, Corea del Sud, Zuid-Korea",
    "KP": "North Korea, Corée du Nord, Corea del Norte, Nordkorea, Coreia do Norte, Corea del Nord, Noord-Korea",
    "CI": "Ivory Coast, Côte d'Ivoire, Costa de Marfil, Elfenbeinküste, Costa do Marfim, Costa d'Avorio, Ivoorkust",
    "AE": "UAE, U.A.E., Emirates, Émirats arabes unis, EAU, Emirati Arabi Uniti",
    "VN": "Vietnam, Viêt Nam",
    "TR": "Turkey, Turquie, Turquía, Türkei, Turquia, Turchia, Turkije",
    "BO": "Bolivia, Bolivie, Bolivien, Bolívia",
    "VE": "Venezuela",
    "IR": "Iran",
    "SY": "Syria, Syrie, Siria, Syrien, Síria, Syrië",
    "TZ": "Tanzania, Tanzanie, Tansania, Tanzânia",
    "MD": "Moldova, Moldavie, Moldavia, Moldau, Moldávia, Moldavië",
    "LA": "Laos",
    "TW": "Taiwan, Taïwan, Taiwán",
    "CD": "DR Congo, DRC, RDC, Congo-Kinshasa, Democratic Republic of the Congo, République démocratique du Congo",
    "CG": "Congo-Brazzaville, Republic of the Congo, République du Congo",
    "PS": "Palestine, Palestina, Palästina",
    "BN": "Brunei",
    "MK": "Macedonia, Macédoine, Mazedonien, Macedónia",
    "SZ": "Swaziland",
    "CV": "Cape Verde, Cap-Vert, Cabo Verde, Kap Verde, Capo Verde, Kaapverdië",
    "MM": "Burma, Birmanie, Birmania, Birma, Birmânia",
    "VA": "Vatican, Vaticano, Vatikan, Vaticaanstad",
    "CH": "Suisse, Schweiz, Svizzera, Switzerland",
    "LU": "Luxemburg, Luxembourg",
    "MA": "Marokko, Maroc, Marruecos, Marrocos, Marocco",
    "BY": "Belarus, Biélorussie, Bielorrusia, Weißrussland, Bielorrússia, Bielorussia, Wit-Rusland",
    "HK": "Hong Kong, Hongkong",
    "MO": "Macau, Macao",
    "RE": "Réunion, La Réunion",
}

_NAMES_OF_TWO_LETTERS = {name for names in COLLOQUIAL_NAMES.values() for name in names.split(", ") if len(name) == 2}


def country_remarks(rows: pl.Series, values: pl.Series, path: str) -> list[Remark]:
    """Return a problem for each calling code, such as ``+1``: short enough for a code, and no country."""
    if not (values < ":").any():  # a comparison takes a tenth of the pattern's time, and few columns have digits
        return []
    found = values.str.contains(CALLING_CODE).fill_null(value=False)
    return [Remark(row, path, "calling_code_as_country", {}) for row in rows.filter(found)]


def clean_country(values: pl.Series) -> pl.Series:
    """Return ``FR`` for ``France``, ``FRA``, ``fr`` and ``Frankreich``; what names no country stays."""
    names = (value for value in values.drop_nulls().unique() if not _is_surely_code(value))
    codes = {name: code for name in names if (code := country_code(name)) and code != name}
    return values.replace(list(codes), list(codes.values())) if codes else values


def _is_surely_code(text: str) -> bool:
    """Return whether a text has the form of a code and is no name: ``US``, but not ``UK``. Reads no tables."""
    return len(text) == 2 and text.isascii() and text.isalpha() and text.isupper() and text not in _NAMES_OF_TWO_LETTERS


def country_code(text: str) -> str | None:
    """Return the two-letter code of a country, or None when the text names none."""
    if text.isascii() and text.upper() in _alpha_2_codes():
        return text.upper()
    return _codes_by_name().get(normalize_name(text))


@cache
def _alpha_2_codes() -> frozenset[str]:
    import pycountry  # its tables take time to load

    return frozenset(country.alpha_2 for country in pycountry.countries)


@cache
def _codes_by_name() -> dict[str, str]:
    import pycountry

    translations = [
        gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        for language in LANGUAGES
    ]
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        attributes = ("name", "common_name", "official_name")
        english = [name for attribute in attributes if (name := getattr(country, attribute, ""))]
        translated = [translation.gettext(name) for translation in translations for name in english]
        for name in (*english, *translated, country.alpha_3):
            codes.setdefault(normalize_name(name), country.alpha_2)
    codes.update({normalize_name(name): code for code, names in COLLOQUIAL_NAMES.items() for name in names.split(", ")})
    return codes
