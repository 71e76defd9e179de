"""Number formats that show something else than the number: ``01234`` for 1234 in ``00000``, ``26:30`` in ``[h]:mm``.

What only makes a number easier to read stays out (signs between thousands): the form depends on the reader's country.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

_LARGEST = 1e15  # more digits are not kept
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<skipped>_.|\*.|\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|'
    r"Color ?\d+|\$-[0-9A-Fa-f]+)\])|(?P<digit>[0#?])|(?P<plain>[-+/():!^&'~{}<>= $])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class DigitFormat:
    """A format of digits and literal text. ``parts`` are texts from left to right, with True for a place for a digit.

    The place ``0`` shows a zero where the number has no digit.
    """

    parts: tuple[tuple[str, bool], ...]

    def show(self, value: float) -> str | None:
        """Return the text that a number is shown as; None if it is shown as it is."""
        return self.apply(str(int(value))) if 0 <= value < 1e15 and float(value).is_integer() else None

    def apply(self, number: str) -> str:
        """Return the text for a whole number, given as its digits."""
        places = sum(is_place for _, is_place in self.parts)
        digits = number.rjust(places)
        remaining = list(digits[: len(digits) - places]), list(digits[len(digits) - places :])
        shown, first = [], True
        for text, is_place in self.parts:
            if not is_place:
                shown.append(text)
                continue
            digit = remaining[1].pop(0)
            shown.append("".join(remaining[0]) if first else "")
            shown.append(digit if digit != " " else "0" if text == "0" else " " if text == "?" else "")
            first = False
        return "".join(shown)


def digit_format(code: str) -> DigitFormat | None:
    """Return the format if it adds zeros, digits or a plus sign to a whole number; None for every other format."""
    parts = list[tuple[str, bool]]()
    for found in _TOKEN.finditer(_first_section(code)):
        kind = found.lastgroup
        if kind == "other" or found[0] == "/":  # a slash that is not escaped divides a fraction
            return None
        if kind != "skipped":
            parts.append((found[found.lastgroup or 0], kind == "digit"))
    places = [text for text, is_place in parts if is_place]
    literal = "".join(text for text, is_place in parts if not is_place)
    within = "".join(text if not is_place else "0" for text, is_place in parts).strip("- ")
    adds = "0" in places[:-1] or "+" in literal or "-" in within or any(map(str.isdigit, literal))
    return DigitFormat(tuple(parts)) if places and adds else None


def _first_section(code: str) -> str:
    """Return the section for positive numbers, up to the first semicolon that is not quoted."""
    for found in _TOKEN.finditer(code):
        if found["other"] == ";":
            return code[: found.start()]
    return code


@dataclass(frozen=True, slots=True)
class ConditionalFormat:
    """A format with two sections, such as Excel's phone numbers: seven digits, or else ten."""

    limit: int
    short: DigitFormat
    long: DigitFormat

    def show(self, value: float) -> str | None:
        """Return the text that a number is shown as; None if it is shown as it is."""
        return (self.short if value <= self.limit else self.long).show(value)


@dataclass(frozen=True, slots=True)
class DurationFormat:
    """A format of hours beyond a day (``[h]:mm``), or of minutes and seconds (``mm:ss``)."""

    first: str
    has_seconds: bool

    def show(self, value: float) -> str | None:
        """Return the text that a part of a day is shown as; None if it is shown in another way."""
        seconds = round(value * 86_400)
        if value < 0 or (self.first == "m" and seconds >= 3600):
            return None
        if self.first == "h":
            text = f"{seconds // 3600}:{seconds // 60 % 60:02}"
            return f"{text}:{seconds % 60:02}" if self.has_seconds else text
        return f"{seconds // 60:02}:{seconds % 60:02}" if self.has_seconds else f"{seconds // 60}"


@dataclass(frozen=True, slots=True)
class FractionFormat:
    """A format of fractions (``# ?/?``), with the largest denominator that it shows."""

    largest: int

    def show(self, value: float) -> str | None:
        """Return the text that a number is shown as; None if it is shown as it is."""
        part = Fraction(abs(value) % 1).limit_denominator(self.largest)
        whole = int(abs(value)) + int(part)
        if value < 0 or part.denominator == 1:
            return None if value < 0 else str(whole)
        return f"{whole} {part}" if whole else str(part)


@dataclass(frozen=True, slots=True)
class YearlessDateFormat:
    """A format that shows day and month, or month and year: spreadsheet programs give it to ``3-5`` and ``10-11``."""

    def show(self, value: float) -> str | None:
        """Return None: the cell's text is the date, because a field of dates takes it."""
        del value
        return None


@dataclass(frozen=True, slots=True)
class PercentFormat:
    """A format of percentages, with its number of decimal places."""

    places: int

    def show(self, value: float) -> str | None:
        """Return the text that a number is shown as."""
        return f"{value * 100:.{self.places}f}%"


