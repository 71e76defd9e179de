"""The rule by which rows are matched with the contacts that a vendor has, from the settings and the contract."""

from __future__ import annotations

from dataclasses import dataclass

from importer.errors import SettingsError
from importer.settings import Settings
from schemas.contract import Lookup, Operation, Vendor
from schemas.kind import Kind

_UPDATING = ("update-existing", "update-only")


@dataclass(frozen=True, slots=True)
class MatchRule:
    """The way in which rows are matched: the look-up, and groups of fields, of which the first that is filled counts.

    ``update`` is the operation that updates a contact; None where existing ones are left alone.
    """

    mode: str
    lookup: Lookup
    groups: tuple[tuple[str, ...], ...]
    update: Operation | None
    fill_empty: bool = False


def find_match_rule(vendor: Vendor, operation: Operation, settings: Settings) -> MatchRule | None:
    """Return the rule that the settings ask for; None with ``--match create``. Raises SettingsError."""
    if settings.match == "create":
        for given, option in ((settings.match_by, "--match-by"), (settings.fill_empty, "--fill-empty")):
            if given and not settings.against_vendor:
                raise SettingsError(
                    f"{option} says how existing contacts are treated. Add --match, such as update-existing"
                )
        return None
    if settings.update_changed or settings.send_changed:
        option = "--update-changed" if settings.update_changed else "--send-changed"
        raise SettingsError(f"--match and {option} cannot be combined; --match asks the vendor itself")
    if operation.repeatable:
        raise SettingsError(f"--match: {operation.name} updates contacts by their ids; leave it out")
    lookup = find_lookup(vendor, operation, "--match", ask_anyway=settings.ask_anyway)
    update = _find_update(vendor, settings) if settings.match in _UPDATING else None
    if settings.fill_empty and update is None:
        raise SettingsError(f"--fill-empty updates contacts, and --match {settings.match} does not")
    return MatchRule(settings.match, lookup, _groups(operation, lookup, settings), update, settings.fill_empty)


def find_preview_rule(vendor: Vendor, operation: Operation, settings: Settings) -> MatchRule:
    """Return the rule by which rows are only compared with the vendor's contacts. Raises SettingsError."""
    if operation.repeatable:
        raise SettingsError(f"--against-vendor compares new contacts; {operation.name} updates contacts by their ids")
    lookup = find_lookup(vendor, operation, "--against-vendor", ask_anyway=settings.ask_anyway)
    update = vendor.update_operation
    if update is not None and update.opt_in and not settings.ask_anyway:
        update = None
    return MatchRule("create", lookup, _groups(operation, lookup, settings), update, settings.fill_empty)


def find_lookup(vendor: Vendor, operation: Operation, option: str, *, ask_anyway: bool) -> Lookup:
    """Return the look-up of an operation's contacts. Raises SettingsError where there is none, or none documented."""
    lookup = operation.lookup
    if lookup is None:
        raise SettingsError(
            f"{option}: {vendor.title} documents no way to look contacts up, so its contacts cannot be compared. "
            "What this program has sent is known without it, and is never sent twice"
        )
    if lookup.opt_in and not ask_anyway:
        raise SettingsError(f"{option}: {vendor.title} does not document its look-up; --ask-anyway tries it")
    return lookup


def _find_update(vendor: Vendor, settings: Settings) -> Operation:
    update = vendor.update_operation
    if update is None:
        raise SettingsError(
            f"--match {settings.match}: {vendor.title} documents no way to update a contact; "
            "--match skip-existing creates the others"
        )
    if update.opt_in and not settings.ask_anyway:
        raise SettingsError(
            f"--match {settings.match}: {vendor.title} does not document its update; --ask-anyway tries it"
        )
    return update


def _groups(operation: Operation, lookup: Lookup, settings: Settings) -> tuple[tuple[str, ...], ...]:
    """Return the groups of fields to match by. Raises SettingsError when the look-up does not take the field."""
    taken = list(dict.fromkeys(path for _, paths in lookup.query for path in paths))
    usable = tuple(group for group in operation.identity if any(path in taken for path in group))
    if settings.match_by is None:
        if usable:
            return usable
        return tuple((path,) for path in taken)
    kind = {"email": Kind.EMAIL, "phone": Kind.PHONE}.get(settings.match_by)
    named = next(
        (
            field.path
            for field in operation.body_fields
            if settings.match_by in (field.path, field.path.rpartition(".")[2])
        ),
        None,
    ) or next(
        (field.path for field in operation.body_fields if kind and field.kind is kind and field.path in taken), None
    )
    if named not in taken:
        raise SettingsError(
            f"--match-by {settings.match_by}: contacts can be looked up by {', '.join(taken)}, and by nothing else"
        )
    return tuple(group for group in usable if named in group)[:1] or ((named,),)
