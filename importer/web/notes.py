"""The notes of reading and matching in the web app's own words: without options, in the language of the request.

Notes come as English texts, from this run or from a report of an earlier one, so each is known by its form.
"""

from __future__ import annotations

import re
from functools import cache

from importer.web.i18n import N_, Words

MAP = r' \((?:to change it: )?--map ".*"\)'
# The form of a note, as a pattern whose groups are its values; then the text for people.
FORMS: tuple[tuple[str, str], ...] = (
    (
        r"the file is not UTF-8.*; it was read as (?P<encoding>[\w-]+).*, and --encoding NAME says otherwise",
        N_("The file is not UTF-8; it was read as %(encoding)s. If letters look wrong, choose another encoding."),
    ),
    (
        r"the file has (?P<signs>.+); its cells were read without these quoting signs",
        N_("The file has quotes of its own kind; its cells were read without them."),
    ),
    (
        r'cells written ="…" were read as the text within',
        N_("Cells that held a text as a formula were read as that text."),
    ),
    (
        r"the file has one column, '(?P<column>.*)'; if it should have more, .*",
        N_("The file has one column, “%(column)s”. If it should have more, choose what separates them."),
    ),
    (
        r"the header was found in row (?P<row>\d+); (?:row|rows) (?P<rows>[\d, ]+) above it looked like .*",
        N_("The header was found in row %(row)s; what stands above it (row %(rows)s) was left out."),
    ),
    (r"'(?P<table>.*)' was read from the zip file", N_("“%(table)s” was read from the zip file.")),
    (
        r"the sheet '(?P<sheet>.*)' was read(?: \(it is hidden\))?, the only one with data",
        N_("The sheet “%(sheet)s” was read, the only one with data."),
    ),
    (
        r"the sheet '(?P<sheet>.*)' was read(?: \(.*?\))?; (?P<others>.*) also ha(?:s|ve) data \(.*\)",
        N_("The sheet “%(sheet)s” was read. There are also data in: %(others)s."),
    ),
    (
        r"number formats, merged cells and hidden rows could not be looked at in this workbook; .*",
        N_("Number formats, merged cells and hidden rows could not be read. If there are any, save it as .xlsx."),
    ),
    (
        r"the program that wrote the workbook did not calculate its formulas: .*",
        N_("The formulas of the workbook may be out of date. Open it in a spreadsheet program and save it."),
    ),
    (
        r"(?P<what>.*) hidden in the sheet; what is hidden is read too",
        N_("Hidden rows and columns of the sheet are read, too."),
    ),
    (
        r".*cells? far from the table (?:was|were) not read \((?P<cells>.*)\)",
        N_("Cells far from the table were not read: %(cells)s."),
    ),
    (
        r"one cell was corrected before the import \(.*\); the file itself is as it was",
        N_("One cell was corrected before the import; the file itself is as it was."),
    ),
    (
        r"(?P<cells>[\d,]+) cells were corrected before the import \(.*\); the file itself is as it was",
        N_("%(cells)s cells were corrected before the import; the file itself is as it was."),
    ),
    (
        r"(?P<field>\S+) takes the first of the columns (?P<columns>.*) that is not blank",
        N_("%(field)s takes the first of these columns that is not blank: %(columns)s."),
    ),
    (
        r"(?P<field>\S+) is put together from the columns (?P<columns>.*)",
        N_("%(field)s is put together from several columns: %(columns)s."),
    ),
    (
        rf"(?P<field>\S+) is mapped from column '(?P<column>.*)', because of its values{MAP}",
        N_("%(field)s is taken from the column “%(column)s”, because of its values."),
    ),
    (
        r"column '(?P<column>.*)' was not taken for (?P<field>\S+)(?:,|:) (?:because|it says) .*",
        N_("The column “%(column)s” was not taken for %(field)s, because of its values."),
    ),
    (
        rf"column '(?P<column>.*)' could map to (?P<field>\S+), too; .* does{MAP}",
        N_("The column “%(column)s” could be %(field)s, too; another column is used."),
    ),
    (
        rf"column '(?P<column>.*)' names (?P<field>\S+) better and is blank .*; column '(?P<used>.*)' is used{MAP}",
        N_("The column “%(column)s” fits %(field)s better, but is blank; the column “%(used)s” is used."),
    ),
    (
        r"columns? (?P<columns>.*) ha(?:s|ve) no header and (?:is|are) not imported",
        N_("Columns without a header are not imported: %(columns)s."),
    ),
    (
        r"this is a report of run (?P<run>\S+): its rows keep the numbers that they had there",
        N_("This is a report of the import %(run)s: its rows keep the numbers that they had there."),
    ),
    (
        r"this is a report of a run that is not known here, .*",
        N_("This is a report of an import that is not known here; its columns are matched anew."),
    ),
    (
        r"this workbook is a report that was not written with this state folder, .*",
        N_("This workbook is a report that was written elsewhere or changed: its headers decide."),
    ),
    (
        r"The vendor's contract names no identity: .*",
        N_("Nothing tells one contact of this vendor from another: what was sent with other values is sent again."),
    ),
    (
        r"(?P<count>\d+) optional parts? of the request cannot be filled from a cell \((?P<parts>.*)\); .*",
        N_("Parts of the vendor's contact that no cell can fill are left out: %(parts)s."),
    ),
)  # fmt: skip


def say_note(words: Words, text: str) -> tuple[str, str]:
    """Return a note in the language of the request and that language; one of an unknown form stays in English."""
    for form, template in FORMS:
        if found := _pattern(form).fullmatch(text):
            return words.say(template, **found.groupdict()), words.language
    return text, "en"


@cache
def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(form, re.DOTALL)
