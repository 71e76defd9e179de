"""A mapping → a mapping file: what would be used, with sample values, ready to edit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from importer.mapping.column_lookup import name_of
from importer.mapping.column_profile import Evidence
from importer.mapping.header_match import is_report_column
from importer.mapping.model import FieldMapping, Mapping, MissingField
from schemas.contract import Field, Operation

HEAD = """\
# What feeds the fields of {vendor} {operation} from {file}. Edit it, then say --mapping with its name.
#
#   field = "Column"                                         a column
#   field = {{ column = ["Mobile", "Home"] }}                  the first of these that is not blank
#   field = {{ value = "lead-2026" }}                          the same in every row
#   field = {{ template = "{{First}} {{Last}}" }}                  put together from columns
#   field = {{ column = "Stage", values = {{ Hot = "QUALIFIED" }}, otherwise = "POTENTIAL" }}
#   field = {{ column = "Notes", default = "" }}               where the cell is blank
#   phone:  region = "MA"      date: format = "%d/%m/%Y"      date and time: timezone = "Africa/Casablanca"
#   members of open objects: type = "integer" (number, boolean, list, json)
"""
LONGEST_SAMPLE = 30
_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


def mapping_text(
    mapping: Mapping, operation: Operation, evidence: Evidence, vendor: str, file: str, *, decided: bool = False
) -> str:
    """The mapping as TOML that ``read_mapping`` reads, with every field of the operation in it.

    Once a person has ``decided`` on every column, those that feed nothing are ignored for good.
    """
    lines = [HEAD.format(vendor=vendor, operation=operation.name, file=file)]
    fed = {feed.field.path: feed for feed in mapping.feeds}
    gaps = {gap.field.path: gap for gap in mapping.gaps}
    for path, feed in fed.items():
        lines.append(_line(path, _value(feed, mapping.columns), _samples(feed, evidence)))
    for field in operation.fields:
        if field.path in gaps:
            lines += _gap(gaps[field.path], mapping, field, evidence)
    free = [field for field in operation.fields if field.path not in fed and field.path not in gaps]
    if free:
        lines += ["", "# Nothing feeds these, and nothing has to:"]
        lines += [f"# {_key(field.path + ('.<name>' if field.open else ''))} =" for field in free]
    unused = [
        name_of(index, mapping.columns)
        for index, header in enumerate(mapping.columns)
        if (header.strip() or decided)
        and not is_report_column(header)
        and not any(index in feed.columns for feed in mapping.feeds)
    ]
    if unused and decided:
        lines.insert(1, f"ignore = [{', '.join(map(_text, unused))}]")
    elif unused:
        lines += ["", "# Columns that feed nothing. Once they are ignored, nothing is said of them any more:"]
        lines += [f"# ignore = [{', '.join(map(_text, unused))}]"]
    return "\n".join(lines) + "\n"


def _line(path: str, value: str, comment: str) -> str:
    text = f"{_key(path)} = {value}"
    return f"{text:<50}  # {comment}" if comment else text


def _gap(gap: MissingField, mapping: Mapping, field: Field, evidence: Evidence) -> Iterator[str]:
    said = "several columns name it equally well" if gap.tied else "required, and nothing feeds it"
    yield f"\n# {gap.field.path}: {said}. Take away the # before one line, or write your own:"
    for index in gap.choices:
        yield "# " + _line(field.path, _text(name_of(index, mapping.columns)), _shown(evidence.examples(index)))
    if not gap.choices:
        example = field.limits.enum[0] if field.limits.enum else str(field.example or "…")
        yield f"# {_key(field.path)} = {{ value = {_text(example)} }}"


def _value(feed: FieldMapping, columns: Sequence[str]) -> str:
    parts = []
    if feed.constant is not None:
        parts.append(f"value = {_text(feed.constant)}")
    elif feed.template:
        text = "".join(
            f"{{{name_of(part, columns)}}}" if isinstance(part, int) else part.replace("{", "{{").replace("}", "}}")
            for part in feed.template
        )
        parts.append(f"template = {_text(text)}")
    elif len(feed.columns) > 1:
        parts.append(f"column = [{', '.join(_text(name_of(index, columns)) for index in feed.columns)}]")
    else:
        parts.append(f"column = {_text(name_of(feed.columns[0], columns))}")
    if feed.values:
        parts.append(f"values = {{ {', '.join(f'{_text(value)} = {_text(meant)}' for value, meant in feed.values)} }}")
    named = (
        ("otherwise", feed.otherwise),
        ("default", feed.default),
        ("region", feed.form.region),
        ("timezone", feed.form.timezone),
        ("format", feed.form.format),
    )
    parts += [f"{name} = {_text(value)}" for name, value in named if value is not None]
    if feed.field.of_open and feed.field.type != "string":
        parts.append(f"type = {_text('list' if feed.field.type == 'array' else feed.field.type)}")
    if len(parts) == 1 and parts[0].startswith('column = "'):
        return parts[0].removeprefix("column = ")
    return f"{{ {', '.join(parts)} }}"


def _samples(feed: FieldMapping, evidence: Evidence) -> str:
    return _shown(evidence.examples(feed.columns[0])) if feed.columns else ""


def _shown(values: Sequence[str]) -> str:
    """Values in a comment, which ends with its line and may not hold control characters."""
    cut = (value if len(value) <= LONGEST_SAMPLE else value[: LONGEST_SAMPLE - 1] + "…" for value in values)
    return " · ".join("".join(char if char.isprintable() else " " for char in value) for value in cut)


def _key(path: str) -> str:
    return path if _BARE.match(path) else _text(path)


def _text(text: str) -> str:
    """A TOML basic string: JSON's escapes are valid there, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
