"""Which character separates the cells of a CSV file, decided by consistency over records."""

from __future__ import annotations

import csv
import io
from collections import Counter

DELIMITERS = (",", ";", "\t", "|")
NAMES = {"tab": "\t", r"\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


def detect_delimiter(sample: str, *, complete: bool) -> str:
    """The delimiter of a sample of the file; a comma when no delimiter is in it.

    ``complete`` says whether the sample is the whole file; otherwise its last record is left out of the count.
    """
    return max(DELIMITERS, key=lambda delimiter: _score(sample, delimiter, complete=complete))


def _score(sample: str, delimiter: str, *, complete: bool) -> tuple[float, int]:
    """Share of the records that have the header's number of cells, times that number's weight."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    widths = []
    try:
        for record in reader:
            if record:
                widths.append(len(record))
            if len(widths) >= 200:
                break
    except csv.Error:
        return (0.0, 0)
    if not complete and len(widths) > 1:
        widths.pop()
    if not widths or max(widths) < 2:
        return (0.0, 0)
    width, times = Counter(widths).most_common(1)[0]
    if width < 2:
        return (0.0, 0)
    return (times / len(widths), width)
