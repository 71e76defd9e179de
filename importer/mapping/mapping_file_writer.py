"""Writes a mapping as a mapping file, with example values in comments, ready to edit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from importer.mapping.column_lookup import label_columns
from importer.mapping.column_profile import ColumnProfile
from importer.mapping.file_keys import FILE_KEYS
from importer.mapping.header_match import is_report_column
from importer.mapping.model import FieldMapping, Mapping, MissingField
from importer.mapping.step_entries import format_steps
from importer.mapping.toml_text import format_key, quote
from importer.settings import Settings
from schemas.contract import Operation
from schemas.kind import Kind

HEAD = """\
# Which columns of {file} map to the fields of {vendor} {operation}. Edit this file, then use it with --mapping.
#
#   field = "Column"                                         a column
#   field = {{ column = ["Mobile", "Home"] }}                  the first of these that is not blank
#   field = {{ value = "lead-2026" }}                          the same in every row
#   field = {{ template = "{{First}} {{Last}}" }}                  put together from columns
#   field = {{ column = "Stage", values = {{ Hot = "QUALIFIED" }}, otherwise = "POTENTIAL" }}
#   field = {{ column = "Notes", default = "" }}               where the cell is blank
#   field = {{ column = "Name", part = "first" }}              of full names: first, last, title, suffix, nickname
#   field = {{ column = "Name", part = "last", middle = "last" }}   words in the middle are family names; or "first"
#   field = {{ join = ["Street", "City"], separator = ", " }}  those that are not blank
#   field = {{ column = "Ref", split = {{ by = "-", take = 2 }}, replace = {{ "x" = "" }}, case = "upper" }}
#   field = {{ value = "vip", when = "Plan = 'Gold'", otherwise = "regular" }}
#   phone:  region = "MA"      date: format = "%d/%m/%Y"      date and time: timezone = "Africa/Casablanca"
#   blank = ["unknown"]                                      further words that stand for nothing
#   where = "Status = 'Active'"                              the rows to send; suppress, rows, skip_last, region,
#   timezone, date_order, sheet, header_row, encoding and delimiter stand beside it: see docs/mapping-files.md
#   members of open objects: type = "integer" (number, boolean, list, json)
"""
MOST_EXAMPLE_CHARACTERS = 30
COMMENT_COLUMN = 50
FIELD_KEYS = ("region", "timezone")  # written beside each field that they matter for


def render_mapping_file(
    mapping: Mapping, operation: Operation, profile: ColumnProfile, vendor: str, file: str, *, decided: bool = False
) -> str:
    """Return the mapping as TOML that ``read_mapping`` reads, with every field of the operation in it.

    Once a person has ``decided`` on every column, the unused ones are ignored for good.
    """
    labels = label_columns(mapping.columns)
    lines = [HEAD.format(vendor=vendor, operation=operation.name, file=file)]
    missing = {entry.field.path: entry for entry in mapping.missing}
    for known in mapping.field_mappings:
        examples = _format_examples(profile.examples(known.columns[0])) if known.columns else ""
        lines.append(_format_line(known.field.path, _format_source(known, labels), examples))
    for field in operation.fields:
        if field.path in missing:
            lines += _missing_lines(missing[field.path], labels, profile)
    lines += _optional_lines(mapping, operation)
    unused = _unused_labels(mapping, labels, decided=decided)
    if mapping.blank:
        lines.insert(1, f"blank = [{', '.join(map(quote, mapping.blank))}]")
    lines[1:1] = mapping.keys.lines()
    if unused and decided:
        lines.insert(1, f"ignore = [{', '.join(map(quote, unused))}]")
    elif unused:
        lines += ["", "# Columns that are not imported. Once they are ignored, they are no longer listed:"]
        lines += [f"# ignore = [{', '.join(map(quote, unused))}]"]
    return "\n".join(lines) + "\n"


def render_saved_mapping(
    mapping: Mapping, operation: Operation, profile: ColumnProfile, vendor: str, file: str, settings: Settings
) -> str:
    """Return the mapping file with the options and answers of the settings in it: the next file asks nothing."""
    text = render_mapping_file(_with_options(mapping, settings), operation, profile, vendor, file, decided=True)
    return "\n".join([text.rstrip("\n"), *_answer_lines(settings)]) + "\n"


def _with_options(mapping: Mapping, settings: Settings) -> Mapping:
    """Return the mapping with the options that hold for all fields written beside each that they matter for."""

    def with_option(known: FieldMapping) -> FieldMapping:
        form = known.value_format
        if known.field.kind is Kind.PHONE and settings.region and known.columns:
            form = replace(form, region=form.region or settings.region)
        if known.field.kind is Kind.DATE_TIME and settings.timezone and known.columns:
            form = replace(form, timezone=form.timezone or settings.timezone)
        return replace(known, value_format=form)

    return replace(
        mapping,
        field_mappings=tuple(map(with_option, mapping.field_mappings)),
        blank=tuple(dict.fromkeys((*mapping.blank, *settings.blank))),
        keys=replace(mapping.keys, **{name: getattr(settings, name) for name in FILE_KEYS if name not in FIELD_KEYS}),
    )


def _answer_lines(settings: Settings) -> list[str]:
    if not settings.answers:
        return []
    answers = [f"{format_key(key)} = {quote(answer)}" for key, answer in dict(settings.answers).items()]
    return ["", "[answers]", *answers]


def _missing_lines(missing: MissingField, labels: Sequence[str], profile: ColumnProfile) -> Iterator[str]:
    field = missing.field
    reason = "required, and no column maps to it"
    if missing.tied:
        reason = "several columns name it equally well"
    if missing.by_values:
        reason = "the values of a column fit, but its header does not"
    yield f"\n# {field.path}: {reason}. Take away the # before one line, or write your own:"
    for index in missing.candidates:
        yield "# " + _format_line(field.path, quote(labels[index]), _format_examples(profile.examples(index)))
    if not missing.candidates:
        example = field.limits.enum[0] if field.limits.enum else str(field.example or "…")
        yield f"# {format_key(field.path)} = {{ value = {quote(example)} }}"


def _optional_lines(mapping: Mapping, operation: Operation) -> Iterator[str]:
    listed = {field.path for field in mapping.fields} | {missing.field.path for missing in mapping.missing}
    optional = [field for field in operation.fields if field.path not in listed]
    if optional:
        yield from ("", "# Optional fields that no column maps to:")
    for field in optional:
        yield f"# {format_key(field.path + ('.<name>' if field.open else ''))} ="


def _unused_labels(mapping: Mapping, labels: Sequence[str], *, decided: bool) -> list[str]:
    used = {index for known in mapping.field_mappings for index in known.columns}
    return [
        labels[index]
        for index, header in enumerate(mapping.columns)
        if index not in used and (header.strip() or decided) and not is_report_column(header)
    ]


def _format_line(path: str, value: str, comment: str) -> str:
    text = f"{format_key(path)} = {value}"
    return f"{text:<{COMMENT_COLUMN}}  # {comment}" if comment else text


def format_entry(known: FieldMapping, labels: Sequence[str]) -> str:
    """Return the line of a mapping file for one field."""
    return f"{format_key(known.field.path)} = {_format_source(known, labels)}"


def format_ignored(label: str) -> str:
    """Return the line of a mapping file that leaves a column out."""
    return f"ignore = [{quote(label)}]"


def _format_source(known: FieldMapping, labels: Sequence[str]) -> str:
    parts = [_format_origin(known, labels)]
    if known.values:
        pairs = ", ".join(f"{quote(text)} = {quote(replacement)}" for text, replacement in known.values)
        parts.append(f"values = {{ {pairs} }}")
    options = {
        "separator": known.separator,
        "part": known.part,
        "middle": known.middle,
        "when": known.when.text if known.when else None,
        "otherwise": known.otherwise,
        "default": known.default,
        "region": known.value_format.region,
        "timezone": known.value_format.timezone,
        "format": known.value_format.format,
    }
    parts += [f"{name} = {quote(value)}" for name, value in options.items() if value is not None]
    parts += format_steps(known.steps)
    if known.field.of_open and known.field.type != "string":
        parts.append(f"type = {quote('list' if known.field.type == 'array' else known.field.type)}")
    if len(parts) == 1 and parts[0].startswith('column = "'):
        return parts[0].removeprefix("column = ")
    return f"{{ {', '.join(parts)} }}"


def _format_origin(known: FieldMapping, labels: Sequence[str]) -> str:
    if known.constant is not None:
        return f"value = {quote(known.constant)}"
    if known.template:
        text = "".join(
            f"{{{labels[part]}}}" if isinstance(part, int) else part.replace("{", "{{").replace("}", "}}")
            for part in known.template
        )
        return f"template = {quote(text)}"
    if len(known.columns) > 1:
        key = "column" if known.separator is None else "join"
        return f"{key} = [{', '.join(quote(labels[index]) for index in known.columns)}]"
    return f"column = {quote(labels[known.columns[0]])}"


def _format_examples(values: Sequence[str]) -> str:
    """Return values for a comment, which ends with its line and may not hold control characters."""
    longest = MOST_EXAMPLE_CHARACTERS
    short = (value if len(value) <= longest else value[: longest - 1] + "…" for value in values)
    return " · ".join("".join(char if char.isprintable() else " " for char in value) for value in short)
