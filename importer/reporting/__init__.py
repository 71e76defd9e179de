"""The reports of a run: result.csv, errors.csv, errors.xlsx, report.html, summary.json."""

from __future__ import annotations

from importer.reporting.changes_workbook import write_changes
from importer.reporting.errors_workbook import CarriedRun
from importer.reporting.html_report import load_page, write_page
from importer.reporting.report_writer import Reporter, ReportOptions
from importer.reporting.source_columns import columns_of
from importer.reporting.summary_json import summary_json, write_summary

__all__ = [
    "CarriedRun", "ReportOptions", "Reporter",
    "columns_of", "load_page", "summary_json", "write_changes", "write_page", "write_summary",
]  # fmt: skip
