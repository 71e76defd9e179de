"""The texts of errors on the web app's pages: without options of the command line, without paths of this machine."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request

from importer.drafts.store import DraftStore
from importer.errors import FileError, SettingsError
from importer.sending.target import find_target
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
        ("https://api.example.com", None, "iClosed contacts: no API key", "ICLOSED_API_KEY"),
        ("api.example.com", "k", "api.example.com: is not an address that begins with https://", "--base-url"),
        (
            "http://api.example.com",
            "k",
            "http://api.example.com: sends the key in the clear; https:// is required except on this machine",
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
    assert describe_error(request_, raised.value) == ErrorText(shown)


def test_texts_of_the_catalogue_are_translated(request_: Request) -> None:
    described = describe_error(request_, PageError("There is no %(name)s here.", name="x.csv"))

    assert described.language == "fr"
    assert "x.csv" in described.text
    assert described.text != "There is no x.csv here."


def test_other_errors_are_in_english(request_: Request) -> None:
    assert describe_error(request_, ValueError("broken")) == ErrorText("broken", "en")
