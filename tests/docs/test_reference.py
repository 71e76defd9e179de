"""The reference pages say what the registries say."""

from __future__ import annotations

import re

import pytest

from importer.cli.grouped_help import GROUP_BY_NAME
from importer.config.settings_file import STATE_KEYS, VENDOR_KEYS
from importer.model.problem import PROBLEM_COLUMNS, PROBLEM_KINDS
from importer.model.report_columns import RESULT_COLUMNS
from importer.model.status import Status
from importer.model.summary import Requests, Summary
from importer.reporting.summary_json import summary_json
from tests.docs.reference import DOCS, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_what_its_registry_says(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")

    assert written == PAGES[name](), f"python -m tests.docs.reference writes {name}"


def test_every_problem_every_status_and_every_option_has_its_place() -> None:
    problems, statuses, commands = (
        (DOCS / name).read_text(encoding="utf-8") for name in ("problems.md", "statuses.md", "commands.md")
    )

    assert set(re.findall(r"(?m)^### (\w+)$", problems)) == set(PROBLEM_KINDS)
    assert not [status for status in Status if f"| `{status}` |" not in statuses]
    assert not [name for name in set(GROUP_BY_NAME.values()) if f"**{name}**" not in commands]


def test_the_pages_about_reports_and_settings_name_everything() -> None:
    reports, settings = ((DOCS / name).read_text(encoding="utf-8") for name in ("reports.md", "settings.md"))
    empty = Summary("", "", "", None, {}, {}, {}, {}, Requests(), {}, 0, {})

    assert ", ".join(PROBLEM_COLUMNS) in reports
    assert ", ".join(RESULT_COLUMNS) in reports
    assert not [key for key in summary_json(empty) if f"`{key}`" not in reports]
    assert not [
        key for key in (*VENDOR_KEYS, *STATE_KEYS) if f"`{key}`" not in settings and f"{key} = " not in settings
    ]
