"""A workbook's parts as text, made by polars: sheets of text cells, and comments on some of them.

What errors.xlsx needs of the format (ECMA-376) and no more: inline texts, four looks, a frozen header, a filter,
comments. A library that writes cell by cell takes longer for the rows to fix than the whole check of the file.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import polars as pl

from importer.records import column_letters

LONGEST_CELL = 32_767
TEXT, HEAD, BAD, DOUBTFUL = 1, 2, 3, 4
# What XML 1.0 cannot hold; a workbook with one of these cannot be opened.
_ILLEGAL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def escaped(text: pl.Expr) -> pl.Expr:
    """A text as XML holds it, cut (with a sign) to what a cell can hold; null becomes an empty text."""
    whole = text.fill_null("")
    cut = (
        pl.when(whole.str.len_chars() > LONGEST_CELL).then(whole.str.slice(0, LONGEST_CELL - 1) + "…").otherwise(whole)
    )
    # A text such as _x0041_ would be read as the character it encodes.
    return (
        cut.str.replace_all(_ILLEGAL, " ")
        .str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_$1")
        .str.replace_all("&", "&amp;", literal=True)
        .str.replace_all("<", "&lt;", literal=True)
        .str.replace_all(">", "&gt;", literal=True)
        .str.replace_all("\r", "_x000D_", literal=True)
    )


def escaped_text(text: str) -> str:
    """The same for one text, for use in an attribute, too."""
    value: str = pl.select(escaped(pl.lit(text))).item()
    return value.replace('"', "&quot;")


class Sheet:
    """One sheet: a header, then rows of text cells, written to a temporary part as they come."""

    def __init__(self, part: IO[bytes], header: Sequence[str], widths: Sequence[int]) -> None:
        """``widths`` are in characters; a column of width 0 is hidden."""
        self._part = part
        self._width = len(header)
        self.lines = 1
        columns = "".join(
            f'<col min="{index}" max="{index}" width="{width or 10}" style="{TEXT}" customWidth="1"'
            + ("/>" if width else ' hidden="1"/>')
            for index, width in enumerate(widths, start=1)
        )
        pane = '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>'
        cells = "".join(_cell(index, 1, HEAD, name) for index, name in enumerate(header))
        self._write(
            f'{_XML}<worksheet xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheetViews>'
            f'<sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
            f'<cols>{columns}</cols><sheetData><row r="1">{cells}</row>'
        )

    def add(self, numbers: pl.Series, cells: pl.DataFrame, looks: dict[str, pl.Series]) -> None:
        """Add rows: the number in the first column, then the cells; ``looks`` has a style for each row of a column."""
        line = pl.int_range(self.lines + 1, self.lines + 1 + numbers.len(), dtype=pl.UInt32, eager=True).cast(pl.String)
        frame = cells.select(_safe(pl.col(name), name) for name in cells.columns)
        parts = [pl.format('<row r="{}"><c r="A{}"><v>{}</v></c>', line, line, numbers.cast(pl.String))]
        for index, name in enumerate(cells.columns, start=1):
            look = looks.get(name)
            style = pl.lit(str(TEXT)) if look is None else pl.lit(look.cast(pl.String))
            start = f'<c r="{column_letters(index)}'
            shown = pl.format(
                start + '{}" s="{}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>',
                line,
                style,
                pl.col(name),
            )
            blank = pl.format(start + '{}" s="{}"/>', line, style) if look is not None else pl.lit("")
            parts.append(pl.when(pl.col(name) != "").then(shown).otherwise(blank))
        rows = frame.select(pl.concat_str(*parts, pl.lit("</row>"))).to_series()
        self._write("".join(rows))
        self.lines += numbers.len()

    def close(self, *, comments: bool = False, choices: Mapping[int, Sequence[str]] | None = None) -> None:
        """End the part. ``choices`` are drop-downs, by column from 0."""
        drawing = '<legacyDrawing r:id="rId1"/>' if comments else ""
        last = f"{column_letters(self._width - 1)}{self.lines}"
        lists = [_drop_down(column, self.lines, options) for column, options in (choices or {}).items()]
        downs = f'<dataValidations count="{len(lists)}">{"".join(lists)}</dataValidations>' if lists else ""
        self._write(f'</sheetData><autoFilter ref="A1:{last}"/>{downs}{drawing}</worksheet>')
        self._part.close()

    def _write(self, text: str) -> None:
        self._part.write(text.encode())


class Comments:
    """The comments of one sheet: their texts, and the boxes (VML) that spreadsheet programs show them in."""

    def __init__(self, texts: IO[bytes], boxes: IO[bytes]) -> None:
        self._texts = texts
        self._boxes = boxes
        self.count = 0
        texts.write(f'{_XML}<comments xmlns="{_MAIN}"><authors><author/></authors><commentList>'.encode())
        boxes.write(
            b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
            b'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="_x0000_t202" coordsize="21600,21600" '
            b'o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
            b'<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
        )

    def add(self, column: int, lines: pl.Series, words: pl.Series) -> None:
        """Comments on cells of one column, in these lines of the sheet."""
        if not lines.len():
            return
        ref = pl.lit(column_letters(column)) + pl.col("line").cast(pl.String)
        frame = pl.DataFrame({"line": lines, "words": words})
        texts = frame.select(
            pl.format(
                '<comment ref="{}" authorId="0"><text><t xml:space="preserve">{}</t></text></comment>',
                ref,
                escaped(pl.col("words")),
            )
        ).to_series()
        self._texts.write("".join(texts).encode())
        number = pl.int_range(self.count + 1, self.count + 1 + lines.len(), dtype=pl.UInt32)
        boxes = frame.select(
            pl.format(
                '<v:shape id="_x0000_s{}" type="#_x0000_t202" style="position:absolute;visibility:hidden" '
                'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:textbox/>'
                '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
                f"<x:Anchor>{column + 1}, 15, {{}}, 2, {column + 4}, 15, {{}}, 10</x:Anchor>"
                "<x:AutoFill>False</x:AutoFill>"
                f"<x:Row>{{}}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>",
                number + 1024,
                pl.col("line") - 1,
                pl.col("line") + 4,
                pl.col("line") - 1,
            )
        ).to_series()
        self._boxes.write("".join(boxes).encode())
        self.count += lines.len()

    def close(self) -> None:
        """End both parts."""
        self._texts.write(b"</commentList></comments>")
        self._boxes.write(b"</xml>")
        self._texts.close()
        self._boxes.close()


def assemble(path: Path, folder: Path, sheets: Sequence[tuple[str, str]], commented: Sequence[str]) -> None:
    """Zip the parts of ``folder``: ``sheets`` are pairs of a title and a part's name, ``commented`` names of parts."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = "".join(f'<Override PartName="/xl/{name}.xml" ContentType="{kind}.worksheet+xml"/>' for _, name in sheets)
    types += "".join(
        f'<Override PartName="/xl/{name}-comments.xml" ContentType="{kind}.comments+xml"/>' for name in commented
    )
    entries = "".join(
        f'<sheet name="{escaped_text(title)}" sheetId="{number}"'
        + (' state="veryHidden"' if title.startswith("import_") else "")
        + f' r:id="rId{number}"/>'
        for number, (title, _) in enumerate(sheets, start=1)
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATED}/worksheet" Target="{name}.xml"/>'
        for number, (_, name) in enumerate(sheets, start=1)
    )
    links += f'<Relationship Id="rId{len(sheets) + 1}" Type="{_RELATED}/styles" Target="styles.xml"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{types}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            _links(f'<Relationship Id="rId1" Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/>'),
        )
        archive.writestr(
            "xl/workbook.xml",
            f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>{entries}</sheets></workbook>',
        )
        archive.writestr("xl/_rels/workbook.xml.rels", _links(links))
        archive.writestr("xl/styles.xml", _STYLES)
        for part in sorted(folder.iterdir()):
            archive.write(part, f"xl/{part.name}")
        for name in commented:
            archive.writestr(
                f"xl/_rels/{name}.xml.rels",
                _links(
                    f'<Relationship Id="rId1" Type="{_RELATED}/vmlDrawing" Target="{name}-boxes.vml"/>'
                    f'<Relationship Id="rId2" Type="{_RELATED}/comments" Target="{name}-comments.xml"/>'
                ),
            )


