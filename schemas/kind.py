"""The kinds of value that a field can hold."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """The kind of value in a field. It decides how values are cleaned and columns recognised."""

    TEXT = "text"  # anything
    NAME = "name"  # a person's name, or a part of it
    EMAIL = "email"  # an e-mail address
    PHONE = "phone"  # a phone number
    DATE = "date"  # a day
    DATE_TIME = "date-time"  # a moment
    COUNTRY = "country"  # a country's two-letter code
    CHOICE = "choice"  # one of a fixed list
    URI = "uri"  # a web address
    ID = "id"  # an identifier, taken as it is
    ZIP = "zip"  # a postal code, which may begin with zeros
    CODE = "code"  # another code that may begin with zeros or a plus
