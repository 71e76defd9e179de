"""The roles of a contact's several phones and addresses: ``Mobile``, ``Business Phone``, ``Home E-mail``.

Columns of different roles fill in for each other, the first role below first.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache

from importer.mapping.header_names import HeaderName, parse_header


class ColumnRole(IntEnum):
    """The role of a phone or an address; the smallest is tried first."""

    PLAIN = 0  # "Phone": no word says which one
    MOBILE = 1
    MESSAGES = 2  # WhatsApp
    MAIN = 3
    WORK = 4
    HOME = 5
    OTHER = 6


# English, French, Spanish, German, Portuguese, Italian, Dutch: the languages of the contracts' other names.
_ROLE_WORDS = {
    ColumnRole.MOBILE: """
        mobile mobil mobiltelefon mobilnummer handy handynummer cell cellphone cellular celular cellulare portable gsm
        movil telemovel mobiel sms""",
    ColumnRole.MESSAGES: "whatsapp",
    ColumnRole.MAIN: "main primary principal principale haupt hauptnummer hoofd",
    ColumnRole.WORK: """
        work business office bureau professionnel professionnelle pro travail trabajo oficina laboral profesional
        geschaftlich dienstlich arbeit buro trabalho escritorio profissional lavoro ufficio professionale werk zakelijk
        kantoor""",
    ColumnRole.HOME: """
        home personal private privat privee prive personnel personnelle perso domicile maison fixe landline casa fijo
        particular domicilio personale pessoal residencial fixo thuis persoonlijk vast""",
    ColumnRole.OTHER: """
        other secondary alternate alternative additional second autre secondaire otro otra andere anderes sonstige
        weitere outro altro altra secundario secondario alternatief""",
}
ROLE_OF_WORD = {word: role for role, words in _ROLE_WORDS.items() for word in words.split()}


@cache
def find_role(header: str) -> ColumnRole:
    """Return the role that the header's words name; of several words the most special one counts."""
    roles = {ROLE_OF_WORD[word] for word in parse_header(header).all_words if word in ROLE_OF_WORD}
    return min(roles - {ColumnRole.MAIN}, default=min(roles, default=ColumnRole.PLAIN))


def without_role(name: HeaderName) -> str:
    """Return the core of a header without the words of roles: ``Business Phone`` → ``phone``; empty for ``Home``."""
    core = parse_header(" ".join(word for word in name.words if word not in ROLE_OF_WORD))
    return core.core if core.words else ""


def is_role_alone(header: str) -> bool:
    """Return whether a header is a role and nothing else: ``Home``, ``Business 2``."""
    words = [word for word in parse_header(header).all_words if not word.isdecimal()]
    return bool(words) and all(word in ROLE_OF_WORD for word in words)
