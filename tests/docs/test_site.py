"""The docs site builds strictly and offline: every page is in the navigation, and nothing is fetched from elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
README_LINES = 150


def pages_in(entries: Any) -> Iterator[str]:
    for entry in entries:
        for target in entry.values():
            yield from [target] if isinstance(target, str) else pages_in(target)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as it is published, built in a folder of its own: other workers build it, too."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copy(ROOT / "zensical.toml", folder)
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict", "--clean"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "build" / "site"


def test_no_page_is_outside_the_navigation() -> None:
    nav = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]

    assert sorted(pages_in(nav)) == sorted(page.name for page in (ROOT / "docs").glob("*.md"))


def test_every_page_is_built_with_its_links(site: Path) -> None:
    for page in (ROOT / "docs").glob("*.md"):
        built = (site / page.name).with_suffix(".html")
        assert built.exists()
        links = re.findall(r'(?:href|src)="?([^"#> ]+)', built.read_text(encoding="utf-8"))
        local = [link for link in links if not re.match(r"[a-z]+:|//", link) and link != "."]
        assert not [link for link in local if not (site / link).exists()], page.name


def test_every_problem_has_an_address(site: Path) -> None:
    from importer.model.problem import PROBLEM_KINDS

    anchors = set(re.findall(r'id="?([\w-]+)', (site / "problems.html").read_text(encoding="utf-8")))

    assert set(PROBLEM_KINDS) <= anchors


def test_the_site_fetches_nothing(site: Path) -> None:
    for page in site.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        fetched = re.findall(r"<(?:script|img|iframe)[^>]+src=\"?(https?:[^\"> ]+)", text)
        fetched += re.findall(r"<link[^>]+rel=\"?stylesheet[^>]+href=\"?(https?:[^\"> ]+)", text)
        assert not fetched, page.name


def test_every_extra_is_on_the_page_about_installing() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")

    assert not [name for name in extras if name not in ("bench", "dev", "test") and f"| `{name}` |" not in page]


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= README_LINES
