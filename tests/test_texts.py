"""What people read keeps to one style: every text of the registries and of the code is looked at here."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from importer.cli import EPILOG, SECTIONS, cli
from importer.errors import EXIT_CODE_MEANINGS
from importer.model.problem import PROBLEM_KINDS, Judge
from importer.model.status import Status

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "importer" / "web" / "locale" / "fr" / "LC_MESSAGES" / "web.po"
# Phrases that are translated word by word, or words of ours that no user knows, with what to write.
AVOIDED = {
    r"\b(?:feeds?|fed)\b": "maps to, is mapped from",
    r"\bfound out\b|\bin words\b": "detected, reported, as text",
    r"\b(?:go|goes|gone|going) on with\b|\btaken up\b": "resumed, continued",
    r"\bat work\b": "running",
    r"\bneeds? a person\b": "needs attention",
    r"\b(?:held|holds?) back\b|\bpassed over\b": "skipped, not sent",
    r"\b(?:it|that) is said\b|\bwas said\b": "the output says so",
    r"\bnobody knows\b|\bin doubt\b": "uncertain",
    r"\b(?:not|nothing|no)\b.*\bany more\b": "no longer",
    r"\b(?:normalise|colour|recognise|licence|catalogue)\b": "US spelling",
}
_VARIABLE = re.compile(r"%\(\w+\)s|\{[^}]*\}")


def texts_of_registries() -> Iterator[tuple[str, str]]:
    """Yield the place and the text of everything that a registry shows to people."""
    for code, kind in PROBLEM_KINDS.items():
        for text in {*kind.texts, kind.template, kind.hint, *kind.variants.values(), *kind.web_variants.values()}:
            yield f"problem {code}", text
    for status in Status:
        for text in (status.info.label, status.info.meaning, status.info.advice):
            yield f"status {status}", text
    for code, text in EXIT_CODE_MEANINGS.items():
        yield f"exit code {code}", text
    yield "--help", EPILOG
    for section, summaries in SECTIONS.items():
        yield "--help", section
        for name, summary in summaries.items():
            yield f"{name} --help", summary
            yield from texts_of_command(cli.commands[name])


def texts_of_command(command: click.Command) -> Iterator[tuple[str, str]]:
    yield f"{command.name} --help", command.help or ""
    yield f"{command.name} --help", command.epilog or ""
    for parameter in command.params:
        yield f"{command.name} {parameter.name}", getattr(parameter, "help", "") or ""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from texts_of_command(each)


def texts_of_web_app() -> Iterator[tuple[str, str]]:
    with CATALOGUE.open("rb") as file:
        for message in read_po(file):
            for text in [message.id] if isinstance(message.id, str) else message.id:
                yield "web app", text


def texts_of_code() -> Iterator[tuple[str, str]]:
    """Yield the texts in the code that are no docstrings: messages, notes and questions."""
    for path in (*(ROOT / "importer").rglob("*.py"), *(ROOT / "schemas").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


class PageText(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def texts_of_reports() -> Iterator[tuple[str, str]]:
    parser = PageText()
    template = (ROOT / "importer" / "reporting" / "html_report.html").read_text(encoding="utf-8")
    parser.feed(re.sub(r"\{%.*?%\}|<style>.*?</style>", "", template, flags=re.DOTALL))
    yield from (("report.html", text) for text in parser.texts)


@pytest.mark.parametrize("source", [texts_of_registries, texts_of_web_app, texts_of_code, texts_of_reports])
def test_no_text_has_a_phrase_that_nobody_would_say(source: Callable[[], Iterator[tuple[str, str]]]) -> None:
    found = [
        f"{place}: {text!r}: write {better}"
        for place, text in source()
        if " " in text
        for phrase, better in AVOIDED.items()
        if re.search(phrase, text, re.IGNORECASE)
    ]

    assert found == []


def test_every_problem_says_what_is_wrong_and_what_to_do() -> None:
    for code, kind in PROBLEM_KINDS.items():
        assert kind.template or kind.web_template, code
        assert kind.hint or kind.severity == "skipped" or kind.judged_by is Judge.FILE, code
        if kind.title:
            assert kind.title[0].isupper(), code
            assert not kind.title.endswith("."), code
        if kind.judged_by is not Judge.FILE:  # continues the value; several sentences begin with a capital
            assert not kind.template.endswith("."), code


def test_hints_continue_a_sentence() -> None:
    for code, kind in PROBLEM_KINDS.items():
        for hint in filter(None, (kind.hint, kind.web_hint)):
            plain = _VARIABLE.sub("x", hint)
            assert plain[0].islower(), code
            assert not plain.endswith("."), code


def test_every_exit_code_has_a_meaning() -> None:
    for code, text in EXIT_CODE_MEANINGS.items():
        assert text[0].isupper(), code
        assert text.endswith("."), code
