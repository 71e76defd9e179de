"""vCards (RFC 6350, RFC 2426 and vCard 2.1) → contacts with the columns that a spreadsheet would have.

Phone books and iCloud export nothing else. Each contact becomes one row; pictures and sounds are not read.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

NAME = ("Last Name", "First Name", "Middle Name", "Name Prefix", "Name Suffix")
ADDRESS = ("PO Box", "Address Line 2", "Street", "City", "State", "Zip", "Country")
SINGLE = {
    "FN": "Full Name",
    "NICKNAME": "Nickname",
    "TITLE": "Job Title",
    "BDAY": "Birthday",
    "NOTE": "Notes",
    "CATEGORIES": "Categories",
    "UID": "Contact ID",
}
NUMBERED = {"EMAIL": "E-mail", "TEL": "Phone", "URL": "Website"}
"""Properties that a card may have several times: their columns are numbered."""
SKIPPED = {"PHOTO", "LOGO", "SOUND", "KEY"}
_PROPERTY = re.compile(
    r"^(?:[A-Za-z0-9-]+\.)?(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<params>(?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(?P<value>.*)$",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\([\\,;:nN])")
_UNESCAPED_SEMICOLON = re.compile(r"(?<!\\);")


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a card: its name, the words of its parameters (upper case), and its raw value."""

    name: str
    words: frozenset[str]
    value: str


def parse_vcards(text: str) -> Iterator[dict[str, str]]:
    """Yield the contacts of a file, each by column name; a card that never ends is yielded with what it has."""
    card: list[Property] | None = None
    for line in _unfold(text):
        found = _PROPERTY.match(line)
        if not found:
            continue
        name, value = found["name"].upper(), found["value"]
        if name == "BEGIN" and value.strip().upper() == "VCARD":
            if card:
                yield _contact(card)
            card = []
        elif name == "END" and value.strip().upper() == "VCARD":
            if card is not None:
                yield _contact(card)
            card = None
        elif card is not None and name not in SKIPPED:
            card.append(_property(name, found["params"], value))
    if card:
        yield _contact(card)


def _unfold(text: str) -> Iterator[str]:
    """Join lines that continue: a leading blank continues the line above, ``=`` at the end of a quoted one, too."""
    whole = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if whole.endswith("=") and "QUOTED-PRINTABLE" in whole.partition(":")[0].upper():
            whole = whole[:-1] + line
        elif line[:1] in (" ", "\t"):
            whole += line[1:]
        else:
            if whole:
                yield whole
            whole = line
    if whole:
        yield whole


def _property(name: str, params: str, value: str) -> Property:
    words: set[str] = set()
    charset = "utf-8"
    for param in filter(None, params.split(";")):
        key, _, given = param.partition("=")
        if key.upper() == "CHARSET":
            charset = given.strip('"') or charset
        words.update(word.strip('" ').upper() for word in (given or key).split(","))
    if "QUOTED-PRINTABLE" in words:
        value = ";".join(_decode_quoted(part, charset) for part in _UNESCAPED_SEMICOLON.split(value))
    return Property(name, frozenset(words), value)


def _decode_quoted(part: str, charset: str) -> str:
    """Return a part of a quoted-printable value. A semicolon that was quoted belongs to the text."""
    content = quopri.decodestring(part.encode("latin-1", "replace")).replace(b";", b"\\;")
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _contact(card: list[Property]) -> dict[str, str]:
    contact: dict[str, str] = {}
    for entry in card:
        if entry.name == "N":
            _set_parts(contact, NAME, entry.value)
        elif entry.name == "ORG":
            _set_parts(contact, ("Company", "Department"), entry.value)
        elif entry.name in SINGLE and SINGLE[entry.name] not in contact:
            contact[SINGLE[entry.name]] = _unescape(entry.value)
    addresses = [entry for entry in card if entry.name == "ADR" and _unescape(entry.value).strip("; \n")]
    if addresses:
        _set_parts(contact, ADDRESS, min(addresses, key=_preference).value)
    for name, column in NUMBERED.items():
        entries = sorted((entry for entry in card if entry.name == name and entry.value.strip()), key=_preference)
        faxes = [entry for entry in entries if "FAX" in entry.words]
        for number, entry in enumerate((entry for entry in entries if entry not in faxes), start=1):
            contact[f"{column} {number}"] = _unescape(entry.value).removeprefix("tel:").removeprefix("mailto:")
        if faxes:
            contact["Fax"] = _unescape(faxes[0].value)
    return {column: text for column, text in contact.items() if text.strip()}


def _preference(entry: Property) -> int:
    """Preferred entries first, then mobile phones; otherwise as the card has them."""
    return 0 if entry.words & {"PREF", "1"} else 1 if entry.words & {"CELL", "MOBILE", "IPHONE"} else 2


def _set_parts(contact: dict[str, str], columns: tuple[str, ...], value: str) -> None:
    for column, part in zip(columns, _UNESCAPED_SEMICOLON.split(value), strict=False):
        if text := _unescape(part).strip():
            contact.setdefault(column, text)


def _unescape(value: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def columns_of(contacts: list[dict[str, str]]) -> list[str]:
    """Return the columns that any of the contacts has, in a spreadsheet's usual order."""
    present = {column for contact in contacts for column in contact}
    numbered = sorted(
        (column for column in present if column.rpartition(" ")[0] in NUMBERED.values()),
        key=lambda column: (list(NUMBERED.values()).index(column.rpartition(" ")[0]), int(column.rpartition(" ")[2])),
    )
    last, first, middle, *affixes = NAME
    box, second_line, street, *town = ADDRESS
    names = ("Full Name", first, middle, last, *affixes, "Nickname")
    work = ("Fax", "Company", "Department", "Job Title", "Birthday")
    order = [*names, *numbered, *work, street, second_line, box, *town, "Notes", "Categories", "Contact ID"]
    return [column for column in order if column in present]
