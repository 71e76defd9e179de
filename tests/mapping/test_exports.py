"""The exports of other systems go through the whole pipeline with at most one answer, or stop with one message."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from importer import check_file
from importer.errors import MappingError
from importer.model.status import Status
from importer.model.summary import Summary
from importer.settings import Settings

HERE = Path(__file__).parent
EXPORTS: dict[str, Any] = tomllib.loads((HERE / "exports.toml").read_text(encoding="utf-8"))
LAYOUTS: dict[str, Any] = tomllib.loads((HERE / "layouts.toml").read_text(encoding="utf-8"))
EACH = [(system, vendor) for system in EXPORTS for vendor in ("iclosed", "gomobile")]


def text_of(system: str) -> str:
    export, file = EXPORTS[system], io.StringIO()
    headers = export.get("headers") or LAYOUTS[system]["headers"]
    writer = csv.writer(file, delimiter=export.get("delimiter", ","))
    file.writelines(f"{line}\r\n" for line in export.get("above", ()))
    writer.writerow(headers)
    for row in export["rows"]:
        assert set(row) <= set(headers)
        writer.writerow([row.get(header, "") for header in headers])
    file.writelines(f'"{line}"\r\n' if line else "\r\n" for line in export.get("below", ()))
    return file.getvalue()


def checked(folder: Path, system: str, vendor: str, answer: dict[str, Any]) -> Summary:
    export, chosen = EXPORTS[system], dict(answer)
    file = folder / "export.csv"
    file.write_text(text_of(system), encoding=export.get("encoding", "utf-8"), newline="")
    if "map" in chosen:
        chosen["columns"] = (tuple(chosen.pop("map")),)
    if "mapping" in chosen:
        (folder / "m.toml").write_text(chosen["mapping"], encoding="utf-8")
        chosen["mapping"] = folder / "m.toml"
    return check_file(file, Settings(vendor, output=folder / "out", state_dir=folder / "state", **chosen))


@pytest.mark.parametrize(
    ("system", "vendor"),
    [(system, vendor) for system, vendor in EACH if "bodies" in EXPORTS[system][vendor]],
)
def test_every_row_is_in_with_at_most_one_answer(tmp_path: Path, system: str, vendor: str) -> None:
    expected = EXPORTS[system][vendor]

    summary = checked(tmp_path, system, vendor, expected.get("answer", {}))

    assert len(expected.get("answer", {})) <= 1
    assert [json.loads(body) for _, _, body in summary.bodies] == expected["bodies"]
    no_records = sum(summary.counts.values()) - summary.counts[Status.VALID]
    assert no_records == sum(1 for line in EXPORTS[system].get("below", ()) if line)


@pytest.mark.parametrize(("system", "vendor"), [each for each in EACH if "asks" in EXPORTS[each[0]][each[1]]])
def test_a_question_is_one_message(tmp_path: Path, system: str, vendor: str) -> None:
    with pytest.raises(MappingError) as caught:
        checked(tmp_path, system, vendor, {})

    assert EXPORTS[system][vendor]["asks"] in str(caught.value)


# No column has the required phone: nobody can propose an answer.
NOTHING_TO_PROPOSE = {each for each in EACH if EXPORTS[each[0]][each[1]].get("asks") == "primaryPhone"}


@pytest.mark.parametrize(("system", "vendor"), [each for each in EACH if each not in NOTHING_TO_PROPOSE])
def test_accepted_proposals_leave_nothing_to_answer(tmp_path: Path, system: str, vendor: str) -> None:
    summary = checked(tmp_path, system, vendor, {"accept_proposals": True})

    rows = len(EXPORTS[system]["rows"])
    assert summary.counts[Status.VALID] == rows
    assert len(summary.bodies) == rows
    for expected, (_, _, body) in zip(EXPORTS[system][vendor].get("bodies", ()), summary.bodies, strict=False):
        sent = json.loads(body)
        assert {name: sent[name] for name in expected if name != "joinedTime"} == {
            name: value for name, value in expected.items() if name != "joinedTime"
        }  # a time zone is proposed, but another one was meant
