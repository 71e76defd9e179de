"""A journal for tests, in both stores: what holds for one holds for the other."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from importer.journal import Journal, open_journal


class Store:
    """A place for a journal. Every journal that is opened is closed with the test."""

    def __init__(self, folder: Path, *, is_postgres: bool) -> None:
        self.folder = folder
        self.is_postgres = is_postgres
        self.closing = contextlib.ExitStack()

    def open(self) -> Journal:
        return self.closing.enter_context(contextlib.closing(open_journal(self.folder)))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    is_postgres = request.param == "postgresql"
    if is_postgres:
        request.getfixturevalue("postgres_journal")
    store = Store(tmp_path, is_postgres=is_postgres)
    with store.closing:
        yield store
