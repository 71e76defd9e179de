"""Rows that are no records: repeated headers, totals, group headings, and the lines below the table of a report.

What is beyond doubt is skipped; what may be a contact all the same is held with a problem. A row with an e-mail address
or a phone number of its own is always a record.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from importer.checking.non_record_texts import (
    COUNT,
    FOOTER,
    GROUP_TOTAL,
    HEADER_WORD,
    HEADING,
    LABELS,
    LOOSE_TOTAL,
    NUMBER,
    RULE,
    SENTENCE,
    TOTAL,
)  # fmt: skip
from importer.errors import FileError
from importer.model.contact_headers import CONTACT_HEADERS
from importer.model.problem import SKIPPED
from importer.model.problem_frame import PROBLEM_SCHEMA, encode_params
from importer.model.provenance import is_filled
from importer.model.report_columns import REPORT_PREFIX
from schemas.kind import Kind

ROWS_SAMPLED = 1_000
FEWEST_USUAL_CELLS = 3  # in narrower tables, one filled cell is nothing unusual
MOST_FOOTER_CELLS = 3
MOST_FOOTER_ROWS = 50
MOST_NAMES_OF_A_CONTACT = 2  # "Phone Email" could be somebody
MOST_TABLES = 5  # in one sheet; more gaps than that separate groups of contacts
FEWEST_DIGITS_OF_PHONE = 7
_ADDRESS = r"^\s*<?[^\s@]+@[^\s@]+\.[^\s@]+>?\s*$"
_PHONE = rf"(?:\d\D{{0,3}}){{{FEWEST_DIGITS_OF_PHONE}}}"
_BLANKS = " \t\r\n\ufeff\u00a0"
_BLANKS_AND_QUOTES = _BLANKS + "\"'"  # quotes stay in a cell when a byte order mark stands before them


@dataclass(frozen=True, slots=True)
class ContactColumn:
    """A cell name, such as ``c3``, with the kind of the field that it maps to: an e-mail address or a phone number."""

    cell: str
    kind: Kind


class NonRecords:
    """Finds the rows of a table that are no records.

    ``totals_rows`` are those that the file itself marks as totals. ``is_whole`` is False for a list of rows to fix: its
    gaps say nothing.
    """

    def __init__(
        self,
        headers: Sequence[str],
        contacts: Sequence[ContactColumn],
        sample: pl.DataFrame | None,
        *,
        totals_rows: Collection[int] = (),
        is_whole: bool = True,
    ) -> None:
        self._headers = headers
        self._contacts = contacts
        self._totals_rows = pl.Series("row", sorted(totals_rows), dtype=pl.UInt32)
        self._is_whole = is_whole
        own = None if sample is None else _without_report_columns(sample.head(ROWS_SAMPLED), headers)
        self._usual_cells = 0 if own is None else self._count_usual_cells(own)

    def find(self, frame: pl.DataFrame, *, is_end: bool, left_out: pl.Series | None = None) -> pl.DataFrame:
        """Return a problem, in ``PROBLEM_SCHEMA``, for each row of a batch that is no record, or may be none.

        ``is_end`` is True for the last batch of the file. Raises FileError for a second header, whose columns are
        others or have another order, unless it is one of the rows that are ``left_out``.
        """
        frame = _without_report_columns(frame, self._headers)
        parts = [_problems(find_repeated_headers(frame, self._headers), "repeated_header", SKIPPED)]
        if self._totals_rows.len():
            marked = frame.filter(pl.col("row").is_in(self._totals_rows.implode()))
            parts.append(_problems(marked["row"], "totals_row", SKIPPED))
        known = pl.concat([part["row"] for part in parts])
        rest = self._unreachable(frame.filter(~pl.col("row").is_in(known.implode())) if known.len() else frame)
        if rest.height:
            wanted = rest if left_out is None else rest.filter(~pl.col("row").is_in(left_out.implode()))
            _reject_reordered_header(wanted, self._headers)
            _reject_other_header(wanted, frame["row"])
            parts += self._judge(self._describe(rest, frame["row"], known, is_end=is_end))
            parts.append(_problems(self._find_second_table(rest, frame["row"]), "may_be_no_record", "error"))
        return pl.concat(parts).unique("row", keep="first").sort("row")

    def _count_usual_cells(self, sample: pl.DataFrame) -> int:
        """Return how many cells rows usually fill: those with an address or a number, if there are any."""
        apart = self._unreachable(sample)
        reachable = sample.filter(~pl.col("row").is_in(apart["row"].implode()))
        usual: Any = (reachable if reachable.height else sample).select(_count_filled(sample)).to_series().median()
        return int(usual or 0)

    def _unreachable(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows without an e-mail address or phone number. Quick tests first leave few rows to look at."""
        quick = [_is_surely_contact(column) for column in self._contacts]
        rest = frame.filter(~pl.any_horizontal(quick)) if quick else frame
        if not rest.height:
            return rest
        phones = [pl.col(column.cell) for column in self._contacts if column.kind is Kind.PHONE]
        if phones:
            rest = rest.filter(~pl.any_horizontal(_contains(cell, _PHONE) for cell in phones))
        return rest.filter(~pl.any_horizontal(_contains(pl.col(name), _ADDRESS) for name in _cells(rest)))

    def _describe(self, rest: pl.DataFrame, rows: pl.Series, known: pl.Series, *, is_end: bool) -> pl.DataFrame:
        """Return the rows that look unusual: their label, the first text, and facts about the other cells.

        ``apart`` is true after blank rows, ``at_end`` below the last ordinary row of the file.
        """
        cells = [pl.col(name).str.strip_chars(_BLANKS) for name in _cells(rest)]
        label = pl.coalesce(*(pl.when(text != "").then(text) for text in cells), pl.lit(""))
        short = rest.with_columns(_label=label, _filled=_count_filled(rest))
        last: Any = rows[-1]
        near_end = (pl.col("row") > last - MOST_FOOTER_ROWS) & (pl.col("_filled") <= MOST_FOOTER_CELLS) & is_end
        lone = (pl.col("_filled") == 1) | (near_end & (pl.col("_filled") * 2 <= self._usual_cells))
        # The patterns are slow: most rows have a text besides the label, and are neither a total nor a last line.
        few = short.filter(lone | near_end | pl.all_horizontal(_may_be_number(text) for text in cells))
        odd = few.filter(pl.col("_label").str.contains(LABELS) | (lone & self._has_usual_cells))
        others = [
            (text == "").fill_null(value=True) | (text == pl.col("_label")) | text.str.contains(NUMBER)
            for text in cells
        ]
        ordinary = rows.filter(~rows.is_in(pl.concat([odd["row"], known]).implode()))
        end: Any = ordinary[-1] if ordinary.len() else 0
        gaps = pl.DataFrame({"row": rows, "_gap": (rows.diff().fill_null(1) > 1)})
        apart = gaps["_gap"] if 2 * int(gaps["_gap"].sum()) <= rows.len() or rows.len() <= MOST_FOOTER_CELLS else None
        gaps = gaps.with_columns(_gap=pl.lit(value=False) if apart is None or not self._is_whole else apart)
        return odd.join(gaps, on="row", how="left", maintain_order="left").select(
            "row",
            label="_label",
            filled="_filled",
            numbers=pl.all_horizontal(others) if others else pl.lit(value=True),
            ruled=(pl.col("_filled") > 0)
            & pl.all_horizontal((text == "").fill_null(value=True) | text.str.contains(RULE) for text in cells),
            apart="_gap",
            at_end=(pl.col("row") > end) & is_end,
        )

    def _find_second_table(self, rest: pl.DataFrame, rows: pl.Series) -> pl.Series:
        """Return the rows after blank ones, two at least, of which none has an address or a number, if others do."""
        starts = rows.filter((rows.diff() > 1).fill_null(value=False))
        none = rows.head(0)
        if not self._contacts or not self._is_whole or not 0 < starts.len() <= MOST_TABLES:
            return none
        first = rows.filter(rows < starts[0])
        reachable = first.len() - rest["row"].is_in(first.implode()).sum()
        if reachable * 10 < first.len() * 9:
            return none
        found = [none]
        for start, end in zip(starts, [*starts[1:], rows[-1] + 1], strict=True):
            block = rows.filter((rows >= start) & (rows < end))
            if block.len() > 1 and block.is_in(rest["row"].implode()).all():
                found.append(block)
        return pl.concat(found)

    @property
    def _has_usual_cells(self) -> bool:
        return self._usual_cells >= FEWEST_USUAL_CELLS

    def _judge(self, odd: pl.DataFrame) -> list[pl.DataFrame]:
        """Return the problems of unusual rows: of those beyond doubt, then of those that may be contacts."""
        label, filled, at_end = pl.col("label"), pl.col("filled"), pl.col("at_end")
        is_lone = (filled == 1) & self._has_usual_cells
        has_numbers = pl.col("numbers") & (filled > 1)
        is_total, is_loose_total = label.str.contains(TOTAL), label.str.contains(LOOSE_TOTAL)
        is_counted = label.str.contains(r"\d") & (filled == 1)
        totals = pl.col("numbers") & (
            (is_total & (has_numbers | is_counted | at_end)) | (is_loose_total & at_end & (filled > 1))
        )
        is_footer = label.str.contains(FOOTER) | label.str.contains(COUNT)
        is_text = label.str.contains(SENTENCE) | label.str.contains(r"\d")
        footers = is_footer & (filled <= MOST_FOOTER_CELLS) & (at_end | (is_lone & is_text))
        headings = is_lone & label.str.contains(HEADING)
        clear = odd.with_columns(
            code=pl.when(pl.col("ruled")).then(pl.lit("ruled_line"))
            .when(totals).then(pl.lit("totals_row"))
            .when(footers | (headings & at_end)).then(pl.lit("report_footer"))
            .when(headings).then(pl.lit("group_heading"))
        )  # fmt: skip
        seen = clear.filter(pl.col("code").is_not_null())
        near = pl.concat([seen["row"] + 1, seen["row"] - 1])
        ends_apart = bool(clear.select((at_end & (pl.col("apart") | pl.col("code").is_not_null())).any()).item())
        looks_alone = (at_end & ends_apart) | (is_lone & (pl.col("apart") | pl.col("row").is_in(near.implode())))
        may_be_total = pl.col("numbers") & (
            is_total | ((is_loose_total | label.str.contains(GROUP_TOTAL)) & has_numbers)
        )
        is_odd_text = is_lone & (is_footer | label.str.contains(SENTENCE))
        doubtful = clear.filter(
            pl.col("code").is_null() & (may_be_total | is_odd_text | (looks_alone & self._is_whole))
        )
        parts = [_problems(part["row"], str(code), SKIPPED) for (code,), part in seen.group_by("code")]
        return [*parts, _problems(doubtful["row"], "may_be_no_record", "error")]


