"""Help: on one screen, in groups, whole sentences; and the nearest name for a misspelt one."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from importer.cli import SECTIONS, cli
from importer.cli.grouped_help import EVERYDAY, GROUP_BY_NAME

SCREEN_LINES = 60
WIDTH = 80


def shown(*words: str) -> str:
    ended = CliRunner().invoke(cli, list(words), terminal_width=WIDTH)
    assert ended.exit_code == 0, ended.output
    return ended.output


def every_command(group: click.Group, *before: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield " ".join((*before, name)), command
        if isinstance(command, click.Group):
            yield from every_command(command, *before, name)


@pytest.mark.parametrize(("name", "summary"), [entry for texts in SECTIONS.values() for entry in texts.items()])
def test_the_summary_of_a_command_is_the_first_sentence_of_its_help(name: str, summary: str) -> None:
    command = cli.commands[name]

    assert command.name == name
    assert (command.help or "").partition("\n")[0].startswith(summary)


def test_no_summary_is_cut_off_in_80_columns() -> None:
    pages = [shown("--help")]
    pages += [
        shown(*name.split(), "--help") for name, command in every_command(cli) if isinstance(command, click.Group)
    ]

    for page in pages:
        assert not [line for line in page.splitlines()[1:] if line.endswith("...") or len(line) > WIDTH]


def test_run_and_check_fit_one_screen_and_name_every_option() -> None:
    for name in ("run", "check"):
        page = shown(name, "--help")
        assert len(page.splitlines()) <= SCREEN_LINES
        assert not [option for option in options_of(cli.commands[name]) if option not in page]


def test_help_all_explains_every_option_in_its_group() -> None:
    page = shown("run", "--help-all")

    titles = [line.removesuffix(":") for line in page.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert [title for title in dict.fromkeys(GROUP_BY_NAME.values()) if title not in titles] == []
    assert "Also:" not in page
    assert not [name for name in options_of(cli.commands["run"]) if f"  {name}" not in page]


def test_the_everyday_options_exist() -> None:
    assert {parameter.name for parameter in cli.commands["run"].params} >= EVERYDAY


@pytest.mark.parametrize(("name", "command"), list(every_command(cli)))
def test_help_is_written_in_sentences(name: str, command: click.Command) -> None:
    texts = [command.help or ""]
    texts += [parameter.help or "" for parameter in command.params if isinstance(parameter, click.Option)]

    for text in texts:
        plain = text.replace("\b", "").partition("  [default")[0].strip()
        assert plain[:1].isupper() or plain.startswith("0 "), f"{name}: {text}"
        assert plain.endswith((".", "]")), f"{name}: {text}"


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("rum leads.csv", "run"),
        ("vendors shwo iclosed", "show"),
        ("check leads.csv --vendor iclosed --regoin US", "--region"),
    ],
)
def test_a_misspelt_command_or_option_is_answered_with_the_nearest(words: str, near: str) -> None:
    ended = CliRunner().invoke(cli, words.split())

    assert ended.exit_code == 2
    assert "Did you mean" in ended.output
    assert f"'{near}'" in ended.output.partition("Did you mean")[2]


def options_of(command: click.Command) -> list[str]:
    return [parameter.opts[0] for parameter in command.params if isinstance(parameter, click.Option)]
