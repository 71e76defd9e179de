"""The country of a column of phone numbers, most of which have no country code."""

from __future__ import annotations

from dataclasses import replace

from importer.cleaning import CleaningOptions, PhoneCountryEvidence, validate_options
from importer.mapping import FieldMapping, Mapping, ValueFormat, format_entry, label_columns
from importer.model.problem import message_of
from importer.questions.column_choices import column_choices
from importer.questions.question import Choice, OpenQuestion, Unanswered

KIND = "phone_country"


def ask(feed: FieldMapping, evidence: PhoneCountryEvidence, mapping: Mapping) -> OpenQuestion:
    """Return the question of a column of phone numbers without a country."""
    path, labels = feed.field.path, label_columns(mapping.columns)
    header = mapping.header_of(feed) or path
    params = evidence.failure(header)
    likely, reason = evidence.likely_country()
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
            *column_choices(KIND, feed, mapping),
        ),
        proposal=likely,
        evidence=reason,
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
