"""The choices of the import page about contacts that the vendor has already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from importer.web.i18n import N_
from schemas.contract import Operation, Vendor


@dataclass(frozen=True, slots=True)
class MatchChoice:
    """One choice: its name in the form, its text, and the settings that it stands for."""

    name: str
    text: str
    settings: dict[str, Any]


NO_MATCH = MatchChoice("create", N_("Send every contact, and do not look"), {})
_SKIP = MatchChoice("skip", N_("Leave them as they are"), {"match": "skip-existing"})
_UPDATES = (
    MatchChoice("fill", N_("Fill in only what is empty there"), {"match": "update-existing", "fill_empty": True}),
    MatchChoice("update", N_("Give them the values of the file"), {"match": "update-existing"}),
    MatchChoice("only", N_("Give them the values of the file, and create no contact"), {"match": "update-only"}),
)


def list_match_choices(vendor: Vendor, operation: Operation) -> tuple[MatchChoice, ...]:
    """Return the choices; none where the vendor documents no look-up."""
    if operation.repeatable or operation.lookup is None or operation.lookup.opt_in:
        return ()
    return (NO_MATCH, _SKIP, *(_UPDATES if vendor.can_update else ()))


def find_match_choice(name: str, vendor: Vendor, operation: Operation) -> MatchChoice:
    """Return the choice of that name; to look for nothing if it is not offered."""
    return next((choice for choice in list_match_choices(vendor, operation) if choice.name == name), NO_MATCH)
