"""The commands of README and docs print what the pages show, in the order of the page, in an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.console import agrees, follow_page, pages_with_commands


@pytest.mark.parametrize("page", pages_with_commands(), ids=lambda page: page.stem)
def test_the_commands_of_a_page_print_what_it_shows(page: Path, tmp_path: Path) -> None:
    _, differences = follow_page(page, tmp_path)

    assert not differences, "\n\n".join(differences) + "\n\npython -m tests.docs.console writes them into the pages"


def test_a_page_may_leave_lines_out_and_nothing_else() -> None:
    assert agrees("one\n…\nfour\n", "one\ntwo\nthree\nfour\n")
    assert not agrees("one\nfour\n", "one\ntwo\nfour\n")
    assert not agrees("one\n…\n", "two\n")
