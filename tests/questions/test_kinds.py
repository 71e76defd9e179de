"""Every kind of question: asked on a terminal, printed without one, answered by option, mapping file and errors.xlsx."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from importer import Settings, check_file
from importer.errors import SettingsError
from importer.model.summary import Summary
from importer.questions import QUESTION_KINDS, UnansweredQuestionsError

_SPEC = importlib.util.spec_from_file_location("terminal", Path(__file__).with_name("terminal.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
terminal = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(terminal)


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
    chosen: dict[str, Any] = field(default_factory=dict)
    encoding: str = "utf-8"
    lines: tuple[str, ...] = ()  # of a mapping file, where --answer has no words for it

    @property
    def key(self) -> str:
        return next(iter(self.answers))


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
]
IDS = [case.kind for case in CASES]


def write(folder: Path, case: Case) -> Path:
    path = folder / "leads.csv"
    path.write_text(case.text, encoding=case.encoding)
    return path


def check(file: Path, case: Case, **chosen: Any) -> Summary:
    return check_file(file, Settings(case.vendor, output=file.parent / "out", **(case.chosen | chosen)))


def words(case: Case, *more: str) -> list[str]:
    constants = [word for field, text in case.chosen.get("constants", ()) for word in ("--set", f"{field}={text}")]
    return ["check", "leads.csv", "--vendor", case.vendor, "--output", "out", *constants, *more]


def has_body(summary: Summary, case: Case) -> bool:
    body = json.loads(summary.bodies[0][2])
    return case.body.items() <= {**body, **body.get("customer", {})}.items()


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_each_is_asked_on_a_terminal_and_remembered_in_a_mapping_file(tmp_path: Path, case: Case) -> None:
    file = write(tmp_path, case)

    code, shown = terminal.type_answers(words(case, "--save-mapping", "leads.toml"), case.typed, tmp_path)

    assert case.prompt in " ".join(shown.replace("\r\n   ", " ").split())
    assert code == 0, shown
    told = json.loads((tmp_path / "out" / "summary.json").read_text())["questions"]
    assert [(entry["kind"], entry["by"]) for entry in told] == [(case.kind, "person")]
    again = check(file, case, mapping=tmp_path / "leads.toml")
    assert has_body(again, case)
    assert again.questions == ()
    assert again.exit_code == 0


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_each_is_printed_where_nobody_can_be_asked(tmp_path: Path, case: Case) -> None:
    file = write(tmp_path, case)

    if case.stops:
        with pytest.raises(UnansweredQuestionsError) as caught:
            check(file, case)
        assert [question.kind for question in caught.value.questions] == [case.kind]
        assert any(sign in str(caught.value) for sign in ("--", " = "))
    else:
        (question,) = check(file, case).questions
        assert (question.kind, question.answer, question.by) == (case.kind, None, "nobody")
        assert any(sign in question.text for sign in ("--", " = "))


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_each_is_answered_by_option_or_mapping_line(tmp_path: Path, case: Case) -> None:
    answers = tuple(case.answers.items())

    summary = check(write(tmp_path, case), case, answers=answers, lines=case.lines)

    assert has_body(summary, case)
    assert summary.exit_code == 0


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.kind != "repeated_contacts"], ids=lambda case: case.kind
)
def test_errors_xlsx_carries_the_answers_of_its_run(tmp_path: Path, case: Case) -> None:
    """A row that is wrong for another reason comes back corrected, and nothing is asked."""
    head, first, *rest = case.text.splitlines()
    named = {"cleartalk": ("phone",), "clemta": ("type",)}.get(case.vendor, ("email", "username", "phone"))
    at = next(index for index, name in enumerate(head.split(",")) if name.lower() in named)
    cells = first.split(",")
    good, cells[at] = cells[at], "wrong@" if "@" in cells[at] else "12"
    file = tmp_path / "leads.csv"
    file.write_text("\n".join([head, first, *rest, ",".join(cells)]) + "\n", encoding="utf-8")
    check(file, case, answers=tuple(case.answers.items()), lines=case.lines)
    book = openpyxl.load_workbook(tmp_path / "out" / "errors.xlsx")
    sheet = book["Rows to fix"]
    column = next(cell.column for cell in sheet[1] if cell.value == head.split(",")[at])
    sheet.cell(2, column).value = good
    book.save(tmp_path / "back.xlsx")

    summary = check_file(tmp_path / "back.xlsx", Settings(case.vendor, output=tmp_path / "out2", **case.chosen))

    assert (summary.exit_code, summary.questions) == (0, ())
    assert has_body(summary, case)


def test_an_answer_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    case = CASES[0]

    with pytest.raises(SettingsError, match=r"--answer full_name:Name=cut: answer split, firstName"):
        check(write(tmp_path, case), case, answers=(("full_name:Name", "cut"),))


def test_all_questions_are_printed_at_once_and_no_input_asks_nothing(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(
        "Name,Email,Create Date\nAna Lee,ana@example.com,2026-07-01 10:00\nBo Diaz,bo@example.com,2026-07-02 09:00\n"
    )

    code, shown = terminal.type_answers(
        ["check", "leads.csv", "--vendor", "iclosed", "--no-input", "--output", "out"], [], tmp_path
    )

    assert code == 2
    assert "2 questions must be answered" in shown
    assert "--timezone" in shown
    assert 'firstName = { column = "Name", part = "first" }' in shown
    assert "--answer time_zone:joinedTime=leave" in " ".join(shown.split())


def test_stop_ends_the_check_and_leaves_nothing_behind(tmp_path: Path) -> None:
    write(tmp_path, CASES[0])

    code, _ = terminal.type_answers(words(CASES[0]), ["stop"], tmp_path)

    assert code == 130
    assert [path.name for path in tmp_path.iterdir() if path.name != "state"] == ["leads.csv"]


def test_rows_are_left_out_where_the_answer_says_so(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.kind == "time_zone")

    summary = check(write(tmp_path, case), case, answers=(("time_zone:joinedTime", "leave"),))

    assert summary.counts["invalid"] == 2


def test_proposals_are_taken_and_reported(tmp_path: Path) -> None:
    case = CASES[0]

    summary = check(write(tmp_path, case), case, accept_proposals=True)

    assert has_body(summary, case)
    assert [(told.kind, told.answer, told.by) for told in summary.questions] == [("full_name", "split", "proposal")]


def test_a_saved_mapping_is_found_again_by_its_columns(tmp_path: Path) -> None:
    case = CASES[0]
    check(write(tmp_path, case), case, accept_proposals=True, save_mapping=tmp_path / "leads.toml")
    (tmp_path / "next.csv").write_text("Name,E-Mail\nCy Day,cy@example.com\n".replace("E-Mail", "Email"))

    ended = subprocess.run(
        [sys.executable, "-m", "importer", "check", "next.csv", "--vendor", "iclosed"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    code, shown = terminal.type_answers(["check", "next.csv", "--vendor", "iclosed", "--output", "o"], [""], tmp_path)

    assert ended.returncode == 2
    assert "leads.toml fits this file" in ended.stderr
    assert code == 0, shown


def test_twenty_thousand_rows_take_four_answers_and_the_second_file_none(tmp_path: Path) -> None:
    def write_leads(name: str) -> Path:
        lines = [
            f"Ana Lee,lead{number}@example.com,{'Hot lead' if number % 20 == 0 else 'QUALIFIED'},2026-07-01 10:00"
            for number in range(20_000)
        ]
        path = tmp_path / name
        path.write_text("\n".join(["Name,Email,Status,Create Date", *lines, "Grand total of the leads,,,"]) + "\n")
        return path

    write_leads("leads.csv")
    code, shown = terminal.type_answers(
        ["check", "leads.csv", "--vendor", "iclosed", "--output", "out", "--save-mapping", "leads.toml"],
        ["", "Africa/Casablanca", "qualified", "skip"],
        tmp_path,
    )
    second = check_file(
        write_leads("second.csv"), Settings("iclosed", mapping=tmp_path / "leads.toml", output=tmp_path / "out2")
    )

    assert code == 0, shown
    assert sum(second.counts.values()) == 20_001
    assert (second.counts["valid"], second.counts["skipped"]) == (20_000, 1)
    assert second.questions == ()


def test_a_sheet_is_asked_for_on_a_terminal_and_noted_without_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, address in (("Old", "old@example.com"), ("New", "new@example.com")):
        sheet = book.create_sheet(name)
        sheet.append(["Email"])
        sheet.append([address])
    book.remove(book["Sheet"])
    book.save(tmp_path / "leads.xlsx")

    code, _ = terminal.type_answers(
        ["check", "leads.xlsx", "--vendor", "iclosed", "--output", "out", "--save-mapping", "leads.toml"],
        ["New"],
        tmp_path,
    )
    alone = check_file(tmp_path / "leads.xlsx", Settings("iclosed", output=tmp_path / "out1"))
    again = check_file(
        tmp_path / "leads.xlsx", Settings("iclosed", output=tmp_path / "out2", mapping=tmp_path / "leads.toml")
    )

    assert code == 0
    assert [question.kind for question in alone.questions] == ["sheet"]
    assert json.loads(alone.bodies[0][2])["email"] == "old@example.com"
    assert (json.loads(again.bodies[0][2])["email"], again.questions) == ("new@example.com", ())


def test_rows_that_may_be_no_contacts_are_skipped_or_sent_as_the_answer_says(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(
        "Name,Email,Phone\n"
        + "".join(f"Ana Lee,ana{number}@example.com,+1202555{number:04}\n" for number in range(150))
        + "Grand total of the leads,,\n"
    )

    def counted(*answers: tuple[str, str]) -> tuple[int, int, int]:
        chosen = Settings("gomobile", output=tmp_path / "out", answers=answers)
        counts = check_file(tmp_path / "leads.csv", chosen).counts
        return counts["valid"], counts["invalid"], counts["skipped"]

    assert counted() == (150, 1, 0)
    assert counted(("no_record", "skip")) == (150, 0, 1)
    assert counted(("no_record", "leave")) == (150, 1, 0)


def test_an_encoding_is_asked_for(tmp_path: Path) -> None:
    """What else is open is asked with it, as far as the likeliest reading shows it."""
    text = "Email,Name\nana@example.com,Ana \xd8\nbo@example.com,Bo Li\n"
    (tmp_path / "leads.csv").write_bytes(text.encode("cp1252"))

    with pytest.raises(UnansweredQuestionsError, match="is it \xd8 \\(cp1252\\)") as caught:
        check_file(tmp_path / "leads.csv", Settings("iclosed", output=tmp_path / "out"))
    answers = (("encoding", "cp1252"), ("full_name:Name", "split"))
    summary = check_file(tmp_path / "leads.csv", Settings("iclosed", output=tmp_path / "out", answers=answers))

    assert [question.kind for question in caught.value.questions] == ["encoding", "full_name"]
    assert json.loads(summary.bodies[0][2])["lastName"] == "\xd8"


def test_every_kind_is_listed_and_has_a_case() -> None:
    elsewhere = {"saved_mapping", "sheet", "encoding", "no_record", "object_part", "encoded_text", "middle_names"}

    assert set(IDS) | elsewhere == set(QUESTION_KINDS)


def test_declining_after_the_questions_leaves_nothing_behind(tmp_path: Path, sandbox: str) -> None:
    write(tmp_path, CASES[0])
    (tmp_path / "key").write_text("iclosed-1\n")
    (tmp_path / "key").chmod(0o600)
    target = ("--base-url", f"{sandbox}/iclosed", "--api-key-file", "key", "--save-mapping", "leads.toml")

    declined, shown = terminal.type_answers(
        ["run", "leads.csv", "--vendor", "iclosed", "--output", "out", *target], ["", "n"], tmp_path
    )
    left = {path.name for path in tmp_path.iterdir()}
    code, _ = terminal.type_answers(
        ["run", "leads.csv", "--vendor", "iclosed", "--output", "out", *target], ["", "y"], tmp_path
    )

    assert declined == 130, shown
    assert left <= {"leads.csv", "key", "state"}
    assert list((tmp_path / "state" / "runs").iterdir()) != []
    assert code == 0
    assert (tmp_path / "leads.toml").exists()


def test_contacts_are_merged_where_the_answer_says_so(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(
        "Email,First Name,Last Name,Phone\nana@example.com,Ana,,\nbo@example.com,Bo,Diaz,\n"
        "ANA@example.com,Anne,Lee,\nana@example.com,,,+12025550101\n"
    )

    summary = check_file(
        tmp_path / "leads.csv",
        Settings("iclosed", output=tmp_path / "out", answers=(("repeated_contacts:email", "merge"),)),
    )

    bodies = [json.loads(body) for _, _, body in summary.bodies]
    assert (summary.counts["valid"], summary.counts["skipped"]) == (2, 2)
    assert bodies[0] == {
        "email": "ana@example.com", "firstName": "Ana", "lastName": "Lee", "phoneNumber": "+12025550101",
    }  # fmt: skip
    assert bodies[1] == {"email": "bo@example.com", "firstName": "Bo", "lastName": "Diaz"}
    assert summary.changes["merged"] == 2
