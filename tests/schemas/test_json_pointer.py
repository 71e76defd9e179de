"""One JSON Pointer for every place that a contract names."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.json_pointer import escape_step, get_pointer, set_pointer

DOCUMENT = {"a": {"b": [10, {"c": 20}]}, "x/y": 1, "m~n": 2, "": 3, "~1": 4, "²": 5}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT),
        ("/a/b/0", 10),
        ("/a/b/1/c", 20),
        ("/x~1y", 1),
        ("/m~0n", 2),
        ("/", 3),
        ("/~01", 4),
        ("/²", 5),
        ("/a/b/2", None),
        ("/a/b/-1", None),
        ("/a/b/²", None),
        ("/a/b/c", None),
        ("/a/b/0/c", None),
        ("/nothing", None),
    ],
)
def test_a_pointer_names_a_value_or_nothing(pointer: str, value: Any) -> None:
    assert get_pointer(DOCUMENT, pointer) == value


@pytest.mark.parametrize("name", ["a", "x/y", "m~n", "~1", ""])
def test_an_escaped_name_is_one_step(name: str) -> None:
    document: dict[str, Any] = {}
    set_pointer(document, f"/above/{escape_step(name)}", 7)

    assert document == {"above": {name: 7}}
    assert get_pointer(document, f"/above/{escape_step(name)}") == 7
