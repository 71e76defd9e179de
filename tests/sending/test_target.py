"""Targets: the address and key of requests, and the ones that are refused before anything leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from importer.errors import SettingsError
from importer.sending.target import find_target, key_warning
from schemas.registry import load_vendor


def test_a_placeholder_address_is_asked_for_and_the_published_one_named() -> None:
    with pytest.raises(SettingsError, match=r"--base-url.*https://public\.api\.iclosed\.io"):
        find_target(load_vendor("iclosed"), None, "k")


@pytest.mark.parametrize(
    "url", ["http://example.com", "ftp://example.com", "example.com", "https://", "https://u:p@example.com"]
)
def test_an_unsafe_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="--base-url"):
        find_target(load_vendor("iclosed"), url, "k")


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1", "https://example.com"])
def test_plain_http_is_for_this_machine_only(url: str) -> None:
    assert find_target(load_vendor("iclosed"), url, "k").url("/v1/contacts") == f"{url}/v1/contacts"


@pytest.mark.parametrize(
    "base", ["https://example.com", "https://example.com/", "https://example.com/api", "https://example.com/api/"]
)
def test_a_base_that_ends_in_api_is_not_doubled(base: str) -> None:
    assert find_target(load_vendor("gomobile"), base, None).url("/api/contact") == "https://example.com/api/contact"


def test_a_key_is_needed_where_the_document_says_so() -> None:
    with pytest.raises(SettingsError, match="CLEARTALK_API_KEY"):
        find_target(load_vendor("cleartalk"), None, None)

    assert find_target(load_vendor("gomobile"), "https://example.com", None).headers == {}


def test_each_vendor_gets_its_key_in_its_header() -> None:
    headers = {
        name: find_target(load_vendor(name), "https://example.com", "k").headers
        for name in ("cleartalk", "iclosed", "clemta", "gomobile")
    }

    assert headers == {
        "cleartalk": {"x-api-key": "k"},
        "iclosed": {"Authorization": "Bearer k"},
        "clemta": {"X-API-Key": "k"},
        "gomobile": {"X-API-Key": "k"},
    }


def test_two_keys_are_two_targets_and_neither_is_shown() -> None:
    one, other = (find_target(load_vendor("cleartalk"), None, key) for key in ("secret-one", "secret-two"))

    assert one.name != other.name
    assert "secret-one" not in repr(one) + one.name


def test_a_key_that_cannot_be_a_header_is_refused() -> None:
    with pytest.raises(SettingsError, match="API key holds"):
        find_target(load_vendor("cleartalk"), None, "a\nb")


def test_iclosed_warns_of_a_key_with_another_beginning() -> None:
    vendor = load_vendor("iclosed")

    assert key_warning(vendor, "abc")
    assert key_warning(vendor, "iclosed-abc") is None
    assert key_warning(vendor, "iclosed_abc") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com", "https://example.com/"),
        ("https://example.com", "HTTPS://Example.COM"),
        ("https://example.com", "https://example.com:443"),
        ("https://example.com", "https://example.com./"),
        ("https://example.com", "https://example.com/v1"),
        ("http://127.0.0.1:1/iclosed", "http://localhost:1/iclosed/"),
        ("http://127.0.0.1:1/iclosed", "http://[::1]:1/iclosed/v1"),
    ],
)
def test_one_place_has_one_name_however_it_is_spelt(one: str, other: str) -> None:
    """Otherwise what was sent there under one name would be sent again under the other."""
    names = {find_target(load_vendor("iclosed"), url, "k").name for url in (one, other)}

    assert len(names) == 1


@pytest.mark.parametrize(
    "other", ["https://example.com:8443", "https://example.org", "https://example.com/other", "https://example.com/V1"]
)
def test_other_places_have_other_names(other: str) -> None:
    names = {find_target(load_vendor("iclosed"), url, "k").name for url in ("https://example.com", other)}

    assert len(names) == 2


@pytest.mark.parametrize("url", ["http://[::1", "https://example.com:x", "https://[x]/"])
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(SettingsError, match="is not an address"):
        find_target(load_vendor("iclosed"), url, "k")


@pytest.mark.parametrize("url", ["http://127.0.0.1:", "https://example.com:/v1"])
def test_a_forgotten_port_is_not_taken_for_the_usual_one(url: str) -> None:
    with pytest.raises(SettingsError, match="the port is missing"):
        find_target(load_vendor("iclosed"), url, "k")


def test_a_variable_that_is_named_is_one_that_a_shell_can_export() -> None:
    vendor = replace(load_vendor("iclosed"), name="my-vendor.eu", base_url=None)

    assert (vendor.api_key_variable, vendor.base_url_variable) == ("MY_VENDOR_EU_API_KEY", "MY_VENDOR_EU_BASE_URL")
    with pytest.raises(SettingsError, match="MY_VENDOR_EU_BASE_URL"):
        find_target(vendor, None, None)
    with pytest.raises(SettingsError, match="MY_VENDOR_EU_API_KEY"):
        find_target(vendor, "https://example.com", None)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/v1?",
        "https://api.example.com/v1#",
        "https://@api.example.com",
        "https://:@api.example.com",
    ],
)
def test_an_address_with_an_empty_query_fragment_or_user_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="without user, query and fragment"):
        find_target(load_vendor("iclosed"), url, "iclosed-k")
