"""One phone number as people type it → E.164, or the reason why not.

The rules come from ITU-T E.164 (at most 15 digits, no zero after the plus) and from libphonenumber, which knows every
country's numbering plan: which countries drop their national zero abroad, and which numbers exist.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from enum import StrEnum

E164 = r"^\+[1-9][0-9]{6,14}$"
# E.164 in which no such zero needs a closer look; countries that keep their zero (Italy, Ivory Coast …) may have one.
ZERO_FREE_E164 = (
    r"^\+(?:[17][1-9][0-9]{5,13}"
    r"|(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])[1-9][0-9]{4,12}"
    r"|(?:2[1-689][0-9]|3[578][0-9]|42[0-9]|5[09][0-9]|6[7-9][0-9]|8[0578][0-9]|9[679][0-9])[1-9][0-9]{3,11}"
    r"|39[0-9]{5,13}|(?:22[59]|24[12]|378)[0-9]{4,12})$"
)
# Of these, the ones that need no look at their country's plan: they are not longer than it allows.
PLAIN_E164 = (
    r"^\+(?:[17][1-9][0-9]{9}|(?:3[134]|41|61)[1-9][0-9]{8}|32[1-9][0-9]{7,8}|44[1-9][0-9]{8,9}"
    r"|(?:2[07]|3[069]|4[035-9]|5[1-8]|6[02-6]|8[1246]|9[0-58])[1-9][0-9]{6,10}"
    r"|(?:2[1-689][0-9]|3[578][0-9]|42[0-9]|5[09][0-9]|6[7-9][0-9]|8[0578][0-9]|9[679][0-9])[1-9][0-9]{5,9})$"
)
FEWEST_DIGITS = 7
MOST_DIGITS = 15
ZEROS = (0x0660, 0x06F0, 0x0966, 0xFF10)
"""The zeros of Arabic-Indic, Persian, Devanagari and full-width digits; their other digits follow."""
# Full-width plus; typographic hyphens and blanks; marks for writing direction and other characters without width.
CHARACTERS = (
    {zero + digit: str(digit) for zero in ZEROS for digit in range(10)}
    | {0xFF0B: "+", 0xFF08: "(", 0xFF09: ")"}
    | dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0xFF0D), "-")
    | dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x3000), " ")
    | dict.fromkeys(
        (0x200B, 0x200C, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF), None
    )
)

_LABEL = re.compile(
    r"^(?:p|t|m|tel|tél|téléphone|telefon|telefono|teléfono|telefone|telephone|phone|ph|mobile|mob|móvil|movil|cell|"
    r"cellulare|celular|portable|handy|gsm|whatsapp|wa|home|work|office|fixe?|bureau)\s*[.:]+\s*(?=[+(\d])",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"""\s*[,;(\[]?\s*
    (?:(?:;\s*)?\bext(?:ensi[oó]n|ens[aã]o|n|en)?\b\.?|\bpost(?:e|es)?\b\.?|\bdurchwahl\b|\bdw\b\.?|\bint(?:erno|erne)?\b\.?|
       \bext\.?(?=\d)|\banexo\b|\bramal\b|\btoestel\b|\bapp?\b\.|(?<=[\d\s)])x(?:tn?)?\.?(?=\s*\d)|\#|,,+)
    \s*[.:=\#]?\s*(?P<digits>\d{1,7})\s*[)\]]?\s*\#?$""",
    re.IGNORECASE | re.VERBOSE,
)
_BETWEEN = re.compile(
    r"\s*(?::::|[;,|\n\r]|\s/\s|/|\s-\s(?=[+(\d]*\d)|\s&\s|\b(?:or|ou|oder|und|and|et|of|o|y|e)\b)\s*", re.IGNORECASE
)
_NUMBER = re.compile(r"^\+?[\d ().\-\t]+$")
_SLASHED = re.compile(r"^\+?[\d ().\-/]+$")
# 2025550151/52: the last digits of a second number.
_OTHER_ENDING = re.compile(r"^\d{1,4}$")
_NOTE = re.compile(
    r"^(?P<before>[^\d+(]{0,30}?)\s*(?P<number>\+?[(\d][\d ().\-]*\d\)?)\s*(?P<after>(?:\s|\().{0,60})?$"
)
_FAX = re.compile(r"\b(?:tele|télé)?(?:fax|copieu?r?)\b", re.IGNORECASE)
_WORDS = re.compile(r"^[\s(\[\-–:]*[^\W\d_][^\d]*$")
# 1555.12, 2024-01-15 and 03/04/1990 lose their meaning with their punctuation.
_NOT_A_PHONE = re.compile(
    r"^[0-9]+[.,][0-9]{1,3}$|^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$|^[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}$"
)


class PhoneProblem(StrEnum):
    """Why a text cannot be sent as a phone number, by the code of its problem."""

    NOT_A_PHONE = "not_a_phone"  # no number can be read in it
    COUNTRY_UNKNOWN = "phone_country_unknown"  # a national number, and nothing says of which country
    NOT_IN_PLAN = "phone_not_valid"  # not a number of that country's numbering plan


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """The reading of a cell: the number in E.164, and what else the cell has; or the problem."""

    number: str | None = None
    problem: PhoneProblem | None = None
    extension: str = ""
    has_others: bool = False
    note: str = ""
    digits: str = ""  # of a national number whose country is unknown
    calling_code: str = ""  # the one that the number contradicts


@functools.lru_cache(maxsize=1 << 16)
def parse_phone(text: str, region: str | None) -> PhoneNumber:
    """Read the first phone number of a cell; ``region`` is the two-letter code for numbers without a country code."""
    plain = text.translate(CHARACTERS).strip().lstrip("'’`").strip()
    plain = re.sub(r"^tel:", "", plain, flags=re.IGNORECASE)
    plain = _LABEL.sub("", plain)
    plain = re.sub(r"^(\+?[0-9]{5,})\.0$", r"\1", plain)
    plain = re.sub(r"^\((\+|00)\s*(\d{1,3})\)", r"\1\2 ", plain)
    if _NOT_A_PHONE.match(plain):
        return PhoneNumber(problem=PhoneProblem.NOT_A_PHONE)
    extension = _EXTENSION.search(plain)
    first, others = _split(plain[: extension.start()] if extension and extension.start() else plain)
    if first is None:
        first, others = _split(plain)
        extension = None
    if first is None:
        return PhoneNumber(problem=PhoneProblem.NOT_A_PHONE)
    core, note = _without_note(first)
    if core is None or _FAX.search(note):
        return PhoneNumber(problem=PhoneProblem.NOT_A_PHONE)
    number, problem = _e164(core, region)
    digits = re.sub(r"\D", "", core) if problem is PhoneProblem.COUNTRY_UNKNOWN else ""
    return PhoneNumber(number, problem, extension["digits"] if extension else "", others, note, digits)


def national_part(text: str, calling_code: str) -> PhoneNumber:
    """Read a number whose calling code stands in a field of its own: its digits without that code.

    It need not be of the country's numbering plan, because nothing is put in front of it here.
    """
    code = re.sub(r"\D", "", calling_code.translate(CHARACTERS)).lstrip("0")
    found = parse_phone(text, None)
    number = found.number
    if found.problem is PhoneProblem.COUNTRY_UNKNOWN:
        number = found.digits
    elif number and number.startswith(f"+{code}"):
        number = number[1 + len(code) :]
    elif number:
        return PhoneNumber(problem=PhoneProblem.NOT_IN_PLAN, calling_code=calling_code)
    if number is None or len(code) + len(number.lstrip("0")) > MOST_DIGITS:
        return PhoneNumber(problem=found.problem or PhoneProblem.NOT_A_PHONE)
    return PhoneNumber(number, None, found.extension, found.has_others, found.note)


def _split(text: str) -> tuple[str | None, bool]:
    """Return the first number of a text, and whether others follow; None where that is not plain."""
    pieces = [piece.strip() for piece in _BETWEEN.split(text) if piece.strip()]
    if not pieces:
        return None, False
    first, *rest = pieces
    if not rest:
        return first, False
    if _digits(first) < FEWEST_DIGITS:  # 030/123456: here the slash is punctuation
        return (text.replace("/", " "), False) if _SLASHED.match(text) else (None, False)
    if not all(
        _is_number(_LABEL.sub("", piece)) or _OTHER_ENDING.match(piece) or _WORDS.match(piece) for piece in rest
    ):
        return None, False
    numbers = [piece for piece in rest if not _WORDS.match(piece)]
    return first if numbers else f"{first} {' '.join(rest)}", bool(numbers)


def _is_number(text: str) -> bool:
    core, _ = _without_note(text)
    return core is not None and _digits(core) >= FEWEST_DIGITS


def _without_note(text: str) -> tuple[str | None, str]:
    """Return the number without words around it, such as ``(WhatsApp)``, and those words; None where none is plain."""
    if _NUMBER.match(text):
        return text, ""
    found = _NOTE.match(text)
    if not found or _digits(found["number"]) < FEWEST_DIGITS:
        return None, ""
    before, after = found["before"].strip(" :.-"), (found["after"] or "").strip()
    if any(char.isdecimal() for char in after) or any(part and not _WORDS.match(part) for part in (before, after)):
        return None, ""
    return found["number"], " ".join(part for part in (before, after.strip("()[] -–:")) if part)


def _digits(text: str) -> int:
    return sum(char.isdecimal() for char in text)


def _e164(core: str, region: str | None) -> tuple[str | None, PhoneProblem | None]:
    digits = re.sub(r"[^\d+]", "", re.sub(r"^((?:\+|00)(?:[124-9]|3[0-8])[^(]*)\(0\)", r"\1", core))
    if not digits.strip("+0") or digits.startswith(("+0", "000")):
        return None, PhoneProblem.NOT_A_PHONE
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not digits.startswith("+"):
        return _national(digits, region)
    if re.match(PLAIN_E164, digits):
        return digits, None
    return _international(digits)


def _international(digits: str) -> tuple[str | None, PhoneProblem | None]:
    """Return the number without its national zero; with one that is kept it must be of its country's plan."""
    import phonenumbers  # loaded only where a number needs it: its tables take time

    try:
        parsed = phonenumbers.parse(digits, None)
    except phonenumbers.NumberParseException:
        return None, PhoneProblem.NOT_A_PHONE
    if parsed.italian_leading_zero and not phonenumbers.is_valid_number(parsed):
        return None, PhoneProblem.NOT_IN_PLAN
    if phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.TOO_LONG:
        return None, PhoneProblem.NOT_IN_PLAN
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if not parsed.italian_leading_zero and re.match(E164, number) and not re.match(ZERO_FREE_E164, number):
        return None, PhoneProblem.NOT_IN_PLAN  # a second zero after the calling code
    return (number, None) if re.match(E164, number) else (None, PhoneProblem.NOT_A_PHONE)


def _national(digits: str, region: str | None) -> tuple[str | None, PhoneProblem | None]:
    if len(digits) > MOST_DIGITS + 4:  # two numbers in one cell, and which is the contact's is not ours to say
        return None, PhoneProblem.NOT_A_PHONE
    if region is None:
        return None, PhoneProblem.COUNTRY_UNKNOWN
    number = _parsed(digits, region.upper())
    return (number, None) if number else (None, PhoneProblem.NOT_IN_PLAN)


def _parsed(digits: str, region: str) -> str | None:
    """Return a national number in E.164 if it is valid in its country's numbering plan."""
    import phonenumbers  # loaded only where a number needs it: its tables take time

    try:
        parsed = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