def find_repeated_headers(frame: pl.DataFrame, headers: Sequence[str]) -> pl.Series:
    """Return the rows whose filled cells, two at least, are the names of their columns.

    The fullest column is compared first, so that hardly a row is left for the others.
    """
    frame = _without_report_columns(frame, headers)
    named = {f"c{index}": name for index, header in enumerate(headers) if (name := _fold(header))}
    if len(named) < 2 or not frame.height:
        return frame["row"].head(0)
    first = min((cell for cell in named if cell in frame.columns), key=lambda cell: frame[cell].null_count())
    left = frame.filter(_may_be_name(pl.col(first), named[first]))
    for cell in _cells(left):
        if not left.height:
            break
        left = left.filter(_is_name(cell, named[cell]) if cell in named else ~is_filled(pl.col(cell)))
    return left.filter(_count_filled(left) > 1)["row"] if left.height else left["row"]


def _without_report_columns(frame: pl.DataFrame, headers: Sequence[str]) -> pl.DataFrame:
    """Return the file's own cells: those that a report adds are filled in every row."""
    added = {f"c{index}" for index, header in enumerate(headers) if _fold(header).startswith(REPORT_PREFIX)}
    return frame.drop(name for name in frame.columns if name in added) if added else frame


def _may_be_name(text: pl.Expr, name: str) -> pl.Expr:
    """Return false where a text surely is not a name, by its first letter: folding takes 20 times as long."""
    firsts = {name[0], name[0].upper()[0], "\u00a0"}
    begins = [(text >= first) & (text < chr(ord(first) + 1)) for first in sorted(firsts)]
    # Blanks and quotes sort before a bracket, and a byte order mark after all letters.
    return pl.any_horizontal(text.is_null(), text < "(", text >= "\ufeff", *begins)


