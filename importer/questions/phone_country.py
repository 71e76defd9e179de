"""The country of a column of phone numbers, most of which have no country code."""

from __future__ import annotations

from dataclasses import replace

from importer.cleaning import CleaningOptions, PhoneCountryEvidence, validate_options
from importer.mapping import FieldMapping, Mapping, ValueFormat, format_entry, format_ignored, label_columns
from importer.model.problem import message_of
from importer.questions.question import IGNORE, Choice, OpenQuestion, Unanswered, leave_rows

KIND = "phone_country"


def ask(feed: FieldMapping, evidence: PhoneCountryEvidence, mapping: Mapping) -> OpenQuestion:
    """Return the question of a column of phone numbers without a country."""
    path, labels = feed.field.path, label_columns(mapping.columns)
    header = mapping.header_of(feed) or path
    params = evidence.failure(header)
    likely = evidence.likely_country()
    ignored = tuple(format_ignored(labels[index]) for index in feed.columns)
    return OpenQuestion(
        KIND,
        path,
        message_of("phone_countries_unknown", params),
        f"The phone numbers in the column {header!r} have no country code. Which country are they of?",
        Unanswered.STOP,
        rows=evidence.unknown,
        examples=tuple(evidence.examples),
        choices=(
            *([_choose(feed, labels, likely)] if likely else []),
            leave_rows(KIND, path),
            Choice(IGNORE, "Do not import the column", ignored),
        ),
        proposal=likely,
        evidence="the other numbers of the column are of this country" if likely else "",
        accepts="a country's two-letter code, such as US",
        code="phone_countries_unknown",
        params=params,
        context=(feed, labels),
    )


def read(question: OpenQuestion, text: str) -> Choice:
    """Return the choice of a country. Raises ValueError when it is none."""
    for wrong in validate_options(CleaningOptions(region=text)):
        raise ValueError(wrong)
    feed, labels = question.context
    return _choose(feed, labels, text.upper())


def _choose(feed: FieldMapping, labels: tuple[str, ...], region: str) -> Choice:
    form = feed.value_format
    known = replace(feed, value_format=ValueFormat(region, form.timezone, form.format))
    return Choice(region, region, (format_entry(known, labels),))
