"""Detects the delimiter of a CSV file by its consistency over records.

A dialect with other quotes or with backslashes would be detected here, too.
"""

from __future__ import annotations

import csv
import io
from collections import Counter

DELIMITERS = (",", ";", "\t", "|", "^", "~")
DELIMITER_NAMES = {"tab": "\t", r"\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


def detect_delimiter(sample: str, *, complete: bool) -> str:
    """Return the delimiter of a sample of the file; a comma if there is no delimiter in it.

    ``complete`` is True if the sample is the whole file. Otherwise its last record, which may be cut, does not count.
    """
    return max(DELIMITERS, key=lambda delimiter: _score(sample, delimiter, complete=complete))


def _score(sample: str, delimiter: str, *, complete: bool) -> tuple[float, int]:
    """Return the share of the records that have the most frequent width, and that width, to be compared."""
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
