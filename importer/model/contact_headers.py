"""Names of a contact's own columns in many languages, as files have them: they tell a header from a row of values."""

from __future__ import annotations

_CONTACT_HEADERS = (
    "e-mail", "email", "mail", "email address", "e-mail address", "phone", "phone number", "telephone", "mobile",
    "first name", "last name", "full name", "adresse e-mail", "courriel", "téléphone", "portable", "prénom",
    "nom de famille", "correo electrónico", "correo", "teléfono", "móvil", "apellidos", "telefon", "handy", "vorname",
    "nachname", "cognome", "telefono", "cellulare", "telefone", "sobrenome", "telefoon", "voornaam", "achternaam",
)  # fmt: skip
_FORMS = (str.lower, str.upper, str.title, str.capitalize)
CONTACT_HEADERS = sorted({form(name) for name in _CONTACT_HEADERS for form in _FORMS})
"""Names of a contact's columns, which are hardly ever a contact's values."""
