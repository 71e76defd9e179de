"""Sources: one registry, one dispatch; what is prefetched is handed out once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from importer.errors import FileError
from importer.model.source_ref import SourceRef
from importer.reading import SUFFIXES, ReadOptions, as_source
from importer.reading.prefetch import Prefetch
from importer.reading.sources import SOURCES, source_for


def test_each_suffix_is_read_by_one_source() -> None:
    taken = Counter(
        suffix for suffix in SUFFIXES for kind in SOURCES if kind.accepts(SourceRef(f"Leads{suffix.upper()}"))
    )

    assert taken == dict.fromkeys(SUFFIXES, 1)


@pytest.mark.parametrize("name", ["f.pdf", "f", "f.csv.bz2", "f.gz"])
def test_a_name_that_no_source_reads_is_refused_where_it_is_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"a,b\n")
    source = source_for(SourceRef.of(tmp_path / name))

    with pytest.raises(FileError, match=r"is neither CSV .* nor a workbook"):
        source.open(ReadOptions())


def test_a_source_stays_as_it_is() -> None:
    source = as_source("leads.csv")

    assert as_source(source) is source
    assert (source.ref.uri, source.ref.name, source.ref.stem) == ("leads.csv", "leads.csv", "leads")


@pytest.mark.parametrize(
    ("uri", "stem"), [("-", "stdin"), ("in/Leads.csv", "Leads"), ("a.b.csv.gz", "a.b"), ("x.tar.xlsx", "x.tar")]
)
def test_the_output_folder_is_named_after_the_source(uri: str, stem: str) -> None:
    assert SourceRef(uri).stem == stem


def test_a_prefetched_result_is_handed_out_once_and_only_for_its_key() -> None:
    prefetch: Prefetch[int] = Prefetch()
    assert prefetch.take("a") is None

    prefetch.start("a", lambda: 1)
    assert prefetch.take("b") is None
    assert prefetch.take("a") == 1
    assert prefetch.take("a") is None


def test_what_a_prefetch_raises_is_raised_where_it_is_taken_and_not_where_it_is_discarded() -> None:
    prefetch: Prefetch[float] = Prefetch()
    prefetch.start("a", lambda: 1 / 0)
    assert prefetch.discard() is None

    prefetch.start("a", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        prefetch.take("a")
