"""The labels of statuses, stages and problems in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from importer.config.api_keys import FoundKey
from importer.model.problem import PROBLEM_KINDS, Params, hint_of, message_of, option_of
from importer.model.status import Status
from importer.web.i18n import N_, Words
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
    "running": N_("at work"),
    "finished": N_("finished"),
    "stopped": N_("stopped early"),
    "interrupted": N_("interrupted"),
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


def status(words: Words, name: str, number: int) -> str:
    """Return the label of a status for so many rows; a status of another version keeps its name."""
    known = _status(name)
    return words.count(known.info.label, known.info.label, number) if known else name


def meaning(words: Words, name: str) -> str:
    """Return what a status means; blank for a status of another version."""
    known = _status(name)
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
