"""Every word of the page stands in each catalogue, and what is shipped is what the catalogue says."""

from __future__ import annotations

import gettext
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from importer.model.status import Status
from importer.web import labels as told
from importer.web.i18n import DOMAIN, FOLDER, LANGUAGES, words_of

ROOT = Path(__file__).parent.parent.parent
OTHERS = sorted(set(LANGUAGES) - {"en"})


def said(entries: Catalog) -> list[Message]:
    return [entry for entry in entries if entry.id]


def texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What is marked in the code, found by the command that CONTRIBUTING.md shows."""
    shown = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    line = next(line for line in shown.splitlines() if line.startswith("pybabel extract"))
    found = tmp_path_factory.mktemp("words") / "web.pot"
    words = [str(found) if word.endswith(".pot") else word for word in shlex.split(line)[1:]]
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", "-q", *words], cwd=ROOT, check=True)
    return read_po(io.BytesIO(found.read_bytes()))


def path_of(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@pytest.fixture(scope="module", params=OTHERS)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return read_po(io.BytesIO(path_of(request.param).read_bytes()), locale=request.param)


def test_the_catalogue_has_what_is_marked_and_nothing_else(marked: Catalog, catalogue: Catalog) -> None:
    assert {entry.id for entry in said(marked)} == {entry.id for entry in said(catalogue)}
    assert not catalogue.obsolete


def test_everything_is_translated_and_nothing_is_a_guess(catalogue: Catalog) -> None:
    assert [entry.id for entry in said(catalogue) if entry.fuzzy or not all(texts(entry.string))] == []


def test_a_translation_has_the_values_of_its_text(catalogue: Catalog) -> None:
    def values(text: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)s|%%", text))

    wrong = [
        entry.id
        for entry in said(catalogue)
        for told in texts(entry.string)
        if values(told) != values(texts(entry.id)[-1]) or re.sub(r"%\(\w+\)s|%%", "", told).count("%")
    ]

    assert wrong == []


def test_no_translation_can_break_a_page(catalogue: Catalog) -> None:
    # What gettext gives a template is not escaped, and some of it stands inside attributes.
    assert [entry.id for entry in said(catalogue) if re.search(r"[<>&\"]", "".join(texts(entry.string)))] == []


def test_french_has_no_break_before_its_signs() -> None:
    french = read_po(io.BytesIO(path_of("fr").read_bytes()), locale="fr")
    broken = re.compile(r"(?<!par) [:;?!»]|« ")  # "séparées par ;" names the sign

    assert [entry.string for entry in said(french) if broken.search(" ".join(texts(entry.string)))] == []


def test_what_is_shipped_is_what_the_catalogue_says(catalogue: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)

    def entries(file: Any) -> dict[Any, str]:
        return {name: text for name, text in gettext.GNUTranslations(file)._catalog.items() if name}  # type: ignore[attr-defined]  # gettext lists its texts nowhere else

    with path_of(str(catalogue.locale)).with_suffix(".mo").open("rb") as shipped:
        assert entries(shipped) == entries(compiled)


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 ligne"), (1, "1 ligne"), (2, "2 lignes"), (2000, "2\u202f000 lignes")]
)
def test_french_counts_none_as_one(number: int, told: str) -> None:
    assert words_of("fr").count("%(n)s row", "%(n)s rows", number) == told


def test_a_status_is_counted_in_french_and_is_not_in_english() -> None:
    assert [told.status(words_of("fr"), "created", number) for number in (1, 3)] == ["créée", "créées"]
    assert [told.status(words_of("en"), "created", number) for number in (1, 3)] == ["created", "created"]
    assert told.status(words_of("fr"), "of another version", 2) == "of another version"


def test_a_language_is_a_catalogue_with_its_name_and_its_numbers() -> None:
    assert LANGUAGES == {"en": "English", "es": "Español", "fr": "Français"}
    spanish = words_of("es")

    assert [spanish.number(12345), spanish.rate(3.25), spanish.rate(1234)] == ["12.345", "3,2", "1.234"]
    assert re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d", spanish.moment(0))


def test_every_status_is_described_and_translated() -> None:
    french = words_of("fr")

    assert [status for status in Status if not (status.info.label and status.info.meaning and status.info.colour)] == []
    assert [status for status in Status if told.meaning(french, status) == status.info.meaning] == []
    # "valid" and the like are other words in French, in the singular, too.
    assert [status for status in Status if told.status(french, status, 1) == status.info.label] == []
