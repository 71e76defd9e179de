"""The shared vocabulary: the roles that fields of any vendor play, with the names of their columns in seven languages.

English, French, Spanish, German, Portuguese, Italian and Dutch. A contract names a role (``x-importer: {role: email}``)
or a field gets its role by its own name, its format or its description. The aliases stand in the order of likelihood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from schemas.kind import Kind


@dataclass(frozen=True, slots=True)
class Role:
    """What a field is of a contact: the kind of its values, its names in documents, and the names of its column."""

    kind: Kind
    names: frozenset[str]
    aliases: tuple[str, ...]
    hint: str = ""


ROLES: dict[str, Role] = {
    "first_name": Role(
        Kind.NAME,
        frozenset((
            "first name", "firstname", "given name", "givenname", "fname", "first", "forename", "contact first name",
            "name first", "nombre",
        )),
        (
            "first name", "given name", "forename", "fname", "prénom", "nombre", "nombre de pila", "vorname",
            "primeiro nome", "nome próprio", "nome", "voornaam", "roepnaam",
        ),
    ),
    "last_name": Role(
        Kind.NAME,
        frozenset((
            "last name", "lastname", "family name", "familyname", "surname", "lname", "last", "name last", "apellido",
        )),
        (
            "last name", "family name", "surname", "lname", "nom", "nom de famille", "apellido", "apellidos",
            "nachname", "familienname", "sobrenome", "apelido", "último nome", "cognome", "achternaam", "familienaam",
        ),
    ),
    "full_name": Role(
        Kind.NAME,
        frozenset((
            "full name", "fullname", "name", "contact name", "display name", "displayname", "contactname",
            "customer name",
        )),
        (
            "full name", "name", "contact name", "display name", "nom complet", "nom et prénom", "prénom et nom",
            "nombre completo", "nombre y apellidos", "vollständiger name", "nome completo", "nome e cognome", "naam",
            "volledige naam",
        ),
    ),
    "email": Role(
        Kind.EMAIL,
        frozenset((
            "email", "email address", "mail", "e mail", "primary email", "primaryemail", "contact email",
            "emailaddress", "billing email", "email addr", "electronic address",
        )),
        (
            "email", "email address", "mail", "primary email", "email work", "work email", "business email",
            "email home", "home email", "personal email", "courriel", "adresse e-mail", "adresse mail",
            "adresse de messagerie", "adresse électronique", "correo electrónico", "correo",
            "dirección de correo electrónico", "e-mail-adresse", "mailadresse", "endereço de e-mail",
            "correio eletrónico", "indirizzo e-mail", "posta elettronica", "e-mailadres", "mailadres",
        ),
        hint="an address such as name@example.com",
    ),
    "phone": Role(
        Kind.PHONE,
        frozenset((
            "phone", "phone number", "phonenumber", "telephone", "tel", "mobile", "mobile phone", "primary phone",
            "primaryphone", "telephone number", "mobile number", "sms", "cell phone", "phone mobile", "msisdn",
            "cellphone",
        )),
        (
            "phone", "phone number", "telephone", "telephone number", "tel", "mobile", "mobile phone",
            "mobile number", "mobile phone number", "cell", "cell phone", "phone mobile", "primary phone",
            "phone work", "work phone", "business phone", "phone home", "home phone", "sms", "whatsapp",
            "landline number", "numéro de téléphone", "téléphone portable", "téléphone mobile", "tél", "tél mobile",
            "tél portable", "portable", "gsm", "teléfono", "número de teléfono", "teléfono móvil", "móvil", "celular",
            "telefon", "telefonnummer", "handy", "handynummer", "mobiltelefon", "telefon geschäftlich",
            "telefon privat", "mobilnummer", "telefone", "número de telefone", "telemóvel", "telefone celular",
            "numero di telefono", "cellulare", "telefono cellulare", "telefoon", "telefoonnummer", "mobiel",
            "mobiel nummer",
        ),
        hint="with country code, for example +15550100001",
    ),
    "birthday": Role(
        Kind.DATE,
        frozenset((
            "birthday", "birth date", "birthdate", "date of birth", "dateofbirth", "dob",
        )),
        (
            "date of birth", "birthday", "birth date", "dob", "date de naissance", "anniversaire",
            "fecha de nacimiento", "cumpleaños", "geburtsdatum", "geburtstag", "data de nascimento", "aniversário",
            "data di nascita", "compleanno", "geboortedatum", "verjaardag",
        ),
        hint="the date, for example 1990-02-28",
    ),
    "street": Role(
        Kind.TEXT,
        frozenset((
            "street", "address", "street address", "address line 1", "address line1", "address1", "addr1", "line1",
            "address 1", "street1", "street line 1", "postal address", "mailing address", "line 1", "line one",
            "street name", "street address 1", "address street",
        )),
        (
            "address", "street address", "street", "address street", "address line 1", "mailing street",
            "home street", "business street", "mailing address", "postal address", "adresse", "adresse postale",
            "rue", "dirección", "calle", "domicilio", "anschrift", "straße", "straße geschäftlich", "straße privat",
            "endereço", "morada", "rua", "indirizzo", "via", "adres", "straat",
        ),
    ),
    "city": Role(
        Kind.TEXT,
        frozenset((
            "city", "town", "locality", "address city",
        )),
        (
            "city", "town", "address city", "mailing city", "home city", "business city", "ville", "commune",
            "localité", "ciudad", "localidad", "población", "stadt", "ort geschäftlich", "ort privat", "ort",
            "wohnort", "cidade", "localidade", "città", "comune", "stad", "plaats", "woonplaats",
        ),
    ),
    "state": Role(
        Kind.TEXT,
        frozenset((
            "state", "province", "region", "administrative district level 1", "state code", "address state",
            "state or province",
        )),
        (
            "state", "region", "province", "county", "state/province", "state/region", "address region",
            "mailing state", "mailing state/province", "home state", "business state", "département", "provincia",
            "estado", "comunidad autónoma", "bundesland", "kanton", "distrito", "regione", "provincie",
        ),
    ),
    "zip": Role(
        Kind.ZIP,
        frozenset((
            "zip", "postal code", "postalcode", "zip code", "postcode", "zipcode", "zip postal code", "address zip",
            "address postal code",
        )),
        (
            "zip", "zip code", "postal code", "postcode", "zip/postal code", "address postal code", "mailing zip",
            "mailing zip/postal code", "home zip", "business zip", "mailing postal code", "home postal code",
            "business postal code", "code postal", "código postal", "plz", "postleitzahl",
            "postleitzahl geschäftlich", "postleitzahl privat", "cep", "codice postale", "cap",
        ),
    ),
    "country": Role(
        Kind.TEXT,
        frozenset((
            "country", "country code", "address country", "country name", "country iso", "country letter code",
        )),
        (
            "country", "country code", "country/region", "address country", "mailing country", "home country",
            "home country/region", "business country", "business country/region", "cc", "pays", "pays/région",
            "code pays", "país", "código de país", "land", "land/region", "land/region geschäftlich", "ländercode",
            "código do país", "paese", "nazione", "codice paese", "landcode",
        ),
    ),
    "company": Role(
        Kind.TEXT,
        frozenset((
            "company", "company name", "organization", "organisation", "organization name", "org name",
            "business name", "account name", "employer",
        )),
        (
            "company", "company name", "organization", "organisation", "organization name", "organization 1 name",
            "employer", "account name", "business name", "société", "entreprise", "nom de la société",
            "raison sociale", "empresa", "compañía", "razón social", "organización", "firma", "unternehmen",
            "firmenname", "gesellschaft", "companhia", "organização", "azienda", "società", "ragione sociale",
            "bedrijf", "bedrijfsnaam", "organisatie",
        ),
    ),
    "job_title": Role(
        Kind.TEXT,
        frozenset((
            "job title", "jobtitle", "title", "occupation", "position", "profession",
        )),
        (
            "occupation", "job title", "job", "organization title", "position", "title", "role", "profession",
            "métier", "fonction", "poste", "profesión", "ocupación", "cargo", "puesto", "beruf", "berufsbezeichnung",
            "profissão", "ocupação", "professione", "occupazione", "mansione", "beroep", "functie",
        ),
    ),
    "notes": Role(
        Kind.TEXT,
        frozenset((
            "notes", "note", "comment", "comments", "remarks", "description", "memo",
        )),
        (
            "notes", "note", "comments", "comment", "description", "remarks", "remarques", "remarque", "commentaires",
            "commentaire", "notas", "comentarios", "observaciones", "bemerkungen", "notizen", "kommentar",
            "observações", "commenti", "osservazioni", "opmerkingen", "notities",
        ),
    ),
    "source": Role(
        Kind.TEXT,
        frozenset((
            "source", "lead source", "contact source", "contactsource", "origin",
        )),
        (
            "contact source", "lead source", "source", "original source", "origin", "origine", "source du contact",
            "origen", "fuente", "procedencia", "quelle", "herkunft", "leadquelle", "origem", "fonte", "provenienza",
            "bron", "herkomst",
        ),
    ),
    "website": Role(
        Kind.URI,
        frozenset((
            "website", "url", "web site", "homepage", "web", "site", "domain",
        )),
        (
            "website", "web site", "url", "homepage", "web page", "site web", "site internet", "sitio web",
            "página web", "webseite", "internetseite", "site", "página", "sito web", "sito internet", "webpagina",
        ),
    ),
}  # fmt: skip
_ROLE_BY_FORMAT = {"email": "email", "phone": "phone", "idn-email": "email", "phone-number": "phone", "e164": "phone"}
# Around the name that counts: "contact_email", "customerPhone", "person.firstName".
_AROUND = frozenset(
    ["contact", "customer", "person", "profile", "subscriber", "lead", "user", "primary", "default", "value"]
)
# Names that say something of a contact only where what is around them is the contact.
_GENERIC = frozenset(
    [
        "name",
        "title",
        "position",
        "url",
        "domain",
        "site",
        "description",
        "note",
        "notes",
        "comment",
        "source",
        "origin",
    ]
)
# Which of several: "home_phone", "work_email", "p_street".
_WHICH = frozenset(["home", "work", "business", "personal", "main", "office", "mailing", "postal", "p"])
_VALUES_BY_HOLDER = frozenset(["email", "phone", "website"])
_OF_OTHER_TYPES = {"integer": ("phone", "zip"), "array": ("email", "phone")}
_VALUE_NAMES = frozenset(["value", "number", "address", "free form number", "url", "text"])
# What holds a state or a country of the contact's own.
_PLACES = frozenset(["address", "addresses", "addr", "location", "locations", "residence", "home", "mailing", "postal"])
_NEUTRAL = _AROUND | frozenset(
    ["people", "data", "attribute", "propertie", "property", "field", "detail", "info", "personal", "basic", "identity"]
)
_OTHERS = frozenset(
    [
        "billing",
        "shipping",
        "company",
        "parent",
        "emergency",
        "owner",
        "manager",
        "invoice",
        "delivery",
        "card",
        "payment",
        "bank",
        "spouse",
        "partner",
        "assistant",
        "referrer",
        "referral",
    ]
)


# The id of a thing that is the contact: contact_id, leadId, registrantKey.
OWN_ID = re.compile(r"(.+?)_?(?:[iI][dD]|[kK]ey|ID)")
THINGS = (
    "contact",
    "customer",
    "person",
    "people",
    "lead",
    "subscriber",
    "member",
    "profile",
    "recipient",
    "client",
    "registrant",
    "attendee",
    "party",
    "prospect",
    "user",
    "employee",
    "patient",
    "guest",
)


def is_own_id(name: str) -> bool:
    """Return True for a name such as ``subscriberId``, which tells one contact from another in the vendor's system."""
    found = OWN_ID.fullmatch(name)
    return found is not None and split_words(found[1]) in THINGS


