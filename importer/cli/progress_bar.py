"""Show progress as a bar, for a person at a terminal."""

from __future__ import annotations

from collections import Counter
from typing import Self

from importer.cli.mapping_table import draw_mapping
from importer.cli.observer import CliObserver
from importer.cli.output import one_line
from importer.model.delivery import RowResult
from importer.model.mapping_view import MappingView


class ProgressBar(CliObserver):
    """A bar for each stage, with the counts so far beside it."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[detail]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=None, detail="")
        self._counts: Counter[str] = Counter()
        self._shown_mapping: MappingView | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def on_stage(self, name: str) -> None:
        self._progress.update(self._task, description=name, completed=0, total=None, detail="")

    def on_note(self, text: str) -> None:
        from rich.text import Text

        self._progress.console.print(Text(f"note: {one_line(text)}"))

    def on_mapping(self, view: MappingView) -> None:
        if self.shows_mapping and view != self._shown_mapping:  # an answer may change it, or nothing in it
            self._shown_mapping = view
            self._progress.console.print(*draw_mapping(view), sep="\n")

    def on_rows_checked(self, rows: int, invalid: int) -> None:
        self._progress.update(self._task, completed=rows, detail=f"{invalid:,} invalid" if invalid else "")

    def on_send_starting(self, rows: int, target: str) -> None:
        super().on_send_starting(rows, target)
        self._total = rows

    def on_row_done(self, result: RowResult) -> None:
        self._counts[result.status] += 1
        shown = ", ".join(f"{count:,} {status}" for status, count in self._counts.items())
        self._progress.update(self._task, advance=1, total=self._total, detail=shown)

    def pause(self) -> None:
        self._progress.stop()

    def unpause(self) -> None:
        self._progress.start()
