"""How questions are asked: all at once, one by one, by proposals, and never twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from importer.errors import SettingsError
from tests.questions.cases import CASES, check, has_body, words, write
from tests.questions.terminal import type_answers

FULL_NAME = next(case for case in CASES if case.kind == "full_name")


def test_an_answer_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    case = FULL_NAME

    with pytest.raises(SettingsError, match=r"--answer full_name:Name=cut: answer split, firstName"):
        check(write(tmp_path, case), case, answers=(("full_name:Name", "cut"),))


def test_all_questions_are_printed_at_once_and_no_input_asks_nothing(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(
        "Name,Email,Create Date\nAna Lee,ana@example.com,2026-07-01 10:00\nBo Diaz,bo@example.com,2026-07-02 09:00\n"
    )

    code, shown = type_answers(
        ["check", "leads.csv", "--vendor", "iclosed", "--no-input", "--output", "out"], [], tmp_path
    )

    assert code == 2
    assert "2 questions must be answered" in shown
    assert "--timezone" in shown
    assert 'firstName = { column = "Name", part = "first" }' in shown
    assert "--answer time_zone:joinedTime=leave" in " ".join(shown.split())


def test_stop_ends_the_check_and_leaves_nothing_behind(tmp_path: Path) -> None:
    write(tmp_path, FULL_NAME)

    code, _ = type_answers(words(FULL_NAME), ["stop"], tmp_path)

    assert code == 130
    assert [path.name for path in tmp_path.iterdir() if path.name != "state"] == ["leads.csv"]


def test_rows_are_left_out_where_the_answer_says_so(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.kind == "time_zone")

    summary = check(write(tmp_path, case), case, answers=(("time_zone:joinedTime", "leave"),))

    assert summary.counts["invalid"] == 2


def test_proposals_are_taken_and_reported(tmp_path: Path) -> None:
    case = FULL_NAME

    summary = check(write(tmp_path, case), case, accept_proposals=True)

    assert has_body(summary, case)
    assert [(told.kind, told.answer, told.by) for told in summary.questions] == [("full_name", "split", "proposal")]


def test_a_saved_mapping_is_found_again_by_its_columns(tmp_path: Path) -> None:
    case = FULL_NAME
    check(write(tmp_path, case), case, accept_proposals=True, save_mapping=tmp_path / "leads.toml")
    (tmp_path / "next.csv").write_text("Name,E-Mail\nCy Day,cy@example.com\n".replace("E-Mail", "Email"))

    ended = subprocess.run(
        [sys.executable, "-m", "importer", "check", "next.csv", "--vendor", "iclosed"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    code, shown = type_answers(["check", "next.csv", "--vendor", "iclosed", "--output", "o"], [""], tmp_path)

    assert ended.returncode == 2
    assert "leads.toml fits this file" in ended.stderr
    assert code == 0, shown


def test_declining_after_the_questions_leaves_nothing_behind(tmp_path: Path, sandbox: str) -> None:
    write(tmp_path, FULL_NAME)
    (tmp_path / "key").write_text("iclosed-1\n")
    (tmp_path / "key").chmod(0o600)
    target = ("--base-url", f"{sandbox}/iclosed", "--api-key-file", "key", "--save-mapping", "leads.toml")

    declined, shown = type_answers(
        ["run", "leads.csv", "--vendor", "iclosed", "--output", "out", *target], ["", "n"], tmp_path
    )
    left = {path.name for path in tmp_path.iterdir()}
    code, _ = type_answers(["run", "leads.csv", "--vendor", "iclosed", "--output", "out", *target], ["", "y"], tmp_path)

    assert declined == 130, shown
    assert left <= {"leads.csv", "key", "state"}
    assert list((tmp_path / "state" / "runs").iterdir()) != []
    assert code == 0
    assert (tmp_path / "leads.toml").exists()


def test_the_table_of_columns_is_shown_again_only_if_an_answer_changes_it(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(
        "First Name,Email,Status\nAna,ana@example.com,Hot lead\nBo,bo@example.com,qualified\n"
    )
    words = ["check", "leads.csv", "--vendor", "iclosed", "--output", "out"]

    _, left = type_answers(words, [""], tmp_path)
    _, replaced = type_answers(words, ["POTENTIAL"], tmp_path)

    assert left.count("Matched by") == 1
    assert replaced.count("Matched by") == 2