@dataclass(frozen=True, slots=True)
class LabeledFormat:
    """A format with a currency, a code or a unit beside the number: ``"INV-"0``, ``$#,##0.00``, ``0 "kg"``.

    ``places`` is the number of decimal places, None for those that the number has.
    """

    before: str
    after: str
    places: int | None

    def show(self, value: float) -> str | None:
        """Return the text that a number is shown as, without signs between thousands; None for what is no number."""
        if not abs(value) < _LARGEST:
            return None
        number = repr(abs(value)).removesuffix(".0") if self.places is None else _round(abs(value), self.places)
        sign = "-" if value < 0 and number.strip("0.") else ""
        return None if "e" in number else f"{sign}{self.before}{number}{self.after}".strip()


def _round(value: float, places: int) -> str:
    """Return a number as spreadsheets show it, which round the digits that they show, not the bits: 2.55 is 2.6."""
    return f"{Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}"


@dataclass(frozen=True, slots=True)
class HiddenFormat:
    """A format that shows nothing: ``;;;``."""

    def show(self, value: float) -> str | None:
        """Return None: nobody sees the number, so that nobody can have meant it to be sent."""
        del value
        return None


CellFormat = (
    PercentFormat
    | DigitFormat
    | ConditionalFormat
    | DurationFormat
    | FractionFormat
    | YearlessDateFormat
    | LabeledFormat
    | HiddenFormat
)

_LOCALE = re.compile(r"\[\$[^\]]*\]")
_PHONE = re.compile(r"\[<=?(?P<limit>[0-9]+)\](?P<short>[^;]+);(?P<long>[^;\[]+)")
_DURATION = re.compile(r"\[(?P<first>[hm])+\](?::mm)?(?P<seconds>:ss(?:\.0+)?)?|(?P<minutes>m)m:ss(?:\.0+)?")
_PERCENT = re.compile(r"#?[#,]*0(?:\.(?P<decimals>0+))? ?%")
_FRACTION = re.compile(r"#? ?\?+/(?P<places>\?+)")
_HIDDEN = re.compile(r"(?:\[[^\]]*\])*;[; ]*")
_CURRENCY = re.compile(r"\[\$([^\]-]*)(?:-[^\]]*)?\]")
_NUMBER = re.compile(r"General|[#?0](?:[#?0, ]*[#?0])?(?:\.(?P<decimals>[0#?]+))?", re.IGNORECASE)
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|(_.|\*.|\[[^\]]*\])|([-+/():!^&\'~{}<>= $€£¥₹])')
_SAYS_MORE = re.compile(r"[^\W\d_]|[$€£¥₹#@]")
_YEARLESS = re.compile(r"d{1,2}[-/. ]m{1,5}|m{1,5}[-/. ]d{1,2}|m{3,5}[-/. ]y{2,4}")


def cell_format(code: str) -> CellFormat | None:
    """Return the format if it shows something else than the number or the date; None for every other format."""
    plain = _LOCALE.sub("", code).replace("\\", "").lower().split(";")[0].strip()
    if found := _PHONE.fullmatch(code):
        short, long = digit_format(found["short"]), digit_format(found["long"])
        return ConditionalFormat(int(found["limit"]), short, long) if short and long else None
    if found := _DURATION.fullmatch(plain):
        return DurationFormat(found["first"] or "m", bool(found["seconds"] or found["minutes"]))
    if found := _PERCENT.fullmatch(plain):
        return PercentFormat(len(found["decimals"] or ""))
    if found := _FRACTION.fullmatch(plain):
        return FractionFormat(10 ** len(found["places"]) - 1)
    if _HIDDEN.fullmatch(code.strip()):
        return HiddenFormat()
    return YearlessDateFormat() if _YEARLESS.fullmatch(plain) else digit_format(code) or _labeled_format(code)


def _labeled_format(code: str) -> LabeledFormat | None:
    """Return the format if letters or a currency stand beside a plain number, up to the first section's end."""
    code, at = _CURRENCY.sub(lambda found: f'"{found[1]}"', code), 0
    texts, places = ["", ""], list[int | None]()
    while at < len(code) and code[at] != ";":
        if found := _LITERAL.match(code, at):
            texts[len(places)] += found[1] or found[2] or found[4] or ""
        elif not places and (found := _NUMBER.match(code, at)):
            is_general = found[0].lower() == "general"
            places.append(None if is_general else len(found["decimals"] or ""))
        else:
            return None
        at = found.end()
    before, after = texts
    return LabeledFormat(before, after, places[0]) if places and _SAYS_MORE.search(before + after) else None


BUILTIN_FORMATS = {
    "9": "0%", "10": "0.00%",
    "12": "# ?/?", "13": "# ??/??", "16": "d-mmm", "17": "mmm-yy", "45": "mm:ss", "46": "[h]:mm:ss", "47": "mm:ss.0",
}  # fmt: skip
"""Formats that files name by their number alone (ECMA-376, 18.8.30)."""
