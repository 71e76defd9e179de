"""A workbook put together from its parts: what a zip must have besides the sheets, and their four looks."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import polars as pl

from importer.model.report_columns import RUN_SHEET
from importer.reporting.xlsx.sheet import Sheet
from importer.reporting.xlsx.xml import DECLARED, MAIN, RELATED, escaped_text

PIECE_BYTES = 1 << 20
PIECE = 30_000
"""Characters of a cell of the hidden sheet."""
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = (
    f'{DECLARED}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>{{}}</Types>'
)


class Book:
    """The parts of a workbook, in a temporary folder until they are written as one file."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="contact-importer-")
        self._sheets: list[tuple[str, str]] = []
        self._commented: list[str] = []

    def part(self, name: str) -> IO[bytes]:
        """A new part, to be written and closed."""
        return (Path(self._folder.name) / name).open("wb")

    def listed(self, title: str, part: str, *, commented: bool = False) -> None:
        """Add a sheet whose part (its name without ``.xml``) is there, with its comments or without."""
        self._sheets.append((title, part))
        if commented:
            self._commented.append(part)
        for name in () if commented else (f"{part}-comments.xml", f"{part}-boxes.vml"):
            (Path(self._folder.name) / name).unlink(missing_ok=True)

    def lines(self, title: str, part: str, texts: Sequence[str]) -> None:
        """Add a sheet of numbered texts."""
        sheet = Sheet(self.part(f"{part}.xml"), ("", title))
        sheet.add(pl.DataFrame({"": range(1, len(texts) + 1), title: list(texts)}, schema_overrides={title: pl.String}))
        sheet.close()
        self.listed(title, part)

    def carry(self, plan: str) -> None:
        """Add a sheet that no program shows: what it takes to know the workbook again when it comes back."""
        self.lines(RUN_SHEET, RUN_SHEET, [plan[at : at + PIECE] for at in range(0, len(plan), PIECE)])

    def write(self, path: Path) -> None:
        """Write the file."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, text in self._descriptions():
                archive.writestr(name, text)
            for part in sorted(Path(self._folder.name).iterdir()):
                large = part.stat().st_size >= zipfile.ZIP64_LIMIT
                with part.open("rb") as made, archive.open(f"xl/{part.name}", "w", force_zip64=large) as packed:
                    shutil.copyfileobj(made, packed, PIECE_BYTES)
        self._folder.cleanup()

    def _descriptions(self) -> Iterator[tuple[str, str]]:
        """The parts that say what the others are."""
        parts = [name for _, name in self._sheets]
        types = "".join(f'<Override PartName="/xl/{name}.xml" ContentType="{_KIND}.worksheet+xml"/>' for name in parts)
        types += "".join(
            f'<Override PartName="/xl/{name}-comments.xml" ContentType="{_KIND}.comments+xml"/>'
            for name in self._commented
        )
        yield "[Content_Types].xml", _TYPES.format(types)
        yield "_rels/.rels", _links(_link(1, "officeDocument", "xl/workbook.xml"))
        sheets = "".join(
            f'<sheet name="{escaped_text(title)}" sheetId="{number}"'
            + (' state="veryHidden"' if title == RUN_SHEET else "")
            + f' r:id="rId{number}"/>'
            for number, (title, _) in enumerate(self._sheets, start=1)
        )
        yield (
            "xl/workbook.xml",
            f'{DECLARED}<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets>{sheets}</sheets></workbook>',
        )
        links = [_link(number, "worksheet", f"{name}.xml") for number, name in enumerate(parts, start=1)]
        yield "xl/_rels/workbook.xml.rels", _links(*links, _link(len(parts) + 1, "styles", "styles.xml"))
        yield "xl/styles.xml", _STYLES
        for name in self._commented:
            boxes, texts = _link(1, "vmlDrawing", f"{name}-boxes.vml"), _link(2, "comments", f"{name}-comments.xml")
            yield f"xl/_rels/{name}.xml.rels", _links(boxes, texts)


def _link(number: int, kind: str, to: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{RELATED}/{kind}" Target="{to}"/>'


def _links(*links: str) -> str:
    return f'{DECLARED}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}</Relationships>'


def _fill(color: str) -> str:
    return (
        f'<fill><patternFill patternType="solid"><fgColor rgb="FF{color}"/><bgColor indexed="64"/></patternFill></fill>'
    )


_FORMATS = [(0, 0, 0), (49, 0, 0), (49, 1, 2), (49, 0, 3), (49, 0, 4)]
_STYLES = (
    f'{DECLARED}<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="5">'
    '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    + "".join(_fill(color) for color in ("E7E6E6", "FFC7CE", "FFF2CC"))
    + '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">'
    + "".join(
        f'<xf numFmtId="{form}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" applyNumberFormat="1" '
        'applyFont="1" applyFill="1"/>'
        for form, font, fill in _FORMATS
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
