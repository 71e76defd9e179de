"""Headers that name somebody or something else: a manager's e-mail address, an emergency phone, a fax, a profile.

Such a column never maps to the contact's own field without a person's word, unless the field's own listed names have
the same word (iClosed's ``referrerUrl`` and ``Referrer URL``).
"""

from __future__ import annotations

from functools import cache

from importer.mapping.header_names import parse_header
from schemas.contract import Field

# English, French, Spanish, German, Portuguese, Italian, Dutch: the languages of the contracts' other names.
_WORDS = """
manager managers mgr gestionnaire responsable gerente gestor encargado vorgesetzter vorgesetzte vorgesetzten
responsabile leidinggevende supervisor superviseur supervisore boss chef jefe chefe capo baas
assistant assistante assistants asst asistente assistent assistentin assistenten assistente
secretary secretaire secretaria secretario sekretarin sekretariat segretaria segretario secretaresse
spouse husband wife partner partners conjoint conjointe epoux epouse mari conyuge esposo esposa marido pareja
ehepartner ehemann ehefrau ehegatte conjuge coniuge marito moglie echtgenoot echtgenote parceiro parceira
partenaire compagnon
parent parents guardian mother father mom mum dad tuteur tutrice mere pere madre padre mutter vater eltern
erziehungsberechtigter erziehungsberechtigte vormund mae pai genitore genitori ouder ouders moeder vader voogd
child children kid kids son daughter brother sister sibling enfant enfants fils fille hijo hija hijos kind kinder
sohn tochter filho filha filhos figlio figlia figli zoon dochter kin relative relatives
emergency urgence emergencia notfall notfallkontakt notfallnummer emergenza noodgeval noodcontact nood
referrer referer referral referrals referred referree reference references parrain parraine marraine recommande
recomendado referido referente empfohlen empfehlung empfehler werber indicado indicacao segnalato segnalatore
verwezen verwijzer aanbevolen sponsor sponsors inviter invited
owner owners proprietaire propietario propietaria besitzer inhaber eigentumer zustandiger proprietario
eigenaar rep reps representative salesperson salesrep sales salesman seller agent agents broker commercial vendeur
vendedor vertriebsmitarbeiter verkaufer vertreter betreuer venditore verkoper assigned assignee
by par door creator author creado creada erstellt autor auteur creatore
host hosts organizer organiser organisateur organizador gastgeber veranstalter organizzatore organisator
advisor adviser counselor counsellor consultant berater conseiller asesor consulente adviseur
colleague colleagues friend friends coach nanny ice pager responsavel
doctor physician teacher lawyer attorney accountant landlord tenant employer recruiter
fax faxnummer telefax facsimile telecopie telecopieur faxes
linkedin facebook twitter instagram tiktok youtube skype profile profil perfil profilo profiel
shipping livraison envio lieferung spedizione verzending
"""
OTHER_SUBJECT_WORDS = frozenset(_WORDS.split())


def names_other_subject(header: str, field: Field) -> bool:
    """Return whether the header names somebody or something else than the contact, by a word that the field lacks."""
    return bool(_find_words(header) - _words_of(field))


@cache
def _find_words(header: str) -> frozenset[str]:
    return OTHER_SUBJECT_WORDS.intersection(parse_header(header).all_words)


def _words_of(field: Field) -> frozenset[str]:
    return frozenset(word for name in (field.path, *field.aliases) for word in parse_header(name).all_words)