def guess_role(parts: tuple[str, ...], format_: str | None, type_: str) -> str:
    """Return the role of a field by its name or its format; empty if it has none that is known.

    The members of a billing or shipping address play no role: a contact's own columns are not for them.
    """
    *above, last = [split_words(part) for part in parts if not part.startswith("[")]
    if type_ not in ("string", "integer", "array") or any(_OTHERS & set(step.split()) for step in above):
        return ""
    # emails[0].value and phones[0].number are named by what they are in; what stands beside them is about them.
    holder = role_of_name(_singular(above[-1])) if above else ""
    if holder in _VALUES_BY_HOLDER:
        is_value = last in _VALUE_NAMES or role_of_name(last) == holder
        return holder if is_value and (type_ == "string" or (type_, holder) == ("integer", "phone")) else ""
    found = role_of_name(last)
    of_contact = all(_is_neutral(step) for step in above)
    if not of_contact and (last in _GENERIC or found == "full_name"):
        return ""
    if found in ("state", "country") and not of_contact and not _PLACES & set(" ".join(above).split()):
        return ""
    if found or type_ != "string":
        return found if type_ == "string" or found in _OF_OTHER_TYPES[type_] else ""
    return _ROLE_BY_FORMAT.get(format_ or "", "")


def _is_neutral(name: str) -> bool:
    """Return True for what holds the contact itself, such as ``contacts`` or ``personal_info``."""
    return all(word in _NEUTRAL or word.removesuffix("s") in _NEUTRAL for word in name.split())


@cache
def role_of_name(name: str) -> str:
    """Return the role that a name in words has, also with ``contact`` or ``home`` around it; empty if it has none."""
    words = name.split()
    inner = [word for word in words if word not in _AROUND]
    for candidate in (words, inner, [word for word in inner if word not in _WHICH]):
        for role, known in ROLES.items():
            if " ".join(candidate) in known.names:
                return role
    return ""


def _singular(name: str) -> str:
    if name.endswith("addresses"):
        return name.removesuffix("es")
    return name if name.endswith("ss") else name.removesuffix("s")


@cache
def split_words(name: str) -> str:
    """Return a name of a document as words: ``givenName``, ``given_name`` and ``GIVEN-NAME`` are "given name"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.sub(r"[\W_]+", " ", spaced).strip().lower()
