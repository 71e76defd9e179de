"""x-importer.then: what follows for each contact, such as a tag, happens once for it and is reported with its row."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from importer import Settings, resume_run, run_import
from importer.model.status import Status
from importer.model.summary import Summary
from importer.sandbox.app import build_app
from importer.sandbox.faults import parse_fault
from importer.sandbox.server import running
from schemas.contract import ContractError
from schemas.registry import load_vendor

DOCUMENT = Path(__file__).parent / "second_step.yaml"


@contextmanager
def vendor(*faults: str, latency: float = 0.0) -> Iterator[str]:
    app = build_app([load_vendor(DOCUMENT)], faults=[parse_fault(text) for text in faults], seed=5, latency=latency)
    with running(app) as address:
        yield address


def settings(folder: Path, address: str, output: str = "out", **more: Any) -> Settings:
    return Settings(
        str(DOCUMENT), base_url=f"{address}/acme", output=folder / output, state_dir=folder / "state", rate=1000.0,
        **more,
    )  # fmt: skip


def write(folder: Path, *lines: str) -> Path:
    file = folder / "people.csv"
    file.write_text("\n".join(["Email,Name,Tag", *lines]) + "\n", encoding="utf-8")
    return file


def imported(folder: Path, address: str, file: Path, output: str = "out", **more: Any) -> Summary:
    return run_import(file, settings(folder, address, output, **more))


def tags(address: str) -> dict[str, list[str]]:
    """The tags of each contact, as the vendor keeps them."""
    with urllib.request.urlopen(f"{address}/_contacts/acme") as answer:
        contacts = json.load(answer)
    assert len({contact["email"] for contact in contacts}) == len(contacts)
    return {contact["email"]: [sent["tag"] for sent in contact.get("tag", [])] for contact in contacts}


def rows(folder: Path, output: str = "out") -> list[dict[str, str]]:
    with (folder / output / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_each_contact_gets_what_its_rows_say_once(tmp_path: Path) -> None:
    lines = [
        "a@example.com,Ann,red",
        "b@example.com,Bo,",
        *(f"c@example.com,Cy,{tag}" for tag in ("blue", "green", "green")),
    ]
    file = write(tmp_path, *lines)
    with vendor() as address:
        first = imported(tmp_path, address, file)
        assert tags(address) == {"a@example.com": ["red"], "b@example.com": [], "c@example.com": ["blue", "green"]}
        assert (first.counts[Status.CREATED], first.counts[Status.DUPLICATE], first.exit_code) == (3, 2, 0)

        again = imported(tmp_path, address, file, "again")
        more = imported(tmp_path, address, write(tmp_path, "a@example.com,Ann,yellow"), "more")

        assert (again.counts[Status.ALREADY_DONE], more.counts[Status.ALREADY_DONE]) == (3, 1)
        assert tags(address)["a@example.com"] == ["red", "yellow"]
        assert tags(address)["c@example.com"] == ["blue", "green"]


def test_a_refused_step_is_corrected_in_the_workbook_and_only_it_is_sent(tmp_path: Path) -> None:
    file = write(tmp_path, *(f"p{number}@example.com,Ann,red" for number in range(40)))
    with vendor("refuse:p=0.3") as address:
        summary = fixed = imported(tmp_path, address, file)
        tagged = tags(address)
        for number in range(20):
            if fixed.exit_code:
                fixed = imported(tmp_path, address, Path(fixed.outputs["workbook"]), f"fixed-{number}")
        assert tags(address) == {f"p{number}@example.com": ["red"] for number in range(40)}
    reported = rows(tmp_path)
    refused = {row["Email"] for row in reported if row["import_code"] == "second_step_rejected"}

    assert refused
    assert refused == {email for email, known in tagged.items() if not known}
    assert {row["import_status"] for row in reported if row["Email"] in refused} == {"created"}
    assert summary.exit_code == 3
    assert summary.problems["second_step_rejected"] == len(refused)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "the contact is there, but the vendor refused tag" in page


@pytest.mark.parametrize("fault", ["apply-close:p=0.1", "apply-500:p=0.1"])
def test_a_step_in_doubt_is_never_sent_again(tmp_path: Path, fault: str) -> None:
    file = write(tmp_path, *(f"p{number}@example.com,Ann,red" for number in range(60)))
    with vendor(fault) as address:
        summary = imported(tmp_path, address, file)
        resume_run(summary.run, settings(tmp_path, address))
        imported(tmp_path, address, file, "again")
        tagged = tags(address)
    doubtful = [row for row in rows(tmp_path) if row["import_code"] == "second_step_uncertain"]

    assert doubtful
    assert all(tagged[row["Email"]] == ["red"] for row in doubtful)
    assert all(len(known) <= 1 for known in tagged.values())
    codes = {
        row["import_code"] for row in rows(tmp_path, "again") if row["Email"] in {row["Email"] for row in doubtful}
    }
    assert codes == {"second_step_uncertain"}


def test_a_run_that_is_killed_in_its_second_step_goes_on_there(tmp_path: Path) -> None:
    file = write(tmp_path, *(f"p{number}@example.com,Ann,red" for number in range(60)))
    words = [sys.executable, "-m", "importer", "run", str(file), "--vendor", str(DOCUMENT), "--output", "out"]
    with vendor(latency=0.03) as address:
        address_words = ["--base-url", f"{address}/acme", "--state-dir", "state", "--rate", "200/s", "--yes", "--quiet"]
        process = subprocess.Popen([*words, *address_words], cwd=tmp_path)
        while sum(map(len, tags(address).values())) < 8:
            assert process.poll() is None
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        resumed = subprocess.run(
            [sys.executable, "-m", "importer", "resume", "--state-dir", "state", "--yes", "--quiet"],
            cwd=tmp_path, check=False,
        )  # fmt: skip
        tagged = tags(address)
    doubtful = {row["Email"] for row in rows(tmp_path) if row["import_code"] == "second_step_uncertain"}

    assert resumed.returncode == (3 if doubtful else 0)
    assert len(tagged) == 60
    assert all(known == ["red"] or (email in doubtful and not known) for email, known in tagged.items())
    assert {row["import_status"] for row in rows(tmp_path)} == {"created"}


def test_a_second_step_needs_a_name_of_its_own(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8").replace("operation: tag", "operation: email")
    (tmp_path / "acme.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match="a field of create is called 'email', too; rename the operation"):
        load_vendor(tmp_path / "acme.yaml")


def edited(folder: Path, path: str, steps: Sequence[str], value: Any) -> Path:
    """The document with another value at a place of an operation's x-importer block."""
    document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    node = document["paths"][path]["post"]["x-importer"]
    for step in steps[:-1]:
        node = node[step]
    node[steps[-1]] = value
    file = folder / "edited.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("path", "steps", "value", "said"),
    [
        ("/contacts", ["then", "operation"], "label", "then/operation: 'label' is no other operation of this document: tag"),
        ("/contacts", ["then", "operation"], "create", "'create' is no other operation"),
        ("/contacts", ["then", "id"], "contact", "then/id: tag has no field 'contact'; it has contact_id, tag"),
        ("/contacts", ["id"], False, "a second step needs the contact's id, and no answer has one (id: false)"),
        ("/contacts", ["then"], "tag", "is not an operation's name and its field for the contact's id, such as then: "),
        ("/lists/{list_id}/members", ["operation"], "email", "no other operation of this document: email"),
    ],
)  # fmt: skip
def test_a_document_whose_second_step_cannot_be_is_refused(
    tmp_path: Path, path: str, steps: Sequence[str], value: Any, said: str
) -> None:
    with pytest.raises(ContractError) as refused:
        load_vendor(edited(tmp_path, path, steps, value))
    assert said in str(refused.value)


def test_a_column_of_the_contact_is_not_taken_for_the_second_step(tmp_path: Path) -> None:
    text = (
        DOCUMENT.read_text(encoding="utf-8")
        .replace("contact_id, tag]", "contact_id, id]")
        .replace("tag: {type", "id: {type")
    )
    (tmp_path / "acme.yaml").write_text(text, encoding="utf-8")
    names = {field.path: field.aliases for field in load_vendor(tmp_path / "acme.yaml").operations["create"].fields}

    assert names["tag.id"] == ()
    assert {field.path: field.aliases for field in load_vendor(DOCUMENT).operations["create"].fields}["tag.tag"] == (
        "tag",
    )
