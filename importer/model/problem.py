"""The kinds of problems that a cell, a row or a file can have, with their texts.

A problem is data: a code and parameters. Its text is rendered last, from the kind's template: in English by the
reports, in the reader's language by the web app. To add a kind, add an entry to ``PROBLEM_KINDS`` and translate it;
to change a message, change its template. Codes that are not in it are the vendors' own: what the vendor wrote is
their ``message``.

Templates continue after the value: ``"abc" is not a number``. Parameters with a meaning of their own:

- ``variant`` selects one of the kind's variants of the message,
- ``message`` and ``hint`` are finished texts: a vendor's words, or those of a check by an earlier version,
- ``field_hint``, ``field_advice`` and ``example`` come from the vendor's document,
- ``option`` is a key of ``OPTIONS``,
- ``examples`` are pairs of a text and its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from importer.model.catalogue import N_

Severity = Literal["error", "warning", "skipped"]
SKIPPED: Literal["skipped"] = "skipped"
"""The severity of a problem that says why a row is skipped. Reports show it as the reason of the row's status."""
Params = Mapping[str, Any]
Translate = Callable[[str], str]
# The columns of errors.csv.
PROBLEM_COLUMNS = ("row", "column", "field", "value", "severity", "code", "message", "hint", "source")


class Judge(StrEnum):
    """What must be seen to find a problem."""

    CELL = "cell"  # the text of one cell
    ROW = "row"  # the cells of one row
    FILE = "file"  # every row, or the first batch of them


class HintSource(StrEnum):
    """Where the hint of a problem is taken from first."""

    KIND = "kind"  # the kind's own hint fits every field
    FIELD = "field"  # the hint of the vendor's document for the field, else the kind's
    EXAMPLE = "example"  # the document's hint, else its example, else the kind's hint


CORRECT = N_("correct the value")
LOOK = N_("check the value, and correct it if it is wrong")
ENTER_AGAIN = N_("format the column as text and enter the number again")


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem: its texts and how checking treats it.

    ``web_template``, ``web_hint`` and ``web_variants`` replace texts that name options of the command line.
    ``severity`` is that of problems whose rule does not set its own.
    """

    title: str
    template: str
    hint: str = CORRECT
    variants: Mapping[str, str] = field(default_factory=dict)
    web_template: str = ""
    web_hint: str = ""
    web_variants: Mapping[str, str] = field(default_factory=dict)
    hint_source: HintSource = HintSource.KIND
    severity: Severity = "error"
    judged_by: Judge = Judge.CELL
    # The value was damaged before it came here: what else is wrong with the cell follows from that.
    is_damage: bool = False
    # Is not reported for a cell that is damaged.
    follows_damage: bool = False
    # Says why a value has not the form that the vendor asks for: that is not reported beside it.
    explains_form: bool = False
    # Found while the file is read: no text of a cell shows it, so it must be remembered.
    is_found_by_reading: bool = False
    # Remembered by the reports until the text of its cell changes.
    survives_reimport: bool = False

    def template_of(self, params: Params, *, for_web: bool) -> str:
        """Return the template of the message for these parameters."""
        variant = params.get("variant", "")
        template = self.variants.get(variant, self.template)
        return self.web_variants.get(variant, self.web_template) or template if for_web else template

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text that the web app shows, for its catalogue."""
        variants = (self.web_variants.get(name, text) for name, text in self.variants.items())
        return tuple(
            filter(None, (self.title, self.web_template or self.template, self.web_hint or self.hint, *variants))
        )


def _of_field(title: str, template: str, **more: Any) -> ProblemKind:
    """Return a kind that breaks a rule of the vendor's document."""
    return ProblemKind(title, template, **{"hint_source": HintSource.EXAMPLE, **more})


