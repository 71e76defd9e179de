"""Number formats that show more than the number: ``01234`` for 1234 in ``00000``, ``+1555…`` in ``"+"0``."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
        if kind == "other":
            return None
        if kind != "skipped":
            parts.append((found[found.lastgroup or 0], kind == "digit"))
    places = [text for text, is_place in parts if is_place]
    literal = "".join(text for text, is_place in parts if not is_place)
    adds = places.count("0") > 1 or "+" in literal or any(character.isdigit() for character in literal)
    return DigitFormat(tuple(parts)) if places and adds else None


def _first_section(code: str) -> str:
    """Return the section for positive numbers, up to the first semicolon that is not quoted."""
    for found in _TOKEN.finditer(code):
        if found["other"] == ";":
            return code[: found.start()]
    return code
