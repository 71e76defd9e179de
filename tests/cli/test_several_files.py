"""Several files are imported one after the other, each as a run of its own, with one summary at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importer.cli.file_arguments import expand_patterns
from importer.cli.several_files import do_each, overview, settings_by_file
from importer.errors import ExitCode, FileError, MappingError, SettingsError
from importer.model.status import Status
from importer.model.summary import Requests, Summary
from importer.settings import Settings

Command = Callable[..., "subprocess.CompletedProcess[str]"]
CHOSEN = {"as_json": False, "quiet": False}


@pytest.fixture
def command(tmp_path: Path) -> Command:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "importer", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def write(path: Path, *addresses: str, header: str = "Email") -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([f"{header},First Name", *(f"{address},Ana" for address in addresses)]) + "\n")
    return path


def summary(file: Path, code: ExitCode = ExitCode.DONE, **counts: int) -> Summary:
    return Summary(
        "r", "iclosed", "create", "t", {"path": str(file), "sheet": None, "encoding": "utf-8", "delimiter": ",", "rows": 1},
        {Status(name): count for name, count in counts.items()}, {}, {}, Requests(), {}, code, {},
    )  # fmt: skip


def test_each_file_has_its_run_and_its_folder_and_the_highest_concern_counts(command: Command, tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "a@example.com", "b@example.com")
    write(tmp_path / "leads" / "a.csv", "a@example.com", "c@")
    write(tmp_path / "leads" / "c.csv", "d@example.com")

    ended = command("run", "a.csv", "leads/*.csv", "--vendor", "iclosed", "--sandbox", "--output", "out")

    assert ended.returncode == ExitCode.NEEDS_REVIEW
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "a-2", "c"]
    summaries = [json.loads((tmp_path / "out" / name / "summary.json").read_text()) for name in ("a", "a-2", "c")]
    assert len({entry["run"] for entry in summaries}) == 3
    assert summaries[1]["counts"]["already_done"] == 1
    *_, first, second, third, together = ended.stdout.rstrip().splitlines()
    assert ("a.csv" in first, "2 created" in first) == (True, True)
    assert "1 already_done, 1 invalid" in second
    assert "leads/c.csv" in third
    assert "5 rows: 3 created, 1 already_done, 1 invalid" in together


def test_json_is_a_list_with_an_object_for_each_file(command: Command, tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "a@example.com")

    ended = command("check", "a.csv", "missing.csv", "--vendor", "iclosed", "--output", "out", "--json")

    first, second = json.loads(ended.stdout)
    assert ended.returncode == ExitCode.USAGE
    assert first == json.loads((tmp_path / "out" / "a" / "summary.json").read_text())
    assert (second["input"]["path"], second["exit_code"]) == ("missing.csv", 2)
    assert "no such file" in second["error"]
    assert "no such file" in ended.stderr


def test_a_file_that_cannot_be_used_does_not_keep_the_others_back(command: Command, tmp_path: Path) -> None:
    write(tmp_path / "wrong.csv", "x", header="Colour")
    write(tmp_path / "good.csv", "a@example.com")

    words = ("run", "missing.csv", "wrong.csv", "good.csv", "--vendor", "iclosed", "--map", "Email=email", "--sandbox")
    ended = command(*words)
    strict = command(*words, "--on-invalid", "abort")

    assert (ended.returncode, strict.returncode) == (2, 2)
    assert ended.stderr.count("Error: ") == 2
    assert "wrong.csv" in ended.stderr
    assert "good.csv     " in ended.stdout
    assert strict.stdout.count("Not started.") == 2


@pytest.mark.parametrize(
    ("codes", "highest"),
    [((3, 0), 3), ((3, 5, 0), 5), ((0, 4, 5), 4), ((5, 130, 0), 130), ((0, 0), 0)],
)
def test_after_a_stop_or_an_interrupt_the_rest_is_not_started_and_named(
    capsys: pytest.CaptureFixture[str], codes: tuple[int, ...], highest: int
) -> None:
    files = [Path(f"{number}.csv") for number in range(len(codes))]
    started: list[Path] = []

    def work(file: Path, _: Settings) -> Summary:
        started.append(file)
        return summary(file, ExitCode(codes[files.index(file)]), created=1)

    code = do_each(files, Settings("iclosed"), CHOSEN, work)

    stops = [index for index, each in enumerate(codes) if each in (4, 130)]
    assert code == highest
    assert started == files[: stops[0] + 1 if stops else None]
    assert capsys.readouterr().out.count("Not started.") == len(files) - len(started)


@pytest.mark.parametrize(
    ("error", "goes_on", "code"),
    [
        (FileError("x.csv: is empty"), True, 2),
        (MappingError("no column"), True, 2),
        (SettingsError("no key"), False, 2),
        (KeyboardInterrupt(), False, 130),
    ],
)
def test_what_would_meet_every_file_ends_all(
    capsys: pytest.CaptureFixture[str], error: BaseException, goes_on: bool, code: int
) -> None:
    def work(file: Path, _: Settings) -> Summary:
        if file.name == "x.csv":
            raise error
        return summary(file, created=1)

    ended = do_each([Path("x.csv"), Path("y.csv")], Settings("iclosed"), CHOSEN, work)

    printed = capsys.readouterr()
    assert ended == code
    assert ("Not started." in printed.out) is not goes_on
    assert (str(error) or "Interrupted.") in printed.err


def test_patterns_that_the_shell_left_are_expanded_by_name_and_each_file_is_taken_once(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "a.txt", "[1].csv"):
        (tmp_path / name).touch()

    def found(*names: str) -> list[str]:
        return [path.name for path in expand_patterns([tmp_path / name for name in names])]

    assert found("a*.csv", "*.csv") == ["a.csv", "[1].csv", "b.csv"]
    assert found("[1].csv", "none*.csv") == ["[1].csv", "none*.csv"]


def test_without_an_output_folder_each_run_names_its_own() -> None:
    files = [Path("a.csv"), Path("b/A.xlsx"), Path("a-2.csv"), Path("a.csv.gz")]

    assert {own.output for _, own in settings_by_file(files, Settings("iclosed"))} == {None}
    given = settings_by_file(files, Settings("iclosed", output=Path("out")))
    assert [own.output for _, own in given] == [
        Path("out/a"), Path("out/A-2"), Path("out/a-2-2"), Path("out/a-3"),
    ]  # fmt: skip


def test_metrics_are_those_of_one_file() -> None:
    chosen: dict[str, Any] = {**CHOSEN, "metrics_file": Path("m.prom")}
    with pytest.raises(SettingsError, match="one file at a time"):
        do_each([Path("a"), Path("b")], Settings("iclosed"), chosen, lambda file, _: summary(file))


def test_no_name_of_a_file_steers_the_terminal() -> None:
    from importer.cli.several_files import FileOutcome

    assert "\x1b" not in overview([FileOutcome(Path("a\x1b[2J.csv"), reason="Not started.")])