def _is_name(cell: str, name: str) -> pl.Expr:
    """Return true where a cell is blank or has a name, in any case and with any blanks."""
    text = _folded(cell)
    return (text == name).fill_null(value=True) | (text == "")


def _folded(cell: str) -> pl.Expr:
    return pl.col(cell).str.strip_chars(_BLANKS_AND_QUOTES).str.to_lowercase().str.replace_all(r"\s", "")


def _reject_other_header(frame: pl.DataFrame, rows: pl.Series) -> None:
    """Raise FileError for a row that names columns: after blank rows, or with a name of a contact's own columns.

    ``rows`` are the numbers of all rows, in which blank ones are missing.
    """
    after_gap = pl.col("row").is_in(rows.filter((rows.diff() > 1).fill_null(value=False)).implode())
    cells = [pl.col(name).str.strip_chars(_BLANKS) for name in _cells(frame)]
    names_contact = pl.any_horizontal(text.is_in(CONTACT_HEADERS).fill_null(value=False) for text in cells)
    filled = _count_filled(frame)
    few = frame.filter(after_gap | (names_contact & (filled > MOST_NAMES_OF_A_CONTACT)))
    if not few.height:
        return
    could_be_names = [((text == "") | ~text.str.contains(r"\d|[@;]|.{41}")).fill_null(value=True) for text in cells]
    known = pl.sum_horizontal(text.str.contains(HEADER_WORD).fill_null(value=False).cast(pl.UInt32) for text in cells)
    found = few.filter(pl.all_horizontal(could_be_names) & (known > 1) & (known * 2 > filled))
    if found.height:
        row = found["row"][0]
        above = rows.filter(rows < row)
        first = f'rows = "{above[0]}-{above[-1]}" in a mapping file takes the one above it, ' if len(above) else ""
        raise FileError(
            f"row {row} looks like the header of a second table: the rows after it would be sent in the wrong fields. "
            f"Save the tables as files of their own; or {first}--header-row {row} the one below it"
        )


