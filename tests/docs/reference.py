"""Write the reference pages from the registries: ``python -m tests.docs.reference``.

Commands come from click, statuses and exit codes from ``model.status`` and ``errors``, problems from ``model.problem``,
the Python API from signatures and docstrings. A test fails while a page differs from what this would write.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import click

import importer
from importer.cli import SECTIONS, cli
from importer.cli.grouped_help import GROUP_BY_NAME
from importer.errors import EXIT_CODE_MEANINGS, ExitCode
from importer.model.problem import PROBLEM_KINDS, Judge, ProblemKind
from importer.model.status import Status
from importer.observer import Observer
from importer.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
NOTE = "<!-- Written by python -m tests.docs.reference. Change the registry, not this page. -->"
COMMAND = "contact-importer"


def commands_page() -> str:
    """Return the page with every command and its options."""
    parts = [
        "# Commands",
        f"`{COMMAND} COMMAND --help` explains a command in the terminal. Where a command has many options, `--help` "
        "explains those of every day, and `--help-all` explains all.",
        "The options that `run` shares with `check`, `mapping`, `inbox`, `config` and `doctor` are explained at "
        "[`run`](#run) only.",
    ]
    for title, names in SECTIONS.items():
        parts.append(f"## {title}")
        for name in names:
            parts += _command(cli.commands[name], COMMAND)
    return _page(parts)


def _command(command: click.Command, before: str) -> Iterator[str]:
    """Yield the heading, the usage, the help and the options of a command, then those of its subcommands."""
    name = f"{before} {command.name}"
    context = click.Context(command, info_name=name)
    yield f"### {name.removeprefix(f'{COMMAND} ')}"
    yield f"```\n{name} {' '.join(command.collect_usage_pieces(context))}\n```"
    yield inspect.cleandoc(command.help or "").partition("\f")[0]
    options = [
        parameter
        for parameter in command.params
        if isinstance(parameter, click.Option) and not parameter.hidden and parameter.name != "help_all"
    ]
    own = [option for option in options if option.name not in GROUP_BY_NAME or _is_plain(command)]
    shared = [option for option in options if option not in own]
    if own:
        yield _options(own, context)
    if command is cli.commands["run"]:
        for title in dict.fromkeys(GROUP_BY_NAME[str(option.name)] for option in shared):
            yield f"**{title}**"
            yield _options([option for option in shared if GROUP_BY_NAME[str(option.name)] == title], context)
    elif shared:
        yield "And the options of [`run`](#run)."
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from _command(each, name)


def _is_plain(command: click.Command) -> bool:
    """Return True for a command that has not the options of ``run``."""
    return not any(parameter.name == "help_all" for parameter in command.params)


def _options(options: list[click.Option], context: click.Context) -> str:
    rows = [record for option in options if (record := option.get_help_record(context))]
    return _table(("option", "meaning"), [(_code(names), _cell(text)) for names, text in rows])


def _code(text: str) -> str:
    """Return code for a cell of a table. A bar would end the cell, except as an entity."""
    return f"<code>{text.replace('<', '&lt;').replace('|', '&#124;')}</code>" if "|" in text else f"`{text}`"


def statuses_page() -> str:
    """Return the page with the statuses and the exit codes."""
    rows = [
        (f"`{status}`", _cell(status.info.meaning), _cell(status.info.advice) or "–", str(int(status.info.exit_code)))
        for status in Status
    ]
    codes = [(str(int(code)), EXIT_CODE_MEANINGS[code]) for code in ExitCode]
    return _page([
        "# Statuses and exit codes",
        "Every row that is not blank ends in exactly one status. The counts add up to the rows of the file, or the run "
        "ends with exit code 1.",
        "## Statuses",
        _table(("status", "such rows", "what to do", "exit code"), rows),
        "`valid` is the status of a check; a run has the others. With `--duplicates error`, a `duplicate` ends with 3.",
        "## Exit codes",
        _table(("code", "meaning"), codes),
        "The highest concern wins: 1, 2, 130, 5, 4, 3, 0. A Ctrl-C ends with 130: requests under way are still answered "
        "and reported.",
    ])  # fmt: skip


def problems_page() -> str:
    """Return the page with every problem, each under its code."""
    parts = [
        "# Problems",
        "`errors.csv` has a line for each problem, with its code in the column `code`. Here is what each code means, and "
        "what to do. Words in capitals stand for what differs from case to case. Codes that are not here are the "
        "vendor's own.",
    ]
    for title, about, belongs in _PROBLEM_SECTIONS:
        found = {code: kind for code, kind in PROBLEM_KINDS.items() if _section_of(kind) == belongs}
        if found:
            parts += [f"## {title}", about]
            for code, kind in found.items():
                parts += _problem(code, kind)
    return _page(parts)


_PROBLEM_SECTIONS = (
    ("Errors", "The row is `invalid` and is not sent.", "error"),
    (
        "Damage",
        "A spreadsheet program or an export changed the value before it came here. The row is not sent.",
        "damage",
    ),
    ("Questions about a column", "The run stops before anything is sent, until you answer.", "file"),
    ("Warnings", "The row is sent. With `--strict`, it is not.", "warning"),
    ("Skipped rows", "The row is `skipped`: it needs no correction.", "skipped"),
    ("The web app", "What the web app answers when its pages are out of date.", "web"),
)


def _section_of(kind: ProblemKind) -> str:
    if not kind.title:
        return "web"
    if kind.severity != "error":
        return kind.severity
    if kind.is_damage:
        return "damage"
    return "file" if kind.judged_by is Judge.FILE else "error"


def _problem(code: str, kind: ProblemKind) -> Iterator[str]:
    yield f"### {code}"
    messages = dict.fromkeys([kind.template or kind.web_template, *kind.variants.values()])
    listed = "\n".join(f"- {_readable(text)}" for text in messages)
    yield f"**{kind.title}**\n\n{listed}" if kind.title else listed
    if kind.hint:
        yield f"What to do: {_readable(kind.hint)}."


def _readable(template: str) -> str:
    """Return a template with its parameters in capitals."""
    return re.sub(r"%\((\w+)\)s", lambda found: found[1].replace("_", " ").upper(), template)


def python_page() -> str:
    """Return the page about the Python API."""
    functions = [getattr(importer, name) for name in importer.__all__ if inspect.isfunction(getattr(importer, name))]
    parts = [
        "# Python API",
        "`from importer import …` is the typed pipeline behind the command line. Nothing is printed.",
        "```python\n"
        "from importer import Settings, check_file, resume_run, run_import\n\n"
        'summary = check_file("leads.csv", Settings(vendor="iclosed"))\n'
        'summary = run_import("leads.csv", Settings(vendor="iclosed", base_url="https://…", api_key="…"))\n'
        "summary.counts, summary.exit_code, summary.outputs\n"
        'summary = resume_run(None, Settings(vendor="iclosed", api_key="…"))  # the latest run that did not end\n'
        "```",
        "## Functions",
        *(part for function in functions for part in _function(function)),
        "## Settings",
        inspect.getdoc(Settings) or "",
        _table(("name", "type", "default", "meaning"), list(_settings())),
        "## Summary",
        _table(("name", "type", "meaning"), list(_attributes(importer.Summary))),
        "## Observer",
        f"`importer.observer.Observer`: {inspect.getdoc(Observer)}",
        _table(("method", "when"), list(_methods(Observer))),
        "## Errors",
        "A bad row is data; these stop a run. All are in `importer.errors`.",
        f"```\n{_error_tree()}\n```",
    ]
    return _page(parts)


def _function(function: Callable[..., object]) -> Iterator[str]:
    signature = inspect.signature(function)
    arguments = ",\n".join(f"    {_plain(parameter)}" for parameter in signature.parameters.values())
    returns = signature.return_annotation
    yield f"### {function.__name__}"
    yield f"```python\n{function.__name__}(\n{arguments},\n) -> {returns}\n```"
    yield _prose(inspect.getdoc(function) or "")


def _plain(parameter: inspect.Parameter) -> str:
    """Return a parameter without the quotes that `from __future__ import annotations` puts around its type."""
    return str(parameter).replace("'", "")


def _settings() -> Iterator[tuple[str, ...]]:
    """Yield name, type, default and meaning of each setting; the meaning is that of its option."""
    helps = {parameter.name: getattr(parameter, "help", "") for parameter in cli.commands["run"].params}
    above: list[str] = []
    for line in textwrap.dedent(inspect.getsource(Settings)).splitlines():
        found = re.match(r"    (\w+): ([^=#]+?)(?: = (.*?))?(?:  # (.*))?$", line)
        if found:
            name, kind, default, comment = found.groups()
            plain = re.sub(r"field\(default=(.*), repr=False\)", r"\1", default or "")
            meaning = helps.get(name) or comment or " ".join(above)
            meaning = meaning[:1].upper() + meaning[1:]
            yield f"`{name}`", _code(kind), _code(plain) if default else "required", _cell(meaning)
        above = [*above, line.strip("# ")] if line.startswith("    #") else []


def _attributes(cls: type) -> Iterator[tuple[str, ...]]:
    """Yield name, type and docstring of each attribute and property of a dataclass."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    for statement, after in zip(body.body, [*body.body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign):
            is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            text = str(after.value.value) if is_text else ""  # type: ignore[union-attr]  # the line above has seen it
            yield f"`{ast.unparse(statement.target)}`", _code(ast.unparse(statement.annotation)), _cell(text)
        elif isinstance(statement, ast.FunctionDef):
            returns = ast.unparse(statement.returns) if statement.returns else ""
            yield f"`{statement.name}`", _code(returns), _cell(ast.get_docstring(statement) or "")


def _methods(cls: type) -> Iterator[tuple[str, str]]:
    for name, method in vars(cls).items():
        if name.startswith("on_"):
            arguments = ", ".join(list(inspect.signature(method).parameters)[1:])
            yield f"`{name}({arguments})`", _cell(inspect.getdoc(method) or "")


def _error_tree() -> str:
    """Return the tree of exceptions that the docstring of ``importer.errors`` draws."""
    from importer import errors

    drawn = re.search(r"\n\n( {4}ImporterError\n.*?)\n\n", inspect.getsource(errors), re.DOTALL)
    assert drawn
    return textwrap.dedent(drawn[1])


def _prose(text: str) -> str:
    """Return a docstring with code marked as Markdown does."""
    return text.replace("``", "`")


def _cell(text: str) -> str:
    """Return a text for a cell of a table."""
    return _prose(" ".join(text.split())).replace("|", "\\|").replace("<", "&lt;")


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _page(parts: list[str]) -> str:
    return "\n\n".join([parts[0], NOTE, *parts[1:]]) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "statuses.md": statuses_page,
    "problems.md": problems_page,
    "python.md": python_page,
}


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
