"""What the statuses, stages and kinds of problems are called on the page."""

from __future__ import annotations

from importer.model.status import Status
from importer.web.i18n import N_, Words, numbered

STATUSES: dict[str, str] = {
    Status.CREATED: numbered("created"),
    Status.UPDATED: numbered("updated"),
    Status.ALREADY_DONE: numbered("already done"),
    Status.DUPLICATE: numbered("duplicate"),
    Status.CHANGED: numbered("changed"),
    Status.INVALID: numbered("invalid"),
    Status.REJECTED: numbered("rejected"),
    Status.FAILED: numbered("failed"),
    Status.UNCERTAIN: numbered("uncertain"),
    Status.NOT_ATTEMPTED: numbered("not attempted"),
    Status.VALID: numbered("ready to send"),
}
MEANINGS = {
    Status.CREATED: N_("the vendor confirmed them"),
    Status.UPDATED: N_("the vendor confirmed them"),
    Status.ALREADY_DONE: N_("confirmed in an earlier run, not sent again"),
    Status.DUPLICATE: N_("the same as an earlier row, not sent"),
    Status.CHANGED: N_("sent before with other values, held back"),
    Status.INVALID: N_("break the vendor's rules, not sent"),
    Status.REJECTED: N_("the vendor refused them"),
    Status.FAILED: N_("could not be sent, certainly not applied"),
    Status.UNCERTAIN: N_("may or may not have been applied, never sent again by themselves"),
    Status.NOT_ATTEMPTED: N_("not sent, because the run stopped before them"),
    Status.VALID: N_("would be sent"),
}
STAGES = {
    "": N_("Starting"),
    "reading and checking": N_("Reading and checking the rows"),
    "sending": N_("Sending"),
    "updating changed contacts": N_("Updating changed contacts"),
    "writing the reports": N_("Writing the reports"),
}
STATES = {
    "running": N_("at work"),
    "finished": N_("finished"),
    "stopped": N_("stopped early"),
    "interrupted": N_("interrupted"),
}
OPERATIONS = {"create": N_("create contacts"), "update": N_("update contacts")}
PLACES = {
    "environment": N_("the environment variable %(name)s"),
    "file": N_("the file %(name)s"),
    "systemd credential": N_("the systemd credential %(name)s"),
    "keyring": N_("the entry %(name)s of the keyring"),
}
"""Where a key was found, by the word that ``keys`` has for it."""
CODES = {
    "required": N_("Required and blank"),
    "type": N_("Not the right type"),
    "min_length": N_("Too short"),
    "max_length": N_("Too long"),
    "enum": N_("Not one of the allowed values"),
    "pattern": N_("Not in the form the vendor takes"),
    "format": N_("Not in the right format"),
    "minimum": N_("Too small"),
    "maximum": N_("Too large"),
    "exclusive_minimum": N_("Too small"),
    "exclusive_maximum": N_("Too large"),
    "min_items": N_("Too few entries"),
    "max_items": N_("Too many entries"),
    "earliest": N_("Surprisingly early"),
    "future": N_("In the future"),
    "nothing_to_send": N_("Nothing to send"),
    "no_way_to_reach": N_("No e-mail address and no phone number"),
    "scientific_notation": N_("Scientific notation"),
    "decimal_number": N_("Turned into a decimal number"),
    "digits_lost": N_("Digits lost"),
    "number_as_date": N_("Turned into a date"),
    "cell_error": N_("Error of a formula"),
    "mojibake": N_("Wrong encoding"),
    "leading_zeros_lost": N_("Leading zero lost, perhaps"),
    "control_character": N_("Invisible character"),
    "lost_character": N_("Lost character"),
    "too_many_cells": N_("Too many cells in the row"),
    "too_few_cells": N_("Too few cells in the row"),
    "merged_cells": N_("Merged cells"),
    "formula_without_value": N_("Formula without a value"),
    "cut_cell": N_("Cut-off cell"),
    "email_typo": N_("A typing error, perhaps"),
    "several_numbers": N_("Several phone numbers"),
    "extension": N_("Phone number with an extension"),
    "shared_email": N_("The same e-mail address in several rows"),
    "shared_phone": N_("The same phone number in several rows"),
}


def status(words: Words, name: str, number: int) -> str:
    """What so many rows of a status are called."""
    text = STATUSES.get(name, name)
    return words.count(text, text, number)


def place(words: Words, where: str) -> str:
    """Where a key was found."""
    known = next((known for known in PLACES if where.startswith(f"{known} ")), None)
    return words.say(PLACES[known], name=where.removeprefix(f"{known} ")) if known else where
