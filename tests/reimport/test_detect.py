"""Our own reports are recognised before they are read."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from importer.errors import SettingsError
from importer.observer import Observer
from importer.reading import ReadOptions, as_source, prefetched_source
from importer.reimport import adopt_operation, detect
from importer.settings import Settings
from schemas.registry import load_vendor

VENDOR = load_vendor("cleartalk")
UPDATE = next(operation.name for operation in VENDOR.operations.values() if operation.repeatable)
RESULT = b"import_row,import_status,a\n2,invalid,1\n"
LIST = b'"row";"column";"field";"value"\n2;Email;email;x\n'


def write_summary(folder: Path, **entries: str) -> None:
    (folder / "summary.json").write_text(json.dumps({"operation": UPDATE, "vendor": VENDOR.name, **entries}))


@pytest.mark.parametrize("content", [RESULT, LIST, b"\xef\xbb\xbf" + RESULT], ids=["result", "list", "marked"])
def test_a_report_is_read_without_the_options_of_its_file(tmp_path: Path, content: bytes) -> None:
    path, chosen = tmp_path / "f.csv", Settings("cleartalk", encoding="utf-16", header_row=7, delimiter="|")
    path.write_bytes(content)

    with prefetched_source(path, chosen) as source:
        found = detect(source, VENDOR)
        assert found is not None
        table = source.open(found.read_options(chosen))

    assert (table.header_row, len(table.columns)) == (1, 3 if b"status" in content else 4)
    assert sum(batch.frame.height for batch in table.batches()) == 1


@pytest.mark.parametrize("content", [b"row,name\n2,Ana\n", b"name,import_row\nAna,2\n", b"", b"rows\n"])
def test_any_other_file_is_no_report_even_beside_a_summary(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.csv").write_bytes(content)
    write_summary(tmp_path)

    assert detect(as_source(tmp_path / "f.csv"), VENDOR) is None
    assert detect(as_source(tmp_path / "missing.csv"), VENDOR) is None
    assert detect(as_source(tmp_path / "missing.xlsx"), VENDOR) is None


def test_a_workbook_is_a_report_by_its_hidden_sheet_and_is_read_from_its_first_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["import_row", "Name"])
    book.active.append([2, "Ana"])
    book.create_sheet("Problems").append(["row", "column"])
    book.create_sheet("import_run").append(["import_run"])
    book.save(tmp_path / "f.xlsx")
    source = as_source(tmp_path / "f.xlsx")

    found = detect(source, VENDOR)
    assert found is not None
    table = source.open(found.read_options(Settings("cleartalk", sheet="Contacts", header_row=3)))

    assert (table.columns, table.facts.notes) == (("import_row", "Name"), ())
    assert (found.plan, found.operation, found.has_every_row) == (None, None, False)


def test_a_sheet_of_a_persons_own_may_have_any_name(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "import_contacts"
    book.active.append(["Name"])
    book.active.append(["Ana"])
    book.create_sheet("Notes").append(["text"])
    book.save(tmp_path / "f.xlsx")
    source = as_source(tmp_path / "f.xlsx")

    assert detect(source, VENDOR) is None
    assert source.open(ReadOptions()).columns == ("Name",)


def test_rows_to_fix_are_imported_as_their_run_was_and_nowhere_else(tmp_path: Path) -> None:
    path = tmp_path / "errors.csv"
    path.write_bytes(LIST)
    write_summary(tmp_path)
    found, ref = detect(as_source(path), VENDOR), as_source(path).ref
    assert found is not None

    assert adopt_operation(found, ref, VENDOR, Settings("cleartalk"), Observer()).operation == UPDATE

    write_summary(tmp_path, vendor="another")
    other = detect(as_source(path), VENDOR)
    with pytest.raises(SettingsError, match="a run to another vendor"):
        adopt_operation(other, ref, VENDOR, Settings("cleartalk"), Observer())
