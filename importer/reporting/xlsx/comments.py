"""Write the comments on the cells of one sheet."""

from __future__ import annotations

from typing import IO

import polars as pl

from importer.model.table import column_letters
from importer.reporting.xlsx.xml import MAIN, XML_DECLARATION, escape


class Comments:
    """The comments of one sheet: their texts, and the boxes (VML) that spreadsheet programs show them in."""

    def __init__(self, texts: IO[bytes], boxes: IO[bytes]) -> None:
        self._texts = texts
        self._boxes = boxes
        self.count = 0
        texts.write(f'{XML_DECLARATION}<comments xmlns="{MAIN}"><authors><author/></authors><commentList>'.encode())
        boxes.write(
            b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
            b'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="_x0000_t202" coordsize="21600,21600" '
            b'o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
            b'<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
        )

    def add(self, column: int, lines: pl.Series, comments: pl.Series) -> None:
        """Add a comment on the cells of one column (from 0) in these lines of the sheet (from 1)."""
        if not lines.len():
            return
        ref = pl.lit(column_letters(column)) + pl.col("line").cast(pl.String)
        frame = pl.DataFrame({"line": lines, "comment": comments})
        texts = frame.select(
            pl.format(
                '<comment ref="{}" authorId="0"><text><t xml:space="preserve">{}</t></text></comment>',
                ref,
                escape(pl.col("comment")),
            )
        ).to_series()
        self._texts.write(texts.str.join("").item().encode())
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
        self._boxes.write(boxes.str.join("").item().encode())
        self.count += lines.len()

    def close(self) -> None:
        """Finish and close both parts."""
        self._texts.write(b"</commentList></comments>")
        self._boxes.write(b"</xml>")
        self._texts.close()
        self._boxes.close()
