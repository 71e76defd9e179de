"""Draw the mapping of a file as a table, for a terminal of any width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from importer.cli.output import one_line
from importer.model.mapping_view import MappedColumn, MappingView

if TYPE_CHECKING:
    from rich.console import RenderableType

MAX_VALUE_CHARS = 30
MAX_COLUMNS_NAMED = 20


def draw_mapping(view: MappingView) -> Iterator[RenderableType]:
    """Yield the table of the mapped columns, and the line about those that are not imported."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for header, ratio in (("Column", 4), ("Values", 8), ("Field", 4), ("Matched by", 3)):
        table.add_column(header, overflow="fold", max_width=ratio * 6)
    for column in view.mapped:
        name = Text(one_line(column.column)) if column.column else Text("every row", style="italic")
        table.add_row(name, _values(column), Text(one_line(column.field)), Text(str(column.matched_by)))
    yield table
    yield Text(f"\n{describe_unused(view)}\n")


def _values(column: MappedColumn) -> RenderableType:
    from rich.text import Text

    text = Text(", ".join(_shorten(sample) for sample in column.samples) or "blank")
    if column.cleaned:
        before, after = column.cleaned
        text.append(f"\n{_shorten(before)} → {_shorten(after) or 'blank'}", style="green")
    return text


def describe_unused(view: MappingView) -> str:
    """Return how many columns are imported, and which are not."""
    count = len(view.unused)
    imported = view.columns - count
    if not count:
        return f"All of the {imported:,} columns are imported." if imported != 1 else "The one column is imported."
    names = ", ".join(one_line(name) for name in view.unused[:MAX_COLUMNS_NAMED])
    more = f" and {count - MAX_COLUMNS_NAMED} more" if count > MAX_COLUMNS_NAMED else ""
    return (
        f"{imported:,} of {view.columns:,} columns {'is' if imported == 1 else 'are'} imported, "
        f"{count:,} {'is' if count == 1 else 'are'} not: {names}{more}"
    )


def _shorten(text: str) -> str:
    line = one_line(text.strip())
    return line if len(line) <= MAX_VALUE_CHARS else line[: MAX_VALUE_CHARS - 1] + "…"
