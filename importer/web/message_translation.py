"""What is said of cells, fields and rows in doubt, in the reader's language, without the words of the command line.

The importer says it in English, with values in it. So its texts stand here as templates: the one that fits a text tells
what the values are, and they are put into the same template in the other language. What fits none stays as it is.
"""

from __future__ import annotations

import re

from importer.web.i18n import N_, Words

_MESSAGES = (
    N_("is required and blank"),
    N_("is blank, but other fields of %(object)s are filled in, and then it is required"),
    N_("is not a whole number"),
    N_("is not a number"),
    N_("is not true or false"),
    N_("is not a JSON value"),
    N_("has %(length)s characters, at least %(limit)s are asked for"),
    N_("has %(length)s characters, %(limit)s are allowed: %(more)s too many, the excess is «%(excess)s»"),
    N_("is not one of %(values)s"),
    N_("is not a phone number in the form the vendor takes"),
    N_("is not an e-mail address the vendor takes"),
    N_("is not a date in the form the vendor takes"),
    N_("is not a date and time in the form the vendor takes"),
    N_("does not have the documented form %(form)s"),
    N_("is not an e-mail address"),
    N_("is not a web address"),
    N_("is not a date written YYYY-MM-DD"),
    N_("is not a date and time such as %(example)s"),
    N_("is not a UUID"),
    N_("is not in the format %(format)s"),
    N_("holds something that is not an e-mail address"),
    N_("holds something that is not a web address"),
    N_("holds something that is not a date written YYYY-MM-DD"),
    N_("holds something that is not a date and time such as %(example)s"),
    N_("holds something that is not a UUID"),
    N_("holds something that is not in the format %(format)s"),
    N_("is below %(limit)s"),
    N_("is above %(limit)s"),
    N_("must be above %(limit)s"),
    N_("must be below %(limit)s"),
    N_("has too few entries: the least is %(limit)s"),
    N_("has too many entries: the most is %(limit)s"),
    N_("is surprisingly early: before %(limit)s"),
    N_("lies in the future"),
    N_("has nothing to send: every field is blank"),
    N_("has neither an e-mail address nor a phone number"),
    N_("was turned into scientific notation by a spreadsheet"),
    N_("was turned into a decimal number by a spreadsheet"),
    N_("was turned into a date by a spreadsheet"),
    N_("has zeros where a spreadsheet lost the digits after the fifteenth"),
    N_("has more digits than the fifteen that a spreadsheet keeps of a number"),
    N_("is an error of a formula instead of a value"),
    N_("is a formula whose value was not saved"),
    N_("is merged with the cell above, so that whose value it is cannot be told"),
    N_("was too long for a workbook's cell and stands in it cut off"),
    N_("was read in the wrong encoding before; it probably was «%(meant)s»"),
    N_("holds a control character, %(character)s, which nobody can see"),
    N_("holds %(sign)s, which stands for a character that was lost before"),
    N_(
        "has %(digits)s digits where the column's other codes have %(length)s: a spreadsheet may have dropped a zero "
        "in front of it"
    ),
    N_("has more cells than the header"),
    N_("has fewer cells than the header"),
    N_("too many cells: %(cells)s, the header has %(width)s"),
    N_("too few cells: %(cells)s, the header has %(width)s"),
    N_("has the e-mail address of row %(row)s, but other values elsewhere"),
    N_("has the e-mail address of rows %(rows)s and %(more)s more, but other values elsewhere"),
    N_("has the e-mail address of rows %(rows)s, but other values elsewhere"),
    N_("has the phone number of row %(row)s, but other values elsewhere"),
    N_("has the phone number of rows %(rows)s and %(more)s more, but other values elsewhere"),
    N_("has the phone number of rows %(rows)s, but other values elsewhere"),
    N_("may have a typing error: %(usual)s is much more common than %(found)s"),
    N_("holds several phone numbers; the first is sent, %(number)s"),
    N_("has an extension, %(extension)s, which is left out; %(number)s is sent"),
)
_DOUBTS = (
    N_("sent, but no answer came: %(why)s"),
    N_("the vendor answered %(status)s (success), but the answer was cut off"),
    N_("the vendor answered %(status)s (success), but the answer is not JSON"),
    N_("the vendor answered %(status)s (success), but without an id"),
    N_("the vendor answered %(status)s (success), but without %(place)s"),
    N_("the vendor failed with %(status)s; it may or may not have applied this: %(answer)s"),
    N_("interrupted before the answer came; it may or may not have been applied"),
)
"""What is known of rows that the vendor may have, or not."""
_HINTS = (
    N_("enter a value"),
    N_("correct the value"),
    N_("for example %(example)s"),
    N_("use one of %(values)s"),
    N_("shorten it; nothing is ever cut off for you"),
    N_("fill in at least one of the columns"),
    N_("look at the value, and correct it if it is not what you mean"),
    N_("look whether they are one contact; both are sent as they are"),
    N_("format the column as text and enter the number again"),
    N_("format the column as text and enter the value again"),
    N_("enter the value, or mend the formula; leave the cell blank if there is none"),
    N_("export the file again as UTF-8, or correct the text"),
    N_("if so, put the zero back and format the column as text"),
    N_("delete it, or enter the value again"),
    N_("enter the character that stood there"),
    N_("put quotes around a value that has the delimiter in it, or give the header more columns"),
    N_("look whether a line break has cut the row in two; cells that are missing at its end count as blank"),
    N_("unmerge the cells and enter the value in each row"),
    N_("open the workbook in a spreadsheet program and save it, or enter the value itself"),
    N_("correct the row in the file itself, and import that"),
)
_HINTS_OF_VENDORS = (
    N_("enter with country code, for example %(example)s"),
    N_("enter digits only, with an optional + in front, for example %(example)s"),
    N_("enter an address such as %(example)s"),
    N_("enter addresses separated by ;"),
    N_("enter a whole address that starts with https://"),
    N_("enter the date as YYYY-MM-DD, for example %(example)s"),
    N_("enter date and time in UTC, for example %(example)s"),
    N_("enter a two-letter country code, for example %(example)s"),
    N_("enter at most %(limit)s characters"),
    N_("enter the id that %(vendor)s gave the contact when it was created"),
)
_FIELDS_OF_VENDORS = (
    N_("List name for the contact"),
    N_("Tag for the contact"),
    N_("First name of the contact"),
    N_("Last name of the contact"),
    N_("Email of the contact"),
    N_("Phone number of the contact"),
    N_("Date of birth of the contact"),
    N_("Source of the contact"),
    N_("Notes for the contact"),
    N_("Custom fields for the contact"),
    N_("The id ClearTalk gave the contact"),
    N_("Contact type. Must be either customer or vendor."),
    N_("Full name of the contact."),
    N_("Email address of the contact."),
    N_("The ID of the company this contact belongs to."),
)
"""What the vendors' documents say of fields that a file must feed."""
_OF_DRAFTS = (
    N_("this file was changed in another window; look at it again"),
    N_("this file has been imported; correct errors.xlsx of its run, and upload that"),
    N_("this file is not here any more; upload it again"),
)
_INSTEAD = {
    "often one for the whole file: --set %(field)s=…": N_(
        "often one for the whole file: give it once under Columns, “The same value in every row”"
    ),
    "column %(column)s has dates whose order nothing in it proves: %(examples)s could have the day or the month first; "
    "say which with --date-order dmy or --date-order mdy, or leave the column out: ignore = %(columns)s in a mapping "
    "file": N_(
        "The column %(column)s has dates whose order nothing in it proves: %(examples)s could have the day or the "
        "month first. Say which under Columns, or choose no field for this column."
    ),
    "column %(column)s has dates in two orders: %(one)s (row %(row)s) has the day first, %(other)s (row %(other_row)s) "
    "the month; correct the rows of one kind, or give both as YYYY-MM-DD": N_(
        "The column %(column)s has dates in two orders: %(one)s (row %(row)s) has the day first, %(other)s (row "
        "%(other_row)s) the month. Correct the rows of one kind in the file, or write both as YYYY-MM-DD."
    ),
}
"""What speaks of the command line, and what is said of the page instead."""
_ENDS_INSTEAD = {
    "; for other orders say --date-order": N_(
        "; if the day and the month stand in another order, say it under Columns"
    ),
    "; for times without an offset say --timezone AREA/CITY (a time that the change of the clocks skips or repeats "
    "needs its offset)": N_(
        "; for times without an offset, give their time zone under Columns (a time that the change of the clocks skips "
        "or repeats needs its offset)"
    ),
}
"""The same for the ends of hints, which stand behind what a vendor's document says."""
_IN_ROW, _AND_MORE = N_("(row %(row)s)"), N_(" and %(more)s more")
_ROW, _MORE = re.compile(r"\(row (\d+)\)"), re.compile(r" and ([\d,]+) more\Z")
_ONE_WORD = {"cells", "digits", "found", "length", "limit", "more", "other_row", "row", "status", "usual", "width"}
"""Values without blanks. Where a template has several, looking for their ends takes no time, however long the text."""
_VALUE = re.compile(r"%\((\w+)\)s")


