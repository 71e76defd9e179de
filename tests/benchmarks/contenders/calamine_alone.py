"""calamine reads a sheet, through fastexcel, and does nothing else: FILE."""

from __future__ import annotations

import sys

import fastexcel

fastexcel.read_excel(sys.argv[1]).load_sheet(0, header_row=None, dtypes="string")
