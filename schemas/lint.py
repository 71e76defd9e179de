"""Lists what deserves a look in a vendor's contract: guesses, what is left out, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.contract import Operation, Vendor, join_path
from schemas.json_pointer import escape_step
from schemas.openapi_responses import has_place, success_answers
from schemas.overlay import is_overlay_file


@dataclass(frozen=True, slots=True)
class LintRemark:
    """A remark: its group, the place in the document, and what to do."""

    group: str
    place: str
    text: str


def list_remarks(vendor: Vendor) -> Iterator[LintRemark]:
    """Yield every remark on a vendor that can be used."""
    if vendor.base_url is None:
        form = f" ({vendor.published_url})" if vendor.published_url else ""
        yield LintRemark(
            "Address", "#/servers", f"has no address that can be used as it is{form}; --base-url is needed"
        )
    if vendor.security is None:
        yield LintRemark("Key", "#/security", "asks for no key")
    for operation in vendor.operations.values():
        yield from _list_remarks(vendor, operation)


def _list_remarks(vendor: Vendor, operation: Operation) -> Iterator[LintRemark]:
    place = f"#/paths/{escape_step(operation.path)}/{operation.method.lower()}"
    ours = f"{place}/x-importer"
    if not operation.identity:
        yield LintRemark(
            "Identity", f"{ours}/identity", "is missing: a contact that was sent with other values before is not found"
        )
    if is_overlay_file(vendor.file):
        keys = ", ".join(" + ".join(group) for group in operation.identity) or "none"
        yield LintRemark("Guesses to confirm", f"{ours}/id", f"the id is at {operation.answers.id or 'no place'}")
        yield LintRemark("Guesses to confirm", f"{ours}/identity", f"contacts are told apart by: {keys}")
    if operation.name == "create" and operation.method == "PATCH":
        yield LintRemark("Guesses to confirm", f"{ours}/operation", "is create, though PATCH changes what is there")
    if not operation.answers.id:
        yield LintRemark(
            "Answers", f"{ours}/id", "is false: results have no id, and a success is believed by its status"
        )
    answers = list(
        success_answers(vendor.document, vendor.document["paths"][operation.path][operation.method.lower()], place)
    )
    if not answers and operation.answers.id:
        yield LintRemark(
            "Answers", f"{place}/responses", "documents no success in JSON, so the id's place cannot be checked"
        )
    for pointer in operation.answers.success:
        if answers and not any(has_place(schema, pointer) for schema, _ in answers):
            yield LintRemark("Answers", f"{ours}/success", f"no documented answer has {pointer}")
    if not (operation.answers.error_text or operation.answers.error_code or operation.answers.error_fields):
        yield LintRemark("Answers", f"{ours}/errors", "is missing: the vendor's refusals are shown as they come")
    yield from _list_parts(operation)


def _list_parts(operation: Operation) -> Iterator[LintRemark]:
    for field in operation.fields:
        if field.is_guessed:
            yield LintRemark(
                "Guessed roles", field.place, f"{field.path} is taken for the {field.role.replace('_', ' ')}"
            )
    for constant in operation.constants:
        yield LintRemark("Sent without a column", constant.place, f"{join_path(constant.parts)} = {constant.value!r}")
    for left in operation.left_out:
        yield LintRemark("Left out", left.place, f"{left.path}: {left.reason}")
