"""The difference between a row and the vendor's contact, and the update that makes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from importer.model.delivery import Delivery, LookedUp
from importer.runs.match_rule import MatchRule
from schemas.contract import Field, Operation
from schemas.kind import Kind

EMPTY: tuple[Any, ...] = (None, "", [])


@dataclass(frozen=True, slots=True)
class ContactChange:
    """One field that an update changes: the vendor's value, and the row's.

    ``old`` is None where the vendor has no value, and where it does not show the field (``is_shown`` is False).
    """

    field: str
    old: Any
    new: Any
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class PlannedUpdate:
    """A row whose contact is to be updated: its id there, what changes, and everything that is sent."""

    row: int
    vendor_id: str
    changes: tuple[ContactChange, ...]
    values: Mapping[str, Any]


def plan_update(rule: MatchRule, operation: Operation, values: Mapping[str, Any], found: LookedUp) -> PlannedUpdate:
    """Return the update that gives a contact the values of a row.

    Besides what changes, it sends what the contact has, where leaving it out could erase it: the other members of an
    object of which one changes, and everything where the vendor takes a whole contact (PUT). What the vendor requires
    and does not show comes from the row.
    """
    update = rule.update or operation
    changes = tuple(_find_changes(rule, update, values, found))
    sent = {change.field: change.new for change in changes}
    touched = {field.parts[0] for path in sent if (field := update.field(path)) and len(field.parts) > 1}
    for path, shown in found.values.items():
        field = update.field(path)
        if field is None or path in sent or shown in EMPTY:
            continue
        if update.method == "PUT" or field.required or (len(field.parts) > 1 and field.parts[0] in touched):
            sent[path] = shown
    required = (field.path for field in update.body_fields if field.required and field.path not in sent)
    sent |= {path: values[path] for path in required if path in values}
    return PlannedUpdate(found.row, found.ids[0], changes, sent)


def unshown_fields(values: Mapping[str, Any], found: LookedUp) -> list[str]:
    """Return the fields of a row that the vendor does not show."""
    return [path for path in values if path not in found.values]


def build_update(operation: Operation, update: PlannedUpdate) -> Delivery:
    """Return the request of an update."""
    from importer.sending.payload import PayloadBuilder

    id_field = next(field for field in operation.fields if field.in_path)
    fields = [field for path in update.values if (field := operation.field(path)) is not None]
    values = [update.vendor_id, *(update.values[field.path] for field in fields)]
    return PayloadBuilder(operation, [id_field, *(_as_json(field) for field in fields)]).delivery(update.row, values)


def _find_changes(
    rule: MatchRule, update: Operation, values: Mapping[str, Any], found: LookedUp
) -> Iterator[ContactChange]:
    """Yield the fields of a row that differ from the vendor's. A blank cell changes nothing."""
    for path, new in values.items():
        field = update.field(path)
        if field is None or new in EMPTY:
            continue
        is_shown, old = path in found.values, found.values.get(path)
        is_empty = is_shown and old in EMPTY
        if rule.fill_empty and not is_empty:
            continue
        if is_empty or not is_shown or _differs(field, new, old):
            yield ContactChange(path, None if is_empty else old, new, is_shown)


def _differs(field: Field, new: Any, old: Any) -> bool:
    """Return True unless two values are the same for the vendor; in names and texts, case counts."""
    from importer.sending.lookup import has_same_value

    if field.kind in (Kind.NAME, Kind.TEXT) and isinstance(new, str) and isinstance(old, str):
        return new.strip() != old.strip()
    return not has_same_value(field, new, old)


def _as_json(field: Field) -> Field:
    """Return a field whose values are JSON values already, and not texts of cells."""
    return replace(field, type="string")
