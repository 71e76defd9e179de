"""The labels of statuses, stages and problems in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from importer.config.api_keys import FoundKey
from importer.journal import RunState
from importer.model.problem import PROBLEM_KINDS, Params, hint_of, message_of, option_of
from importer.model.status import NextStep, Status
from importer.web.field_labels import field_label
from importer.web.i18n import N_, Words
from schemas.contract import ContractError
from schemas.registry import load_vendor
from schemas.vendor_texts import vendor_texts

FIRST_SERVER_ERROR = 500
STAGES = {
    "": N_("Starting"),
    "reading and checking": N_("Reading and checking the rows"),
    "sending": N_("Sending"),
    "updating changed contacts": N_("Updating changed contacts"),
    "writing the reports": N_("Writing the reports"),
}
STATES = {
    "running": N_("Running"),
    "stopped": N_("Stopped early"),
    "interrupted": N_("Interrupted"),
    "undone": N_("Undone"),
}
# What cleaning changed, by the kinds that ``cleaning`` and ``runs`` count.
CLEANED = {
    "text": N_("Spaces and invisible characters"),
    "name": N_("Names"),
    "name split": N_("Full names, divided"),
    "email": N_("E-mail addresses"),
    "phone": N_("Phone numbers"),
    "date": N_("Dates"),
    "date-time": N_("Dates and times"),
    "country": N_("Countries"),
    "choice": N_("Fixed choices"),
    "uri": N_("Web addresses"),
    "id": N_("IDs"),
    "zip": N_("Postal codes"),
    "code": N_("Codes"),
    "integer": N_("Numbers"),
    "number": N_("Numbers"),
    "boolean": N_("Yes or no"),
    "array": N_("Lists"),
    "blank": N_("Words that mean nothing"),
    "merged": N_("Values from another row of the same contact"),
    "cut off": N_("Values that were cut"),
}
OPERATIONS = {"create": N_("create contacts"), "update": N_("update contacts")}
# Where a key was found, by the source of ``FoundKey``.
PLACES = {
    "environment": N_("the environment variable %(name)s"),
    "file": N_("the file %(name)s"),
    "systemd credential": N_("the systemd credential %(name)s"),
    "keyring": N_("the entry %(name)s of the keyring"),
}
# What is known of an uncertain row, by the code of its last attempt. The message beside it has the details.
UNCERTAIN = {
    "no_answer": N_("sent, but no answer came"),
    "unreadable_success": N_("the vendor answered %(status)s (success), but its answer cannot be read"),
    "interrupted": N_("interrupted before the answer came; it may or may not have been applied"),
}
SERVER_ERROR = N_("the vendor failed with %(status)s; it may or may not have applied this")


@dataclass(frozen=True, slots=True)
class OutcomeBadge:
    """The outcome of a run in two or three words, and the tone of its badge."""

    text: str
    tone: Literal["good", "look", "bad", "going"]


def outcome(words: Words, state: str, counts: Mapping[str, int], *, is_waiting: bool = False) -> OutcomeBadge:
    """Return the outcome of a run: what is left to do, if anything is, or else that it is done."""
    if is_waiting:
        return OutcomeBadge(words.say(N_("Waiting for the API key")), "look")
    if state in STATES:
        return OutcomeBadge(words.say(STATES[state]), "going" if state == "running" else "look")
    if uncertain := counts.get(Status.UNCERTAIN, 0):
        return OutcomeBadge(words.count("%(n)s uncertain", "%(n)s uncertain", uncertain), "look")
    if wrong := rows_to_fix(counts):
        return OutcomeBadge(words.count("%(n)s row to fix", "%(n)s rows to fix", wrong), "look")
    if changed := counts.get(Status.CHANGED, 0):
        return OutcomeBadge(words.count("%(n)s changed", "%(n)s changed", changed), "look")
    return OutcomeBadge(words.say(N_("Done")), "good")


def rows_to_fix(counts: Mapping[str, int]) -> int:
    """Return how many rows must be corrected before they can be sent; changed contacts are not wrong."""
    wrong = [known for known in Status if known.info.next_step is NextStep.CORRECT and known is not Status.CHANGED]
    return sum(counts.get(known, 0) for known in (*wrong, Status.FAILED))


def result_sentence(words: Words, state: str, counts: Mapping[str, int], vendor: str, *, is_practice: bool) -> str:
    """Return what became of the rows of a run, in one sentence."""
    if state == RunState.UNDONE:
        return words.say(N_("This import was undone. Contacts that had changed since may still be there."))
    done = sum(counts.get(known, 0) for known in (Status.CREATED, Status.UPDATED, Status.ALREADY_DONE, Status.EXISTS))
    parts = []
    if done and is_practice:
        parts.append(
            words.count("%(n)s contact is in the practice copy", "%(n)s contacts are in the practice copy", done)
        )
    elif done:
        parts.append(
            words.count("%(n)s contact is in %(vendor)s", "%(n)s contacts are in %(vendor)s", done, vendor=vendor)
        )
    if deleted := counts.get(Status.DELETED, 0):
        parts.append(words.count("%(n)s contact is deleted", "%(n)s contacts are deleted", deleted))
    if uncertain := counts.get(Status.UNCERTAIN, 0):
        parts.append(words.count("%(n)s row is uncertain", "%(n)s rows are uncertain", uncertain))
    if wrong := rows_to_fix(counts):
        parts.append(words.count("%(n)s row needs fixing", "%(n)s rows need fixing", wrong))
    if changed := counts.get(Status.CHANGED, 0):
        parts.append(words.count("%(n)s contact has changed", "%(n)s contacts have changed", changed))
    if unsent := counts.get(Status.NOT_ATTEMPTED, 0):
        parts.append(words.count("%(n)s row is not sent yet", "%(n)s rows are not sent yet", unsent))
    return "; ".join(parts) + "." if parts else words.say(N_("No contact was sent."))


def cleaning(words: Words, kind: str) -> str:
    """Return what a kind of cleaning is about."""
    return words.say(CLEANED[kind]) if kind in CLEANED else kind


def vendor_title(name: str) -> str:
    """Return the name of a vendor as people write it; one whose document is not here keeps its name."""
    try:
        return load_vendor(name).title
    except ContractError:
        return name


def field(words: Words, path: str) -> str:
    """Return the name of a field as people say it."""
    return field_label(words, path)


def status(words: Words, name: str, number: int) -> str:
    """Return the label of a status for so many rows; a status of another version keeps its name."""
    known = _status(name)
    return words.count(known.info.label, known.info.label, number) if known else name


def meaning(words: Words, name: str, *, is_practice: bool = False) -> str:
    """Return what a status means; blank for a status of another version."""
    known = _status(name)
    if is_practice and known in (Status.CREATED, Status.UPDATED):
        return words.say(N_("the practice copy accepted them"))
    return words.say(known.info.meaning) if known else ""


def _status(name: str) -> Status | None:
    return next((known for known in Status if known == name), None)


def problem_title(words: Words, code: str) -> str:
    """Return the title of a kind of problem; a vendor's own code has none and stands for itself."""
    kind = PROBLEM_KINDS.get(code)
    return words.say(kind.title) if kind else code


