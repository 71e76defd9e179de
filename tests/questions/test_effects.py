"""What answers change, and the four answers of a large file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from importer import Settings, check_file
from importer.questions import UnansweredQuestionsError
from tests.questions.terminal import type_answers


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
    code, shown = type_answers(
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