def problem_in(words: Words, text: str) -> str:
    """A problem's message or hint in these words; text that none of the templates fits as it is."""
    for end, instead in _ENDS_INSTEAD.items():
        if text.endswith(end):
            return problem_in(words, text.removesuffix(end)) + words.say(instead)
    if text in _WHOLE:
        return words.say(text)
    for pattern, template in _WITH_VALUES:
        if found := pattern.fullmatch(text):
            return words.say(template, **_told(words, found.groupdict()))
    return text


def _told(words: Words, values: dict[str, str]) -> dict[str, str]:
    """The values, of which only lists of dates with their rows have words of their own."""
    if "examples" in values:
        told = _ROW.sub(lambda row: words.say(_IN_ROW, row=row[1]), values["examples"])
        values["examples"] = _MORE.sub(lambda more: words.say(_AND_MORE, more=more[1]), told)
    return values


def _pattern(template: str) -> re.Pattern[str]:
    """What fits a template. A value is as short as can be, so that one which quotes the template is found whole."""
    texts = _VALUE.split(template)
    parts = [_value(text) if index % 2 else re.escape(text) for index, text in enumerate(texts)]
    return re.compile("".join(parts), re.DOTALL)


def _value(name: str) -> str:
    return rf"(?P<{name}>\S+)" if name in _ONE_WORD else f"(?P<{name}>.*?)"


_KNOWN = {
    text: text for text in (*_MESSAGES, *_DOUBTS, *_HINTS, *_HINTS_OF_VENDORS, *_FIELDS_OF_VENDORS, *_OF_DRAFTS)
} | _INSTEAD
_WHOLE = {text for text in _KNOWN if not _VALUE.search(text)}
_WITH_VALUES = [(_pattern(text), told) for text, told in _KNOWN.items() if text not in _WHOLE]
