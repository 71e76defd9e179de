"""Phone numbers of a column, to E.164 (ITU-T), with the reasons for those that cannot be.

``phone_number.py`` has the rules. Here are only two quick ways for what most cells hold, which give what the rules
give: a number in E.164 stays, and one with punctuation loses it. Everything else is read once per text and country.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from importer.cleaning.phone_country import UNREADABLE
from importer.cleaning.phone_number import PLAIN_E164, PhoneNumber, PhoneProblem, national_part, parse_phone
from importer.cleaning.warnings import Remark
from schemas.contract import Field

PUNCTUATION = r"[ \t\u{a0}\u{202f}().\-\u{2010}-\u{2015}]"
# With brackets around a zero, or with a dash between two numbers, there is more to it than punctuation.
PUNCTUATED = r"^(?:\+|00)[1-9][0-9 \t\u{a0}\u{202f}().\-\u{2010}-\u{2015}]*[0-9]$"
MORE_THAN_PUNCTUATION = r"\(\s*0\s*\)|\s[\-\u{2010}-\u{2015}]"


def clean_phone(
    values: pl.Series,
    region: str | None,
    countries: Callable[[], pl.Series] | None = None,
    calling_codes: pl.Series | None = None,
    rows: pl.Series | None = None,
    field: Field | None = None,
) -> tuple[pl.Series, list[Remark]]:
    """Return E.164 where that is certain, else the text as it is, and what there is to say of the cells.

    ``countries`` returns two-letter codes row by row, which win over ``region``. Where a row has a text in
    ``calling_codes``, the number becomes a national one.
    """
    other = (~values.str.contains(PLAIN_E164)).fill_null(value=False)
    if calling_codes is not None:
        other |= calling_codes.is_not_null() & values.is_not_null()
    positions = (other & (values != "")).fill_null(value=False).arg_true()
    if not positions.len():
        return values, []
    left = values[positions]
    bare = left.str.replace_all(PUNCTUATION, "").str.replace("^00", "+")
    is_quick = left.str.contains(PUNCTUATED) & ~left.str.contains(MORE_THAN_PUNCTUATION) & bare.str.contains(PLAIN_E164)
    if calling_codes is not None:
        is_quick &= calling_codes[positions].is_null()
    cleaned = values.clone().scatter(positions, bare.zip_with(is_quick, left))
    positions = positions.filter(~is_quick)
    if not positions.len():
        return cleaned, []
    regions = pl.Series([region], dtype=pl.String).new_from_index(0, positions.len())
    if countries is not None:
        regions = countries()[positions].fill_null(regions)
    codes = regions.clear(positions.len()) if calling_codes is None else calling_codes[positions]
    asked = pl.DataFrame({"text": values[positions], "region": regions, "code": codes})
    distinct = asked.unique()
    found = [_read(*entry) for entry in distinct.iter_rows()]
    known = distinct.with_columns(
        number=pl.Series([entry.number for entry in found], dtype=pl.String),
        index=pl.Series([index if _has_remark(entry) else None for index, entry in enumerate(found)], dtype=pl.UInt32),
    )
    joined = asked.join(known, on=["text", "region", "code"], how="left", nulls_equal=True, maintain_order="left")
    cleaned = cleaned.scatter(positions, joined["number"].fill_null(asked["text"]))
    if rows is None or field is None:
        return cleaned, []
    said = joined.select(row=rows[positions], index="index", region="region").drop_nulls("index")
    remarks = [
        Remark(row, field.path, code, params)
        for row, index, used in said.iter_rows()
        for code, params in _describe(found[index], used, field)
    ]
    return cleaned, remarks


def _read(text: str, region: str | None, calling_code: str | None) -> PhoneNumber:
    if calling_code is not None:
        return national_part(text, calling_code)
    return parse_phone(text, None if region == UNREADABLE else region)


def _has_remark(found: PhoneNumber) -> bool:
    return bool(found.problem or found.has_others or found.extension or found.note)


def _describe(found: PhoneNumber, region: str | None, field: Field) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the code and the parameters of the problem, or of each thing that is left out."""
    if found.problem is PhoneProblem.NOT_IN_PLAN and found.calling_code:
        yield found.problem, {"variant": "code", "calling_code": found.calling_code}
    elif found.problem is PhoneProblem.NOT_IN_PLAN:
        yield found.problem, {"region": region.upper()} if region else {"variant": "international"}
    elif found.problem is PhoneProblem.COUNTRY_UNKNOWN:
        yield found.problem, {}
    elif found.problem:
        yield found.problem, {"field_hint": field.hint} if field.hint and not field.hint_names_option else {}
    else:
        if found.has_others:
            yield "several_numbers", {"number": found.number}
        if found.extension:
            yield "extension", {"extension": found.extension, "number": found.number}
        if found.note:
            yield "phone_note", {"note": found.note, "number": found.number}
