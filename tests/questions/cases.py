"""A file for every kind of question, and what asking and answering it needs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

from importer import Settings, check_file
from importer.model.summary import Summary

SAVED = 'firstName = "Who"\nemail = "Email"\n'


TEXT = {"type": "string"}
HOME = {"type": "object", "required": ["city"], "properties": {"city": TEXT, "zip": TEXT}}
BODY = {"type": "object", "properties": {"email": {"type": "string", "format": "email"}, "home": HOME}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Made Up", "version": "1"},
    "servers": [{"url": "https://api.example.com"}],
    "paths": {
        "/contacts": {
            "post": {
                "x-importer": {"id": "/id"},
                "requestBody": {"content": {"application/json": {"schema": BODY}}},
                "responses": {"200": {"description": "done"}},
            }
        }
    },
}


@dataclass(frozen=True)
class Case:
    """A file with one question. ``stops`` is False for one whose rows are held, or sent as they are."""

    kind: str
    text: str
    prompt: str
    typed: list[str]
    answers: dict[str, str]  # as --answer takes them
    body: dict[str, Any]  # what the first row sent has then
    vendor: str = "iclosed"
    stops: bool = True
    encoding: str = "utf-8"
    lines: tuple[str, ...] = ()  # of a mapping file, where --answer has no words for it
    before: dict[str, str] = field(default_factory=dict)  # answers to the questions that come first
    file: str = "leads.csv"


CASES = [
    Case(
        "full_name",
        "Name,Email\nAna Lee,ana@example.com\nBo Diaz,bo@example.com\n",
        "seems to hold names",
        [""],
        {"full_name:Name": "split"},
        {"firstName": "Ana", "lastName": "Lee"},
    ),
    Case(
        "time_zone",
        "Email,Create Date\nana@example.com,2026-07-01 10:00\nbo@example.com,2026-07-02 10:00\n",
        "have no time zone",
        ["Europe/Paris"],
        {"time_zone:joinedTime": "Europe/Paris"},
        {"joinedTime": "2026-07-01T08:00:00.000Z"},
    ),
    Case(
        "phone_country",
        "Name,Phone\nAna Lee,01 99 00 12 34\nBo Diaz,01 99 00 12 35\n",
        "have no country code",
        ["FR"],
        {"phone_country:primaryPhone": "fr"},
        {"primaryPhone": "+33199001234"},
        vendor="gomobile",
    ),
    Case(
        "date_order",
        "listName,tag,firstName,lastName,email,phone,Birthday,contactSource,notes\n"
        "l,t,Ana,Lee,ana@example.com,+12025550101,03/04/1990,s,n\n",
        "can be read in several ways",
        ["2"],
        {"date_order:dateOfBirth": "mdy"},
        {"dateOfBirth": "1990-03-04"},
        vendor="cleartalk",
    ),
    Case(
        "required_field",
        "Email,First Name,Last Name,Type\nana@example.com,Ana,Lee,customer\n",
        "Which one has it?",
        ["=64b8f1a2e4b0c8d9f0123456"],
        {"required_field:company_id": "=64b8f1a2e4b0c8d9f0123456"},
        {"company_id": "64b8f1a2e4b0c8d9f0123456"},
        vendor="clemta",
    ),
    Case(
        "several_columns",
        "Email,Phone,Phone\nana@example.com,+12025550101,+12025550199\n",
        "hold different values",
        ["2"],
        {"several_columns:phoneNumber": "Phone [C]"},
        {"phoneNumber": "+12025550199"},
    ),
    Case(
        "column_by_values",
        "First Name,Username\n" + "".join(f"Ana,ana{number}@example.com\n" for number in range(12)),
        "the values of a column fit",
        [""],
        {"column_by_values:email": "Username"},
        {"email": "ana0@example.com"},
    ),
    Case(
        "choice_values",
        "Email,Status\nana@example.com,Qualifeid\nbo@example.com,Hot lead\ncy@example.com,QUALIFIED\n",
        "What does each mean?",
        ["", "potential"],
        {},
        {"status": "QUALIFIED"},
        stops=False,
        lines=('status = { column = "Status", values = { Qualifeid = "QUALIFIED", "Hot lead" = "POTENTIAL" } }',),
    ),
    Case(
        "too_long",
        "Email,First Name\nana@example.com," + "A" * 300 + "\nbo@example.com," + "B" * 300 + "\n",
        "values of the column 'First Name' have more than",
        ["cut"],
        {"too_long:firstName": "cut"},
        {},
        stops=False,
    ),
    Case(
        "repeated_contacts",
        "Email,First Name\n"
        + "".join(f"ana@example.com,Ana{name}\n" for name in "abcdefghi")
        + "ana@example.com,Anne\n",
        "rows have the same value",
        ["last"],
        {"repeated_contacts:email": "last"},
        {"firstName": "Anne"},
        stops=False,
    ),
    Case(
        "blank_words",
        "Email,First Name\nana@example.com,unknown\nbo@example.com,Unknown\n",
        "may stand for nothing",
        [""],
        {"blank_words:firstName": "blank"},
        {"email": "ana@example.com"},
        stops=False,
    ),
    Case(
        "middle_names",
        "Name,Email\nMaria Garcia Lopez,maria@example.com\nBo Diaz,bo@example.com\n",
        "have a word in the middle",
        ["last"],
        {"middle_names:Name": "last"},
        {"firstName": "Maria", "lastName": "Garcia Lopez"},
        stops=False,
        before={"full_name:Name": "split"},
    ),
    Case(
        "encoded_text",
        "Email,First Name,Last Name\nana@example.com,Ana,Johnson %26 Sons\nbo@example.com,=C9ric,Lee\n",
        "may have been encoded",
        [""],
        {"encoded_text": "decode"},
        {"lastName": "Johnson & Sons"},
        stops=False,
    ),
    Case(
        "no_record",
        "First Name,Last Name,Email,Phone\n"
        + "".join(f"Ana,Lee,ana{number}@example.com,+1202555{number:04}\n" for number in range(8))
        + "Grand total of the leads,,,\n",
        "look like a heading, a total",
        ["skip"],
        {"no_record": "skip"},
        {"email": "ana0@example.com"},
        stops=False,
    ),
    Case(
        "object_part",
        "Email,Home Zip\nana@example.com,02134\n",
        "cannot be sent without",
        [""],
        {"object_part:home.city": "ignore"},
        {"email": "ana@example.com"},
        vendor="made-up.yaml",
    ),
    Case(
        "encoding",
        "Email,First Name\nana@example.com,Ana \xd8\nbo@example.com,Bo\n",
        "do not tell its encoding",
        ["cp1252"],
        {"encoding": "cp1252"},
        {"firstName": "Ana \xd8"},
        encoding="cp1252",
    ),
    Case(
        "sheet",
        "Email,First Name\nana@example.com,Ana\nbo@example.com,Bo\n",
        "Which one has the contacts?",
        ["Leads"],
        {"sheet": "Leads"},
        {"email": "ana@example.com"},
        stops=False,
        file="leads.xlsx",
    ),
    Case(
        "saved_mapping",
        "Who,Email\nAna,ana@example.com\nBo,bo@example.com\n",
        "was saved for a file with these columns",
        [""],
        {"saved_mapping": "yes"},
        {"firstName": "Ana"},
        stops=False,
    ),
]


def write(folder: Path, case: Case, text: str = "") -> Path:
    """Write the file of a case, with another text if there is one, and what lies beside it."""
    path, text = folder / case.file, text or case.text
    if case.vendor.endswith(".yaml"):
        (folder / case.vendor).write_text(json.dumps(DOCUMENT), encoding="utf-8")
    if case.kind == "saved_mapping":
        (folder / "made.toml").write_text(SAVED, encoding="utf-8")
        made = Settings(
            "iclosed", output=folder / "made", mapping=folder / "made.toml", save_mapping=folder / "saved.toml"
        )
        (folder / "made.csv").write_text(text, encoding="utf-8")
        check_file(folder / "made.csv", made)
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        book.remove(book["Sheet"])
        for name, lines in (("Old", "Email,First Name\nold@example.com,Old\n"), ("Leads", text)):
            sheet = book.create_sheet(name)
            for line in lines.splitlines():
                sheet.append(line.split(","))
        book.save(path)
    else:
        path.write_text(text, encoding=case.encoding)
    return path


def check(file: Path, case: Case, *, output: str = "out", **chosen: Any) -> Summary:
    """Check a file with the answers that come before the question of its case."""
    answers = (*case.before.items(), *chosen.pop("answers", ()))
    vendor = str(file.parent / case.vendor) if case.vendor.endswith(".yaml") else case.vendor
    return check_file(file, Settings(vendor, output=file.parent / output, answers=answers, **chosen))


def words(case: Case, *more: str) -> list[str]:
    """Return the command line that checks the file of a case."""
    before = [word for key, answer in case.before.items() for word in ("--answer", f"{key}={answer}")]
    return ["check", case.file, "--vendor", case.vendor, "--output", "out", *before, *more]


def has_body(summary: Summary, case: Case) -> bool:
    """Return whether the first request has what the answer makes of its row."""
    body = json.loads(summary.bodies[0][2])
    return case.body.items() <= {**body, **body.get("customer", {})}.items()