def _reject_reordered_header(frame: pl.DataFrame, headers: Sequence[str]) -> None:
    """Raise FileError for a row that has more than half of the names of the columns, and nothing else."""
    names = pl.Series([name for header in headers if (name := _fold(header))])
    left = frame
    for cell in sorted(_cells(frame), key=lambda cell: frame[cell].null_count()):
        left = left.filter((_folded(cell).is_in(names.implode()) | ~is_filled(pl.col(cell))).fill_null(value=True))
    left = left.filter((_count_filled(left) > 1) & (_count_filled(left) * 2 > names.len())) if left.height else left
    if left.height:
        raise FileError(
            f"row {left['row'][0]} is a second header whose columns have another order: the rows after it would be "
            "sent in the wrong fields. Save the two tables as files of their own, and import both"
        )


def _fold(header: str) -> str:
    return "".join(header.strip(_BLANKS_AND_QUOTES).lower().split())


def _may_be_number(text: pl.Expr) -> pl.Expr:
    """Return false where a text surely is neither blank, the label, nor a number with or without a currency."""
    is_short = (text < "A") | (text >= "\x7f") | (text == pl.col("_label"))
    return (is_short | text.str.contains("[0-9]$")).fill_null(value=True)


def _is_surely_contact(column: ContactColumn) -> pl.Expr:
    text = pl.col(column.cell)
    if column.kind is Kind.EMAIL:
        return text.str.contains("@", literal=True).fill_null(value=False)
    is_number = text.str.starts_with("+") & (text.str.len_bytes() > FEWEST_DIGITS_OF_PHONE)
    return is_number.fill_null(value=False)


def _contains(cell: pl.Expr, pattern: str) -> pl.Expr:
    return cell.str.contains(pattern).fill_null(value=False)


def _cells(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name != "row"]


def _count_filled(frame: pl.DataFrame) -> pl.Expr:
    filled = [is_filled(pl.col(name)).cast(pl.UInt32) for name in _cells(frame)]
    return pl.sum_horizontal(filled) if filled else pl.lit(0, dtype=pl.UInt32)


def _problems(rows: pl.Series, code: str, severity: str) -> pl.DataFrame:
    """Return these rows' problem in the columns of ``PROBLEM_SCHEMA``."""
    texts = {
        "column": "", "field": "", "value": "", "severity": severity, "code": code, "params": encode_params({}),
        "source": "check",
    }  # fmt: skip
    columns = (pl.lit(text).alias(name) for name, text in texts.items())
    return rows.to_frame("row").with_columns(columns).select(*PROBLEM_SCHEMA)
