"""A document that somebody wrote to do harm is refused as text, within a bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from importer.errors import MappingError, SettingsError
from importer.pipeline import check_file
from importer.settings import Settings
from schemas import slow_patterns
from schemas.contract import ContractError
from schemas.registry import load_vendor

Write = Callable[..., Path]
HEAD = "openapi: 3.1.0\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "#" * 5_000_001, "larger than"),
        (HEAD + "a: " + "[" * 5000 + "]" * 5000, "nested|not YAML"),
        (HEAD + "a: &a [x]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [" + ", ".join([f"*{chr(97 + n)}"] * 10) + "]\n" for n in range(9)
        ), "aliases"),
        (HEAD + "a: &a\n  b: *a\n", "itself"),
        (HEAD + "a: " + "9" * 5000 + "\n", "not YAML|form"),
    ],
    ids=["size", "depth", "aliases", "cycle", "digits"],
)  # fmt: skip
def test_a_document_is_bounded(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "hostile.yaml"
    file.write_text(text, encoding="utf-8")
    begun = time.perf_counter()

    with pytest.raises(ContractError, match=said):
        load_vendor(file)

    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize("pattern", ["(" * 5000 + ")" * 5000, "a" * 30_000])
def test_a_pattern_that_would_overflow_the_engine_is_refused(document: Write, pattern: str) -> None:
    with pytest.raises(ContractError, match="pattern"):
        load_vendor(document({"a": {"type": "string", "pattern": pattern}}))


def test_ten_thousand_properties_are_read_and_matched(document: Write, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("Property 9999,b\nx,1\n", encoding="utf-8")
    vendor = document({f"property_{number}": {"type": "string"} for number in range(10_000)})
    begun = time.perf_counter()

    summary = check_file(tmp_path / "f.csv", Settings(str(vendor), output=tmp_path / "out"))

    assert summary.mapping["property_9999"] == "Property 9999"
    assert time.perf_counter() - begun < 30


@pytest.mark.parametrize("pattern", [r"^(a+)+\1$", r"(?<=x)(?:a|aa)+$", r"^(?:(a*)*)*\1b$"])
def test_a_catastrophic_pattern_stops_the_check_as_text(
    document: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.setattr(slow_patterns, "MATCH_SECONDS", 2.0)
    (tmp_path / "f.csv").write_text(f"a,b\nx{'a' * 60}!,1\nb,2\n", encoding="utf-8")
    vendor = document({"a": {"type": "string", "pattern": pattern}})
    begun = time.perf_counter()

    try:
        check_file(tmp_path / "f.csv", Settings(str(vendor), output=tmp_path / "out"))
    except SettingsError as error:
        assert "too long" in str(error)  # noqa: PT017 - an engine may be quick with it

    assert time.perf_counter() - begun < 20


def test_look_behinds_and_back_references_are_matched(document: Write, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("a,b\nabab,1\nabba,2\n", encoding="utf-8")
    vendor = document({"a": {"type": "string", "pattern": r"^(ab)\1$"}})

    summary = check_file(tmp_path / "f.csv", Settings(str(vendor), output=tmp_path / "out"))

    assert (summary.counts["valid"], summary.counts["invalid"]) == (1, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('email = { template = "' + "{Email}" * 100_000 + '" }', "at most"),
        ('email = "' + "x" * 1_000_001 + '"', "larger than 1 MB"),
        ("email = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("a" + ".a" * 5000 + " = 1", "unknown|nested|must|column|field"),
    ],
    ids=["placeholders", "size", "depth", "keys"],
)
def test_a_mapping_file_is_bounded(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "f.csv").write_text("Email\nana@example.com\n", encoding="utf-8")
    (tmp_path / "m.toml").write_text(text, encoding="utf-8")
    begun = time.perf_counter()

    with pytest.raises(MappingError, match=said) as caught:
        check_file(tmp_path / "f.csv", Settings("iclosed", output=tmp_path / "out", mapping=tmp_path / "m.toml"))

    assert len(str(caught.value)) < 20_000
    assert time.perf_counter() - begun < 10
