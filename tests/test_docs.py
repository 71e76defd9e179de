"""What the documents show can be done as it stands there."""

from __future__ import annotations

import ast
import configparser
import json
import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from importer.cli import cli
from importer.cli.queue import worker
from importer.config.settings_file import read_config
from importer.errors import ExitCode
from importer.mapping.file_keys import FILE_KEYS
from importer.mapping.mapping_file import KEYS
from importer.pipeline import check_file
from importer.settings import Settings

DOCS = Path(__file__).parent.parent / "docs"
UNATTENDED = DOCS / "unattended"
INSTRUCTIONS = {"FROM", "COPY", "RUN", "ENV", "VOLUME", "WORKDIR", "USER", "STOPSIGNAL", "ENTRYPOINT", "CMD"}


def commands() -> list[str]:
    """Every command line of ours in the documents and the examples."""
    readme = DOCS.parent / "README.md"
    text = "\n".join(path.read_text(encoding="utf-8") for path in (readme, *DOCS.glob("*.md"), *UNATTENDED.iterdir()))
    shown = re.findall(r"(?:^|[ `/])contact-importer ([a-z][^`#\n]*)", text, re.MULTILINE)
    return sorted({line.split(" 2>>")[0].split(" >>")[0].strip().rstrip(".") for line in shown})


@pytest.mark.parametrize("line", commands())
def test_every_command_that_is_shown_exists_with_its_options(line: str) -> None:
    words = shlex.split(line.replace("…", "x"))
    command: click.Command = cli
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    if command is cli:
        return  # a sentence about the program
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}

    assert not [word for word in words if word.startswith("--") and word not in known]


def test_the_units_are_units() -> None:
    for path in (*UNATTENDED.glob("*.service"), *UNATTENDED.glob("*.timer")):
        unit = configparser.ConfigParser(strict=False, interpolation=None)
        unit.optionxform = str  # type: ignore[assignment,method-assign]  # the names have capitals
        unit.read(path)
        assert set(unit.sections()) <= {"Unit", "Service", "Timer", "Install"}


def test_the_yaml_is_yaml_and_the_settings_are_settings() -> None:
    job = yaml.safe_load((UNATTENDED / "cronjob.yaml").read_text(encoding="utf-8"))
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    for name in ("workers.yaml", "compose.yaml"):
        text = (UNATTENDED / name).read_text(encoding="utf-8")
        found = yaml.safe_load(text)
        service = (
            found["services"]["worker"] if "services" in found else found["spec"]["template"]["spec"]["containers"][0]
        )
        words = service.get("command") or service["args"]
        with worker.make_context("worker", words[1:], resilient_parsing=True) as context:
            assert context.params["jobs"] == 4
    assert set(yaml.safe_load((UNATTENDED / "ci.yaml").read_text(encoding="utf-8"))["jobs"]) == {"check", "import"}
    options = [
        option.strip("-").replace("-", "_") for parameter in cli.commands["run"].params for option in parameter.opts
    ]
    assert "nightly-leads" in read_config(UNATTENDED / "importer.toml", options).jobs


def test_the_containerfile_has_only_instructions_and_ends_as_nobody_special() -> None:
    text = (UNATTENDED / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]

    assert {name for name, _ in lines} <= INSTRUCTIONS
    assert [value for name, value in lines if name == "USER"] == ["10001:10001"]
    assert "*.whl" in text


def test_the_task_tries_again_after_those_ends_that_a_next_start_goes_on_with() -> None:
    tree = ast.parse((UNATTENDED / "airflow_dag.py").read_text(encoding="utf-8"))
    assigned = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }

    assert assigned["RESUMABLE"] == (ExitCode.STOPPED, ExitCode.INTERRUPTED)
    assert assigned["ROWS_NEED_A_PERSON"] == (ExitCode.NEEDS_REVIEW, ExitCode.UNCERTAIN)


def mapping_examples() -> list[tuple[str, list[tuple[str, str]]]]:
    """The examples of the page about mapping files: the heading, and the kind and the text of each block."""
    sections = re.split(r"(?m)^###? ", (DOCS / "mapping-files.md").read_text(encoding="utf-8"))
    found = [
        (text.partition("\n")[0], re.findall(r"```(csv|toml|json)\n(.*?)```", text, re.DOTALL)) for text in sections
    ]
    return [(name, blocks) for name, blocks in found if blocks]


@pytest.mark.parametrize(("name", "blocks"), mapping_examples(), ids=[name for name, _ in mapping_examples()])
def test_a_mapping_file_does_what_its_page_shows(tmp_path: Path, name: str, blocks: list[tuple[str, str]]) -> None:
    *lists, leads = [text for kind, text in blocks if kind == "csv"]
    for text in lists:
        (tmp_path / "optouts.csv").write_text(text, encoding="utf-8")
    (tmp_path / "leads.csv").write_text(leads, encoding="utf-8")
    for kind, text in blocks:
        if kind == "toml":
            (tmp_path / "leads.toml").write_text(text, encoding="utf-8")

    summary = check_file(
        tmp_path / "leads.csv", Settings("iclosed", mapping=tmp_path / "leads.toml", output=tmp_path / "out")
    )

    assert [json.loads(body) for _, _, body in summary.bodies] == [
        json.loads(line) for kind, text in blocks if kind == "json" for line in text.splitlines()
    ], name


def test_every_key_of_mapping_files_is_on_its_page() -> None:
    page = (DOCS / "mapping-files.md").read_text(encoding="utf-8")

    assert not [key for key in (*KEYS, *FILE_KEYS, "ignore", "blank") if not re.search(rf"\b{key}\b = ", page)]


def test_links_lead_somewhere() -> None:
    for page in (DOCS.parent / "README.md", *DOCS.glob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
