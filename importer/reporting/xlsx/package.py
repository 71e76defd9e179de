"""Write a workbook: its sheets as parts of a zip, the parts that describe them, and the styles of cells."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import polars as pl

from importer.model.report_columns import RUN_SHEET
from importer.reporting.xlsx.sheet import CellStyle, SheetWriter
from importer.reporting.xlsx.xml import MAIN, RELATED, XML_DECLARATION, escape_text

COPY_BYTES = 1 << 20
CHARACTERS_PER_LINE = 30_000  # of the hidden sheet; a cell holds no more than 32,767
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_CONTENT_TYPES = (
    f'{XML_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_SPREADSHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SPREADSHEET}.styles+xml"/>{{}}</Types>'
)


class XlsxWriter:
    """A workbook whose parts lie in a temporary folder until ``save`` packs them into one file."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="contact-importer-")
        self._parts: list[IO[bytes]] = []
        self._sheets: list[tuple[str, str]] = []
        self._commented: list[str] = []

    def open_part(self, name: str) -> IO[bytes]:
        """Create a part. Its writer closes it."""
        part = (Path(self._folder.name) / name).open("wb")
        self._parts.append(part)
        return part

    def add_sheet(self, title: str, part: str, *, commented: bool = False) -> None:
        """Add the sheet whose part (its name without ``.xml``) has been written, with its comments or without."""
        self._sheets.append((title, part))
        if commented:
            self._commented.append(part)
        for name in () if commented else (f"{part}-comments.xml", f"{part}-boxes.vml"):
            (Path(self._folder.name) / name).unlink(missing_ok=True)

    def add_text_sheet(self, title: str, part: str, texts: Sequence[str]) -> None:
        """Add a sheet of numbered lines."""
        sheet = SheetWriter(self.open_part(f"{part}.xml"), ("", title))
        sheet.add(pl.DataFrame({"": range(1, len(texts) + 1), title: list(texts)}, schema_overrides={title: pl.String}))
        sheet.close()
        self.add_sheet(title, part)

    def add_run_sheet(self, plan: str) -> None:
        """Add a sheet that no program shows: the plan of the run, by which an import of the workbook recognises it."""
        starts = range(0, len(plan), CHARACTERS_PER_LINE)
        self.add_text_sheet(RUN_SHEET, RUN_SHEET, [plan[at : at + CHARACTERS_PER_LINE] for at in starts])

    def save(self, path: Path) -> None:
        """Write the file and remove the temporary folder."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, text in self._descriptions():
                archive.writestr(name, text)
            for part in sorted(Path(self._folder.name).iterdir()):
                large = part.stat().st_size >= zipfile.ZIP64_LIMIT
                with part.open("rb") as source, archive.open(f"xl/{part.name}", "w", force_zip64=large) as target:
                    shutil.copyfileobj(source, target, COPY_BYTES)
        self._folder.cleanup()

    def discard(self) -> None:
        """Close what is open and remove the temporary folder."""
        for part in self._parts:
            with contextlib.suppress(OSError):
                part.close()
        self._folder.cleanup()

    def _descriptions(self) -> Iterator[tuple[str, str]]:
        """Yield the parts that describe the others, by their names."""
        parts = [name for _, name in self._sheets]
        types = "".join(
            f'<Override PartName="/xl/{name}.xml" ContentType="{_SPREADSHEET}.worksheet+xml"/>' for name in parts
        )
        types += "".join(
            f'<Override PartName="/xl/{name}-comments.xml" ContentType="{_SPREADSHEET}.comments+xml"/>'
            for name in self._commented
        )
        yield "[Content_Types].xml", _CONTENT_TYPES.format(types)
        yield "_rels/.rels", _links(_link(1, "officeDocument", "xl/workbook.xml"))
        sheets = "".join(
            f'<sheet name="{escape_text(title)}" sheetId="{number}"'
            + (' state="veryHidden"' if title == RUN_SHEET else "")
            + f' r:id="rId{number}"/>'
            for number, (title, _) in enumerate(self._sheets, start=1)
        )
        yield (
            "xl/workbook.xml",
            f'{XML_DECLARATION}<workbook xmlns="{MAIN}" xmlns:r="{RELATED}"><sheets>{sheets}</sheets></workbook>',
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
    return f'{XML_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}</Relationships>'


def _fill(color: str) -> str:
    return (
        f'<fill><patternFill patternType="solid"><fgColor rgb="FF{color}"/><bgColor indexed="64"/></patternFill></fill>'
    )


# Number format (49 is text), font and fill of each style.
_STYLE_PARTS = {
    CellStyle.NUMBER: (0, 0, 0),
    CellStyle.TEXT: (49, 0, 0),
    CellStyle.HEADER: (49, 1, 2),
    CellStyle.ERROR: (49, 0, 3),
    CellStyle.WARNING: (49, 0, 4),
}
_STYLES = (
    f'{XML_DECLARATION}<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="5">'
    '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    + "".join(_fill(color) for color in ("E7E6E6", "FFC7CE", "FFF2CC"))
    + '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">'
    + "".join(
        f'<xf numFmtId="{number_format}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0" applyNumberFormat="1" '
        'applyFont="1" applyFill="1"/>'
        for number_format, font, fill in _STYLE_PARTS.values()
    )
    + '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