def _drop_down(column: int, last: int, options: Sequence[str]) -> str:
    """A list to choose from, which lets other texts pass: the check says what is wrong with them."""
    letters = column_letters(column)
    return (
        f'<dataValidation type="list" allowBlank="1" showErrorMessage="0" sqref="{letters}2:{letters}{max(last, 2)}">'
        f"<formula1>{escaped_text(chr(34) + ','.join(options) + chr(34)).replace('&quot;', chr(34))}</formula1>"
        "</dataValidation>"
    )


def _links(entries: str) -> str:
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def _safe(text: pl.Expr, name: str) -> pl.Expr:
    return escaped(text).alias(name)


def _cell(index: int, line: int, style: int, text: str) -> str:
    ref = f"{column_letters(index)}{line}"
    shown = f'<is><t xml:space="preserve">{escaped_text(text)}</t></is>'
    return f'<c r="{ref}" s="{style}" t="inlineStr">{shown}</c>'


def _fill(color: str) -> str:
    return (
        f'<fill><patternFill patternType="solid"><fgColor rgb="FF{color}"/><bgColor indexed="64"/></patternFill></fill>'
    )


_FORMATS = [(0, 0, 0), (49, 0, 0), (49, 1, 2), (49, 0, 3), (49, 0, 4)]
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
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
