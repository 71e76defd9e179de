"""What a run leaves behind: result.csv, errors.csv, errors.xlsx, report.html, summary.json."""

from __future__ import annotations

from importer.reporting.columns import columns_of
from importer.reporting.page import load_page, write_page
from importer.reporting.report import Reporter, Rules
from importer.reporting.summary import summary_json, write_summary
from importer.reporting.tables import RESULT_COLUMNS
from importer.reporting.workbook import Known

__all__ = [
    "RESULT_COLUMNS", "Known", "Reporter", "Rules",
    "columns_of", "load_page", "summary_json", "write_page", "write_summary",
]  # fmt: skip
