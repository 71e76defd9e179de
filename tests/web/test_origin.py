"""Origins and hosts of URLs."""

from __future__ import annotations

import pytest

from importer.web.origin import is_site_url, parse_origin, split_host


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.example.com", "https://api.example.com:443"),
        ("https://API.example.com:443/v1?x=1", "https://api.example.com:443"),
        ("http://127.0.0.1:8080/iclosed", "http://127.0.0.1:8080"),
        ("http://example.com", "http://example.com:80"),
        ("https://user@example.com", "https://example.com:443"),
        ("https://example.com:99999", ""),
        ("https://", ""),
        ("example.com", ""),
        ("", ""),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    assert parse_origin(url) == origin


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://contacts.example.com", True),
        ("http://contacts.example.com:8080/", True),
        ("https://contacts.example.com/import", False),
        ("https://contacts.example.com?x=1", False),
        ("https://contacts.example.com:0", False),
        ("https://contacts.example.com:x", False),
        ("ftp://contacts.example.com", False),
        ("contacts.example.com", False),
    ],
)
def test_the_web_app_is_at_the_root_of_a_site(url: str, expected: bool) -> None:
    assert is_site_url(url) is expected


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        ("localhost:8765", ("localhost", 8765)),
        ("example.com", ("example.com", None)),
        ("[::1]:8765", ("::1", 8765)),
        ("example.com:x", (None, None)),
        ("", (None, None)),
    ],
)
def test_a_host_header_is_host_and_port(header: str, parts: tuple[str | None, int | None]) -> None:
    assert split_host(header) == parts