PROBLEM_KINDS: Mapping[str, ProblemKind] = {
    # Rules of the vendor's document
    "required": _of_field(
        N_("Required and blank"),
        N_("is required and blank"),
        hint=N_("enter a value"),
        variants={"within": N_("is blank, but other fields of %(object)s are filled in, and then it is required")},
        follows_damage=True,
    ),
    "type": _of_field(
        N_("Not the right type"),
        N_("is not a number"),
        variants={
            "integer": N_("is not a whole number"),
            "boolean": N_("is not true or false"),
            "json": N_("is not a JSON value"),
        },
    ),
    "min_length": _of_field(N_("Too short"), N_("has %(length)s characters; at least %(limit)s are required")),
    "max_length": _of_field(
        N_("Too long"),
        N_("has %(length)s characters; at most %(limit)s are allowed (%(more)s too many: «%(excess)s»)"),
        hint=N_("shorten it; nothing is ever cut off for you"),
        hint_source=HintSource.FIELD,
        follows_damage=True,
    ),
    "enum": ProblemKind(
        N_("Not one of the allowed values"), N_("is not one of %(values)s"), hint=N_("use one of %(values)s")
    ),
    "pattern": _of_field(
        N_("Not in the form the vendor takes"),
        N_("does not have the documented form %(form)s"),
        variants={
            "phone": N_("is not a phone number in the form the vendor takes"),
            "email": N_("is not an e-mail address the vendor takes"),
            "date": N_("is not a date in the form the vendor takes"),
            "date-time": N_("is not a date and time in the form the vendor takes"),
        },
        follows_damage=True,
    ),
    "format": _of_field(
        N_("Not in the right format"),
        N_("is not in the format %(format)s"),
        variants={
            "email": N_("is not an e-mail address"),
            "uri": N_("is not a web address"),
            "date": N_("is not a date written YYYY-MM-DD"),
            "date-time": N_("is not a date and time such as 2024-01-15T10:00:00Z"),
            "uuid": N_("is not a UUID"),
            "list": N_("contains something that is not in the format %(format)s"),
            "list of email": N_("contains something that is not an e-mail address"),
            "list of uri": N_("contains something that is not a web address"),
            "list of date": N_("contains something that is not a date written YYYY-MM-DD"),
            "list of date-time": N_("contains something that is not a date and time such as 2024-01-15T10:00:00Z"),
            "list of uuid": N_("contains something that is not a UUID"),
        },
        follows_damage=True,
    ),
    # A field for dates, whose form the document does not tell
    "not_a_date": _of_field(
        N_("Not a date"),
        N_("is not a date with day, month and year"),
        variants={"date-time": N_("is not a date with a time of day and an offset from UTC")},
        follows_damage=True,
    ),
    "minimum": _of_field(N_("Too small"), N_("is below %(limit)s")),
    "maximum": _of_field(N_("Too large"), N_("is above %(limit)s")),
    "exclusive_minimum": _of_field(N_("Too small"), N_("must be above %(limit)s")),
    "exclusive_maximum": _of_field(N_("Too large"), N_("must be below %(limit)s")),
    "multiple_of": _of_field(N_("Not in steps"), N_("must be a multiple of %(limit)s")),
    "min_items": _of_field(N_("Too few entries"), N_("has too few entries: at least %(limit)s are required")),
    "max_items": _of_field(
        N_("Too many entries"),
        N_("has too many entries: at most %(limit)s are allowed"),
        hint=N_("shorten it; nothing is ever cut off for you"),
        hint_source=HintSource.FIELD,
    ),
    "path_step": _of_field(
        N_("Not usable in an address"),
        N_("cannot be part of a contact's address: it would lead to another address"),
    ),
    "earliest": _of_field(N_("Surprisingly early"), N_("is surprisingly early: before %(limit)s")),
    "future": _of_field(N_("In the future"), N_("is in the future")),
    "nothing_to_send": ProblemKind(
        N_("Nothing to send"),
        N_("has nothing to send: every field is blank"),
        hint=N_("fill in at least one of the columns"),
        judged_by=Judge.ROW,
    ),
    "only_constants": ProblemKind(
        N_("Nothing of its own to send"),
        N_("has nothing of its own to send: none of its filled cells maps to a field"),
        hint=N_(
            "fill in one of the mapped columns, or map one of its filled cells; delete the row if it is not a contact"
        ),
        judged_by=Judge.ROW,
    ),
    "unidentified": ProblemKind(
        N_("Nothing that identifies a contact"),
        N_("has no name, e-mail address, phone number or id, so it could be anybody"),
        hint=N_("fill in at least one of them; delete the row if it is not a contact"),
        judged_by=Judge.ROW,
    ),
    "may_be_no_record": ProblemKind(
        N_("Perhaps not a contact"),
        N_("looks like a heading, a total or a line below the table, and not like a contact"),
        hint=N_("fill in another cell if it is a contact; delete the row if it is not"),
        judged_by=Judge.ROW,
        survives_reimport=True,
    ),
    # Rows that are beyond doubt no records: they are skipped
    "repeated_header": ProblemKind(
        N_("Header repeated"),
        N_("repeats the names of the columns"),
        hint="",
        severity=SKIPPED,
        judged_by=Judge.ROW,
    ),
    "totals_row": ProblemKind(
        N_("Totals"),
        N_("contains totals, not a contact"),
        hint="",
        severity=SKIPPED,
        judged_by=Judge.ROW,
    ),
    "ruled_line": ProblemKind(
        N_("Ruled line"),
        N_("is a ruled line"),
        hint="",
        severity=SKIPPED,
        judged_by=Judge.ROW,
    ),
    "group_heading": ProblemKind(
        N_("Heading of a group"),
        N_("is the heading of a group of rows"),
        hint="",
        severity=SKIPPED,
        judged_by=Judge.ROW,
    ),
    "report_footer": ProblemKind(
        N_("Line below the table"),
        N_("is a line below the table of a report"),
        hint="",
        severity=SKIPPED,
        judged_by=Judge.ROW,
    ),
    # Rows that are not to be sent: they are skipped, too
    "suppressed": ProblemKind(
        N_("On a suppression list"),
        N_("is on the suppression list %(list)s"),
        hint="",
        severity=SKIPPED,
        judged_by=Judge.FILE,
    ),
    "not_selected": ProblemKind(
        N_("Skipped by a condition"),
        N_("does not match the condition: %(condition)s"),
        hint="",
        variants={"blank": N_("does not match the condition, because a cell is blank: %(condition)s")},
        severity=SKIPPED,
        judged_by=Judge.FILE,
    ),
    "outside_rows": ProblemKind(
        N_("Skipped by its number"),
        N_("is not one of the rows %(rows)s"),
        hint="",
        severity=SKIPPED,
        judged_by=Judge.FILE,
    ),
    "removed_row": ProblemKind(
        N_("Removed by hand"),
        N_("was removed before the import"),
        hint="",
        severity=SKIPPED,
        judged_by=Judge.FILE,
    ),
    "skipped_at_end": ProblemKind(
        N_("Skipped at the end"),
        N_("is one of the last %(count)s rows, which are skipped"),
        hint="",
        severity=SKIPPED,
        judged_by=Judge.FILE,
    ),
    "no_way_to_reach": ProblemKind(
        N_("No e-mail address and no phone number"),
        N_("has neither an e-mail address nor a phone number"),
        hint=N_("fill in at least one of the columns"),
        severity="warning",
        judged_by=Judge.ROW,
    ),
    # Damage by a spreadsheet program or an export
    "scientific_notation": ProblemKind(
        N_("Scientific notation"),
        N_("was turned into scientific notation by a spreadsheet"),
        hint=ENTER_AGAIN,
        is_damage=True,
    ),
    "decimal_number": _of_field(
        N_("Turned into a decimal number"),
        N_("was turned into a decimal number by a spreadsheet"),
        is_damage=True,
    ),
    "digits_lost": ProblemKind(
        N_("Digits lost"),
        N_("has zeros where a spreadsheet lost the digits after the fifteenth"),
        hint=ENTER_AGAIN,
        variants={"read": N_("has more digits than the fifteen that a spreadsheet keeps of a number")},
        is_damage=True,
        is_found_by_reading=True,
        survives_reimport=True,
    ),
    "number_as_date": ProblemKind(
        N_("Turned into a date"),
        N_("was turned into a date by a spreadsheet"),
        hint=N_("format the column as text and enter the value again"),
        is_damage=True,
    ),
    "hidden_value": ProblemKind(
        N_("Value that the sheet hides"),
        N_("is hidden by the number format of its cell, so that the sheet shows nothing there"),
        hint=N_("give the cell another number format, or delete the value"),
        is_damage=True,
        is_found_by_reading=True,
        survives_reimport=True,
    ),
    "cell_error": ProblemKind(
        N_("Error of a formula"),
        N_("is an error of a formula instead of a value"),
        hint=N_("enter the value, or repair the formula; leave the cell blank if there is no value"),
        is_damage=True,
        is_found_by_reading=True,
    ),
    "formula_text": ProblemKind(
        N_("Formula instead of its value"),
        N_("is the text of a formula instead of its value"),
        hint=N_("enter the value"),
        is_damage=True,
    ),
    "placeholder": ProblemKind(
        N_("Placeholder that nobody filled in"),
        N_("is a placeholder that a form or a mailing left in place of the value"),
        hint=N_("enter the value, or leave the cell blank; delete the row if it was for a test"),
        is_damage=True,
    ),
    "not_a_name": ProblemKind(
        N_("Not a name"),
        N_("is not a name: it is an address or a number"),
        hint=N_("enter the name, or leave the cell blank"),
        is_damage=True,
    ),
    "lost_letter": ProblemKind(
        N_("Lost letter"),
        N_('has a "?" where a letter may have been lost'),
        hint=N_("enter the missing letter, or delete the question mark"),
        is_damage=True,
    ),
    "mojibake": ProblemKind(
        N_("Wrong encoding"),
        N_("was read in the wrong encoding before; it probably was «%(meant)s»"),
        hint=N_("export the file again as UTF-8, or correct the text"),
        is_damage=True,
    ),
    "control_character": ProblemKind(
        N_("Invisible character"),
        N_("contains an invisible control character, %(character)s"),
        hint=N_("delete it, or enter the value again"),
        is_damage=True,
    ),
    "look_alike_character": ProblemKind(
        N_("Look-alike character"),
        N_("contains %(character)s as character %(place)s, which only looks like «%(like)s»"),
        hint=N_("enter the address again, in letters of one alphabet"),
        variants={"invisible": N_("contains %(character)s as character %(place)s, which is invisible")},
        is_damage=True,
    ),
    "lost_character": ProblemKind(
        N_("Lost character"),
        N_("contains \ufffd, which replaced a character that was lost"),
        hint=N_("enter the missing character"),
        is_damage=True,
    ),
    "merged_cells": ProblemKind(
        N_("Merged cells"),
        N_("is merged with the cell above, so it is not clear whose value it is"),
        hint=N_("unmerge the cells and enter the value in each row"),
        is_damage=True,
        is_found_by_reading=True,
        survives_reimport=True,
    ),
    "formula_without_value": ProblemKind(
        N_("Formula without a value"),
        N_("is a formula whose value was not saved"),
        hint=N_("open the workbook in a spreadsheet program and save it, or enter the value itself"),
        is_damage=True,
        is_found_by_reading=True,
        survives_reimport=True,
    ),
    "cut_cell": ProblemKind(
        N_("Cut-off cell"),
        N_("was too long for a workbook's cell and is cut off in it"),
        hint=N_("correct the row in the file itself, and import that"),
        is_found_by_reading=True,
    ),
    "too_many_cells": ProblemKind(
        N_("Too many cells in the row"),
        N_("has more cells than the header"),
        hint=N_("put quotes around a value that contains the delimiter, or add columns to the header"),
        variants={"counted": N_("too many cells: %(cells)s, the header has %(width)s")},
        judged_by=Judge.ROW,
        is_found_by_reading=True,
        survives_reimport=True,
    ),
    # A warning, because Excel leaves out separators at the end of a row.
    "too_few_cells": ProblemKind(
        N_("Too few cells in the row"),
        N_("has fewer cells than the header"),
        hint=N_("check whether a line break has cut the row in two; missing cells at its end count as blank"),
        variants={"counted": N_("too few cells: %(cells)s, the header has %(width)s")},
        severity="warning",
        judged_by=Judge.ROW,
        is_found_by_reading=True,
    ),
    # Warnings of cleaning
    "email_typo": ProblemKind(
        N_("Perhaps a typing error"),
        N_("may have a typing error: %(usual)s is much more common than %(found)s"),
        hint=LOOK,
        severity="warning",
    ),
    "several_numbers": ProblemKind(
        N_("Several phone numbers"),
        N_("contains several phone numbers; the first is sent: %(number)s"),
        hint=LOOK,
        severity="warning",
    ),
    "extension": ProblemKind(
        N_("Phone number with an extension"),
        N_("has an extension, %(extension)s, which is not sent; %(number)s is sent"),
        hint=LOOK,
        severity="warning",
    ),
    "phone_note": ProblemKind(
        N_("Phone number with a note"),
        N_("has a note, «%(note)s», which is not sent; %(number)s is sent"),
        hint=LOOK,
        severity="warning",
    ),
    "several_values": ProblemKind(
        N_("Several values"),
        N_("contains several values; the first is sent: %(sent)s"),
        hint=LOOK,
        severity="warning",
    ),
    "name_not_split": ProblemKind(
        N_("Name that cannot be split"),
        N_("is not the full name of one person, so it is not split into parts"),
        hint=N_("enter the full name of one person, such as Ana Ax"),
    ),
    "may_be_encoded": ProblemKind(
        N_("Perhaps encoded by another program"),
        N_("may have been encoded by another program; it would be «%(decoded)s»"),
        hint=N_("enter the text as it should read"),
    ),
    "middle_name_unclear": ProblemKind(
        N_("Given or family name in the middle"),
        N_("has «%(middle)s» in the middle, which may be a given name or part of the family name"),
        hint=N_("write the family name first, with a comma behind it, such as Ax Berg, Ana"),
    ),
    "calling_code_as_country": ProblemKind(
        N_("Calling code instead of a country"),
        N_("is a calling code, not a country"),
        hint=N_("enter the two letters of the country, such as FR"),
    ),
    # Phone numbers that cleaning does not complete: nothing is made up
    "phone_country_unknown": ProblemKind(
        N_("Phone number without a country"),
        N_("has no country code, and its country is not known"),
        hint="write it with the country code, such as +33…, fill in a country in the row, or use --region, such as "
        "--region US",
        web_hint=N_(
            "write it with the country code, such as +33…, fill in a country in the row, or choose the country of "
            "phone numbers under Columns"
        ),
        follows_damage=True,
        explains_form=True,
    ),
    "phone_not_valid": ProblemKind(
        N_("Phone number that does not exist"),
        N_("is not a phone number of its country, %(region)s, so no country code is put in front of it"),
        hint=N_("correct the number, or write it with its country code, such as +33…"),
        variants={
            "international": N_("is not a phone number of the country whose code it has"),
            "code": N_("has another country code than the one beside it, %(calling_code)s"),
        },
        follows_damage=True,
        explains_form=True,
    ),
    "not_a_phone": ProblemKind(
        N_("Not a phone number"),
        N_("is not a phone number"),
        hint=N_("enter one number with its country code, such as +33…"),
        hint_source=HintSource.FIELD,
        follows_damage=True,
        explains_form=True,
    ),
    # Only several rows together show these. They are warnings, because honest lists look the same
    "leading_zeros_lost": ProblemKind(
        N_("Perhaps a lost leading zero"),
        N_(
            "has %(digits)s digits where the column's other codes have %(length)s: a spreadsheet may have dropped a "
            "zero in front of it"
        ),
        hint=N_("if so, put the zero back and format the column as text"),
        severity="warning",
        judged_by=Judge.FILE,
    ),
    "shared_email": ProblemKind(
        N_("The same e-mail address in several rows"),
        N_("shares its e-mail address with row %(rows)s, which differs in other fields"),
        hint=N_("check whether they are one contact; both are sent as they are"),
        variants={
            "rows": N_("shares its e-mail address with rows %(rows)s, which differ in other fields"),
            "more": N_("shares its e-mail address with rows %(rows)s and %(more)s more, which differ in other fields"),
        },
        severity="warning",
        judged_by=Judge.FILE,
    ),
    "shared_phone": ProblemKind(
        N_("The same phone number in several rows"),
        N_("shares its phone number with row %(rows)s, which differs in other fields"),
        hint=N_("check whether they are one contact; both are sent as they are"),
        variants={
            "rows": N_("shares its phone number with rows %(rows)s, which differ in other fields"),
            "more": N_("shares its phone number with rows %(rows)s and %(more)s more, which differ in other fields"),
        },
        severity="warning",
        judged_by=Judge.FILE,
    ),
    # Of a file as a whole: these are raised as errors, no row has them
    "date_order_unproven": ProblemKind(
        N_("Dates in an unknown order"),
        "column %(column)s has dates whose order nothing in it proves: %(examples)s could have the day or the month "
        "first; use --date-order dmy or --date-order mdy, or leave the column out: ignore = [%(column)s] "
        "in a mapping file",
        hint="",
        web_template=N_(
            "The column %(column)s has dates whose order nothing in it proves: %(examples)s could have the day or the "
            "month first. Say which under Columns, or choose no field for this column."
        ),
        judged_by=Judge.FILE,
    ),
    "date_order_mixed": ProblemKind(
        N_("Dates in two orders"),
        "column %(column)s has dates in two orders: %(one)s (row %(row)s) has the day first, %(other)s (row "
        "%(other_row)s) the month; correct the rows of one kind, or write both as YYYY-MM-DD",
        hint="",
        web_template=N_(
            "The column %(column)s has dates in two orders: %(one)s (row %(row)s) has the day first, %(other)s (row "
            "%(other_row)s) the month. Correct the rows of one kind in the file, or write both as YYYY-MM-DD."
        ),
        variants={
            "year": "column %(column)s has dates in two orders: %(one)s (row %(row)s) has the year first, %(other)s "
            "(row %(other_row)s) has not; correct the rows of one kind, or write both as YYYY-MM-DD"
        },
        web_variants={
            "year": N_(
                "The column %(column)s has dates in two orders: %(one)s (row %(row)s) has the year first, %(other)s "
                "(row %(other_row)s) has not. Correct the rows of one kind in the file, or write both as YYYY-MM-DD."
            )
        },
        judged_by=Judge.FILE,
    ),
    "phone_countries_unknown": ProblemKind(
        N_("Phone numbers without a country"),
        "column %(column)s has phone numbers without a country code, and their country is not known: "
        "%(examples)s; use --region, such as --region US, or map a column with the country of each row",
        hint="",
        web_template=N_(
            "The column %(column)s has phone numbers without a country code, and their country is not known: "
            "%(examples)s. Choose the country of phone numbers under Columns, or choose no field for this column."
        ),
        judged_by=Judge.FILE,
    ),
    "time_zone_unknown": ProblemKind(
        N_("Times without a time zone"),
        "column %(column)s has times without a time zone, and their zone is not known: %(examples)s; use "
        "--timezone, such as --timezone Africa/Casablanca, or in a mapping file: %(line)s",
        hint="",
        web_template=N_(
            "The column %(column)s has times without a time zone, and their zone is not known: "
            "%(examples)s. Choose the time zone under Columns, or choose no field for this column."
        ),
        judged_by=Judge.FILE,
    ),
    "repeated_contact": ProblemKind(
        N_("Contact repeated"),
        N_("is the same contact as another row, which is sent instead"),
        hint="",
        severity=SKIPPED,
        judged_by=Judge.FILE,
    ),
    "draft_changed": ProblemKind(
        "", N_("this file was changed in another window; look at it again"), hint="", judged_by=Judge.FILE
    ),
    "draft_imported": ProblemKind(
        "",
        N_("this file has been imported; correct errors.xlsx of its run, and upload that"),
        hint="",
        judged_by=Judge.FILE,
    ),
    "draft_gone": ProblemKind("", N_("this file is no longer here; upload it again"), hint="", judged_by=Judge.FILE),
    "mapping_gone": ProblemKind("", N_("the saved mapping “%(name)s” no longer exists"), hint="", judged_by=Judge.FILE),
    "mapping_name_taken": ProblemKind(
        "", N_("another saved mapping is called “%(name)s”; choose another name"), hint="", judged_by=Judge.FILE
    ),
}
UNKNOWN_KIND = ProblemKind("", "", hint="")
FIELD_HINT, EXAMPLE = "enter %(field_hint)s", N_("for example %(example)s")
NEAR_CHOICE = N_("did you mean %(near)s? Use one of %(values)s")
# By kind of field the option that makes its values readable; the web app has a form for it.
OPTIONS = {
    "date": "; for other orders, use --date-order",
    "date-time": "; for times without an offset, use --timezone AREA/CITY (a time that the change of the clocks skips "
    "or repeats needs its offset)",
}
WEB_OPTIONS = {
    "date": N_("; if the day and the month are in another order, choose it under Columns"),
    "date-time": N_(
        "; for times without an offset, give their time zone under Columns (a time that the change of the clocks skips "
        "or repeats needs its offset)"
    ),
}
IN_ROW, AND_MORE = N_("(row %(row)s)"), N_(" and %(more)s more")


