"""Names of the columns that the reports add to a file's own, and of the sheet that a workbook of ours carries.

The reports write these names; ``reimport`` recognises a report by them, and ``mapping`` offers no field for them.
"""

from __future__ import annotations

REPORT_PREFIX = "import_"
ROW = "import_row"
STATUS = "import_status"
MESSAGE = "import_message"
PROBLEMS = "import_problems"
RUN = "import_run"
RUN_SHEET = RUN
"""Name of the hidden sheet in errors.xlsx. It holds how the original file was read, as JSON."""
RESULT_SHEET = "Result"
"""Name of the sheet that lists every row. A workbook that has it is a complete result, not a list of rows to fix."""

RESULT_FIELDS = {
    ROW: "row",
    STATUS: "status",
    "import_id": "id",
    "import_http_status": "http_status",
    "import_attempts": "attempts",
    "import_code": "code",
    MESSAGE: "message",
    "import_sent_at": "sent_at",
}
"""Columns that result.csv has in front of the file's own, each with the column of the decided rows that it shows."""
RESULT_COLUMNS = tuple(RESULT_FIELDS)

FIX_COLUMNS = (ROW, PROBLEMS, RUN)
"""Columns that errors.xlsx adds to the file's own: the first in front of them, the others behind."""

_CONTACT_FIELDS = {"firstname", "lastname", "name", "fullname", "email"}  # as the fields of a contract are called


def names_contact(path: str) -> bool:
    """Return True for a field by which people recognise a contact: its name or e-mail address."""
    return path.rpartition(".")[2].lower().replace("_", "") in _CONTACT_FIELDS
