"""Every kind of question: asked on a terminal, printed without one, answered by option, mapping file and errors.xlsx."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from importer import Settings, check_file
from importer.observer import Observer
from importer.questions import QUESTION_KINDS, UnansweredQuestionsError
from tests.questions.cases import CASES, Case, check, has_body, words, write
from tests.questions.terminal import type_answers

KINDS = pytest.mark.parametrize("case", CASES, ids=[case.kind for case in CASES])
# Their cells that make a row wrong for another reason than the question.
IDENTIFYING = {"cleartalk": ("phone",), "clemta": ("type",)}


@KINDS
def test_each_is_asked_on_a_terminal_and_remembered_in_a_mapping_file(tmp_path: Path, case: Case) -> None:
    file = write(tmp_path, case)

    code, shown = type_answers(words(case, "--save-mapping", "leads.toml"), case.typed, tmp_path)

    assert case.prompt in " ".join(shown.replace("\r\n   ", " ").split())
    assert code == 0, shown
    told = json.loads((tmp_path / "out" / "summary.json").read_text())["questions"]
    assert [(entry["kind"], entry["by"]) for entry in told if entry["kind"] == case.kind] == [(case.kind, "person")]
    again = check(file, case, mapping=tmp_path / "leads.toml")
    assert has_body(again, case)
    assert again.questions == ()
    assert again.exit_code == 0


@KINDS
def test_each_is_printed_where_nobody_can_be_asked(tmp_path: Path, case: Case) -> None:
    file = write(tmp_path, case)

    if case.stops:
        with pytest.raises(UnansweredQuestionsError) as caught:
            check(file, case)
        assert [question.kind for question in caught.value.questions] == [case.kind]
        assert any(sign in str(caught.value) for sign in ("--", " = "))
    elif case.kind == "saved_mapping":
        assert any("saved.toml fits this file: use it with --mapping" in note for note in notes_of(file, case))
    else:
        (question,) = (each for each in check(file, case).questions if each.answer is None)
        assert (question.kind, question.by) == (case.kind, "nobody")
        assert any(sign in question.text for sign in ("--", " = "))


@KINDS
def test_each_is_answered_by_option_or_mapping_line(tmp_path: Path, case: Case) -> None:
    summary = check(write(tmp_path, case), case, answers=tuple(case.answers.items()), lines=case.lines)

    assert has_body(summary, case)
    assert summary.exit_code == 0


@KINDS
def test_each_is_answered_in_a_mapping_file(tmp_path: Path, case: Case) -> None:
    answers = "".join(f"{json.dumps(key)} = {json.dumps(answer)}\n" for key, answer in case.answers.items())
    mapping = tmp_path / "answers.toml"
    mapping.write_text("\n".join([*case.lines, "[answers]", answers]), encoding="utf-8")
    if case.kind == "saved_mapping":  # the mapping file itself is the answer
        write(tmp_path, case)
        mapping = tmp_path / "saved.toml"

    summary = check(write(tmp_path, case), case, mapping=mapping)

    assert has_body(summary, case)
    assert summary.exit_code == 0


@KINDS
def test_errors_xlsx_carries_the_answers_of_its_run(tmp_path: Path, case: Case) -> None:
    """A row that is wrong for another reason comes back corrected, and nothing is asked."""
    head, first, *rest = case.text.splitlines()
    names = head.split(",")
    at = next(
        index
        for index, name in enumerate(names)
        if name.lower() in IDENTIFYING.get(case.vendor, ("email", "username", "phone"))
    )
    cells = first.split(",")
    good, cells[at] = cells[at], "wrong@" if "@" in cells[at] else "12"
    file = write(tmp_path, case, "\n".join([head, ",".join(cells), first, *rest]) + "\n")
    check(file, case, answers=tuple(case.answers.items()), lines=case.lines)
    book = openpyxl.load_workbook(tmp_path / "out" / "errors.xlsx")
    sheet = book["Rows to fix"]
    column = next(cell.column for cell in sheet[1] if cell.value == names[at])
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, column).value == cells[at])
    sheet.cell(row, column).value = good
    book.save(tmp_path / "back.xlsx")

    summary = check(tmp_path / "back.xlsx", replace(case, before={}), output="out2")

    assert (summary.exit_code, summary.questions) == (0, ())
    body = json.loads(summary.bodies[0][2])
    assert {**body, **body.get("customer", {})}.keys() >= case.body.keys() - {"email"}
    if case.kind != "repeated_contacts":  # one row has no other to share its address with
        assert has_body(summary, case)


def notes_of(file: Path, case: Case) -> list[str]:
    class Notes(Observer):
        def on_note(self, text: str) -> None:
            found.append(text)

    found = list[str]()
    check_file(file, Settings(case.vendor, output=file.parent / "out"), Notes())
    return found


def test_every_kind_has_a_case() -> None:
    assert {case.kind for case in CASES} == set(QUESTION_KINDS)
