"""The texts of errors on the web app's pages: without options of the command line, without paths of this machine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from importer.drafts.store import DraftStore
from importer.errors import FileError, SettingsError
from importer.reading import read_table
from importer.sending.target import find_target
from importer.settings import Settings
from importer.web.i18n import PageError
from importer.web.rendering import ErrorText, describe_error
from schemas.registry import load_vendor


@pytest.fixture
def drafts(tmp_path: Path) -> DraftStore:
    return DraftStore(tmp_path / "drafts of mine")


@pytest.fixture
def request_(drafts: DraftStore) -> Request:
    """A request from a browser that prefers French."""
    state = SimpleNamespace(services=SimpleNamespace(drafts=drafts))
    app: Any = SimpleNamespace(state=state)
    return Request({"type": "http", "headers": [(b"accept-language", b"fr")], "app": app})


def test_uploaded_files_are_named_without_their_folder(request_: Request, drafts: DraftStore) -> None:
    draft = drafts.begin("my contacts, 2026.csv", "iclosed", "create")

    error = FileError(f"{draft.file}: is not text; {draft.reports / 'result.csv'} and /other/drafts/x.csv stay")

    assert describe_error(request_, error).text == (
        "my contacts, 2026.csv: is not text; result.csv and /other/drafts/x.csv stay"
    )


@pytest.mark.parametrize(
    ("base_url", "key", "shown", "whole"),
    [
        ("https://api.example.com", None, "iClosed contacts\u00a0: aucune clé d’API", "ICLOSED_API_KEY"),
        ("api.example.com", "k", "api.example.com: n’est pas une adresse qui commence par https://", "--base-url"),
        (
            "http://api.example.com",
            "k",
            "http://api.example.com\u00a0: la clé partirait en clair\u00a0; https:// est exigé, sauf sur cet ordinateur",
            "--base-url",
        ),
    ],
)
def test_options_of_the_command_line_are_not_shown(
    request_: Request, base_url: str, key: str | None, shown: str, whole: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        find_target(load_vendor("iclosed"), base_url, key)

    assert whole in str(raised.value)
    assert describe_error(request_, raised.value) == ErrorText(shown, "fr")


def test_texts_of_the_catalogue_are_translated(request_: Request) -> None:
    described = describe_error(request_, PageError("There is no %(name)s here.", name="x.csv"))

    assert described.language == "fr"
    assert "x.csv" in described.text
    assert described.text != "There is no x.csv here."


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("a.xls", b"<html><table>", "a.xls\u00a0: c’est une page web, alors que son nom dit .xls\u00a0; "),
        ("a.csv", b"", "a.csv\u00a0: le fichier est vide"),
        (
            "a.csv",
            b"First Name\nRen\xe9\xff\x81\n",
            "a.csv\u00a0: ligne 2, colonne 1 ('First Name')\u00a0: l’octet 0xE9",
        ),
        ("a.xlsx", b"PK\x03\x04 and no more", "a.xlsx\u00a0: illisible comme classeur ("),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_the_readers_language(
    request_: Request, drafts: DraftStore, name: str, content: bytes, shown: str
) -> None:
    file = drafts.begin(name, "iclosed", "create").file
    file.write_bytes(content)
    with pytest.raises(FileError) as raised:
        read_table(file, Settings("iclosed", encoding="utf-8" if name == "a.csv" else None))

    described = describe_error(request_, raised.value)
    assert described.language == "fr"
    assert described.text.startswith(shown)
    assert "--" not in described.text


def test_other_errors_are_in_english(request_: Request) -> None:
    assert describe_error(request_, ValueError("broken")) == ErrorText("broken", "en")
