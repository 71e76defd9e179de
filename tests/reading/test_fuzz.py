"""Damaged files of every kind: they are read or refused in words, in time, and nothing in them goes missing.

``CONTACT_IMPORTER_FUZZ=50000`` tries that many instead of the usual number.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import time
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from importer.errors import FileError
from importer.model.table import Table
from importer.reading import read_table
from importer.settings import Settings

TRIES = int(os.environ.get("CONTACT_IMPORTER_FUZZ", "2400"))
SHARDS = 8
SLOWEST = 20.0
TEXTS = (
    'name,email,note\nAna,ana@example.com,"a, b"\n"Bo ""x""",bo@example.com,\n\nZoé,,"two\nlines"\n',
    "sep=;\r\nname;phone\r\nAna;+15550100\r\nBo;00 15\r\n",
    "Report\n\nname\tzip\nAna\t01234\nBo\t2139\n",
    "a|b\r1|2\r3|4\r",
)


def outcome(path: Path, **chosen: Any) -> Table | FileError:
    """What reading the file comes to, in time; any other exception ends the test."""
    begun = time.monotonic()
    found: Table | FileError
    try:
        found = read_table(path, Settings("iclosed", **chosen))
        for _ in found.batches():
            pass
    except FileError as error:
        found = error
    assert time.monotonic() - begun < SLOWEST
    return found


def is_told(found: Table | FileError, path: Path) -> bool:
    """Whether the file was read, or is named with what is wrong."""
    return isinstance(found, Table) or str(found).startswith(f"{path}: ")


def mutated(content: bytes, chance: random.Random) -> bytes:
    out = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(6):
            case 0:
                out[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                out[at:at] = chance.choice((b'"', b",", b";", b"\n", b"\r", b"\x00", b"\xff", b"\t", b"\xc3", b"''"))
            case 2:
                del out[at : at + chance.randrange(1, 30)]
            case 3:
                out[at:at] = out[at : at + chance.randrange(1, 200)]
            case 4:
                del out[at:]
            case 5 if out:
                other = chance.randrange(len(out))
                out[at : at + 8] = out[other : other + 8]
    return bytes(out)


def letters(texts: Iterable[str | None]) -> Counter[str]:
    return Counter(character for text in texts for character in text or "" if character.isalnum())


@pytest.mark.parametrize("shard", range(SHARDS))
def test_damaged_text_is_read_whole_or_refused(tmp_path: Path, shard: int) -> None:
    chance = random.Random(shard)
    path = tmp_path / "f.csv"
    for _ in range(TRIES // SHARDS // 2):
        content = mutated(chance.choice(TEXTS).encode(chance.choice(("utf-8", "cp1252", "utf-16"))), chance)
        path.write_bytes(content)

        table = outcome(path, header_row=1)

        assert is_told(table, path)
        if isinstance(table, Table):
            text = content.decode(table.facts.encoding or "utf-8").removeprefix("\ufeff")
            batches = list(table.batches())
            cells = [cell for batch in batches for row in batch.frame.rows() for cell in row[1:]]
            beyond = [mark.value for batch in batches for mark in batch.findings if mark.code == "too_many_cells"]
            assert letters([*table.columns, *cells, *beyond]) == letters([text])


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("books")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["name", "zip", "sum"])
    sheet.append(["Ana", 1234, "=1+1"])
    sheet["B2"].number_format = "00000"
    sheet.append(["Bo", 1e20, True])
    sheet.merge_cells("A3:A4")
    book.save(folder / "a.xlsx")
    other = xlsxwriter.Workbook(str(folder / "b.xlsx"))
    other.add_worksheet().write_column(0, 0, ["email", *(f"p{index}@example.com" for index in range(30))])
    other.close()
    if shutil.which("soffice"):
        for suffix in ("ods", "xls"):
            convert(folder / "a.xlsx", suffix)
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def convert(path: Path, suffix: str) -> Path:
    home = path.parent / "home"
    command = ["soffice", f"-env:UserInstallation=file://{home}", "--headless", "--convert-to", suffix]
    subprocess.run([*command, "--outdir", path.parent, path], check=True, capture_output=True, timeout=100)
    return path.with_suffix(f".{suffix}")


@pytest.mark.parametrize("shard", range(SHARDS))
def test_damaged_workbooks_are_read_or_refused(tmp_path: Path, workbooks: dict[str, bytes], shard: int) -> None:
    chance, read = random.Random(100 + shard), 0
    for _ in range(TRIES // SHARDS // 2):
        name = chance.choice(sorted(workbooks))
        path = tmp_path / f"f{Path(name).suffix}"
        path.write_bytes(mutated(workbooks[name], chance))

        found = outcome(path)

        assert is_told(found, path)
        read += isinstance(found, Table)
    assert 0 < read < TRIES // SHARDS // 2


@pytest.mark.parametrize("shard", range(SHARDS))
def test_damaged_parts_of_workbooks_are_read_or_refused(
    tmp_path: Path, workbooks: dict[str, bytes], shard: int
) -> None:
    """The zip is whole, the XML in it is not: most damage to the bytes of the file never gets that far."""
    chance, read = random.Random(200 + shard), 0
    zipped = sorted(name for name in workbooks if not name.endswith(".xls"))
    for _ in range(TRIES // SHARDS // 2):
        name = chance.choice(zipped)
        path = tmp_path / f"f{Path(name).suffix}"
        source = tmp_path / "source"
        source.write_bytes(workbooks[name])
        with zipfile.ZipFile(source) as parts, zipfile.ZipFile(path, "w") as made:
            victim = chance.choice(
                [part for part in parts.namelist() if re.search(r"sheet|content|styles|shared", part)]
            )
            for part in parts.namelist():
                content = parts.read(part)
                made.writestr(part, mutated(content, chance) if part == victim else content)

        found = outcome(path)

        assert is_told(found, path)
        read += isinstance(found, Table)
    assert 0 < read < TRIES // SHARDS // 2