def problem_message(words: Words, code: str, params: Params) -> str:
    """Return the message of a problem."""
    return message_of(code, params, words.say, for_web=True)


def problem_hint(words: Words, code: str, params: Params) -> str:
    """Return what to do about a problem; a hint of a vendor's document stays as it is where nobody translated it."""
    given = params.get("field_hint") or params.get("field_advice")
    translated = vendor_texts(words.language).get(given) if given else None
    if translated is None:
        return hint_of(code, params, words.say, for_web=True)
    return translated + option_of(params, words.say, for_web=True)


def vendor_text(words: Words, text: str) -> str:
    """Return a text of a vendor's document, translated if its translation stands beside the document."""
    return vendor_texts(words.language).get(text, text)


def uncertain_row(words: Words, entry: Mapping[str, Any]) -> str:
    """Return what is known of an uncertain row of summary.json; blank where its message is all there is."""
    if words.language == "en":
        return ""
    status = entry.get("http_status")
    text = UNCERTAIN.get(entry.get("code", ""), SERVER_ERROR if status and status >= FIRST_SERVER_ERROR else "")
    return words.say(text, status=status) if text else ""


def place(words: Words, found: FoundKey) -> str:
    """Return where a key was found."""
    return words.say(PLACES[found.source], name=found.name)
