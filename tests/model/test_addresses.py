"""Addresses are compared in one place."""

from __future__ import annotations

import pytest

from importer.model.addresses import default_port, is_loopback, origin


@pytest.mark.parametrize("host", ["localhost", "vendor.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machines_own_names_are_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["example.com", "localhost.example.com", "192.168.0.1", "::2", ""])
def test_any_other_name_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://Example.com/a?b", "https://example.com:443"),
        ("http://example.com", "http://example.com:80"),
        ("https://example.com:8443/", "https://example.com:8443"),
        ("https://example.com:x", ""),
        ("no address", ""),
        ("", ""),
    ],
)
def test_an_origin_always_names_its_port(url: str, found: str) -> None:
    assert origin(url) == found


def test_only_web_schemes_have_a_default_port() -> None:
    assert [default_port(scheme) for scheme in ("https", "http", "ftp")] == [443, 80, None]