def codes_of(
    flag: Literal["is_damage", "follows_damage", "is_found_by_reading", "survives_reimport", "explains_form"],
) -> list[str]:
    """Return the codes of the kinds that have a flag."""
    return [code for code, kind in PROBLEM_KINDS.items() if getattr(kind, flag)]


def codes_judged_by(judge: Judge) -> list[str]:
    """Return the codes of the kinds for which this much must be seen."""
    return [code for code, kind in PROBLEM_KINDS.items() if kind.judged_by is judge]


def message_of(code: str, params: Params, translate: Translate = str, *, for_web: bool = False) -> str:
    """Return a problem's message, in English unless it is translated."""
    if "message" in params:
        return str(params["message"])
    template = PROBLEM_KINDS.get(code, UNKNOWN_KIND).template_of(params, for_web=for_web)
    return fill(translate(template), params, translate)


def hint_of(code: str, params: Params, translate: Translate = str, *, for_web: bool = False) -> str:
    """Return what to do about a problem, in English unless it is translated."""
    if "hint" in params:
        return str(params["hint"])
    if "field_advice" in params:
        return str(params["field_advice"])
    if "field_hint" in params:
        return fill(FIELD_HINT, params, translate) + option_of(params, translate, for_web=for_web)
    if "near" in params:
        return fill(translate(NEAR_CHOICE), params, translate)
    kind = PROBLEM_KINDS.get(code, UNKNOWN_KIND)
    template = EXAMPLE if "example" in params else (kind.web_hint if for_web else "") or kind.hint
    return fill(translate(template), params, translate) if template else ""


def option_of(params: Params, translate: Translate = str, *, for_web: bool = False) -> str:
    """Return the end of a hint that names an option, or a blank text."""
    options = WEB_OPTIONS if for_web else OPTIONS
    return translate(options[params["option"]]) if "option" in params else ""


def fill(template: str, params: Params, translate: Translate = str) -> str:
    """Return a template with its parameters. What is in a parameter is never taken for a placeholder."""
    if "examples" in params:
        in_row = translate(IN_ROW)
        listed = ", ".join(f"{text} {in_row % {'row': row}}" for text, row in params["examples"])
        rest = translate(AND_MORE) % params if "more" in params else ""
        params = {**params, "examples": listed + rest}
    return template % params if "%(" in template else template
