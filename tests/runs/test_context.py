"""A run's context is resolved once: contract, operation, target, state folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.errors import SettingsError
from importer.runs.context import resolve_context
from importer.settings import Settings


def test_a_context_needs_neither_key_nor_address_until_its_target_is_asked_for(tmp_path: Path) -> None:
    context = resolve_context(Settings("iclosed", state_dir=tmp_path))

    assert (context.vendor.name, context.operation.name, context.update_operation) == ("iclosed", "create", None)
    assert context.state_dir == tmp_path
    with pytest.raises(SettingsError, match="--base-url"):
        _ = context.target


def test_the_target_is_resolved_once() -> None:
    context = resolve_context(Settings("iclosed", base_url="https://example.com", api_key="iclosed-k"))

    assert context.target is context.target


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings("hubspot"), "there is no vendor 'hubspot'"),
        (Settings("iclosed", operation="delete"), "has no operation 'delete'; it has create"),
        (Settings("iclosed", update_changed=True), "documents no way to update"),
    ],
)
def test_settings_that_do_not_fit_the_contract_are_refused(settings: Settings, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        resolve_context(settings)


def test_a_vendor_that_documents_updates_has_an_update_operation() -> None:
    context = resolve_context(Settings("cleartalk", update_changed=True))

    assert context.update_operation is not None
    assert context.update_operation.name == "update"
