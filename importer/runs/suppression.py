"""Lists of contacts that are never sent: addresses, domains, phone numbers, or SHA-256 of addresses, one a line.

Addresses are compared without case: who unsubscribes as Ana@… is also ana@…, whatever RFC 5321 allows. Digests are
those of the trimmed address in small letters, as mailing services exchange them. A domain is compared as it is,
without the domains below it. A list that cannot be read to its last line stops the run: what it meant would be sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from importer.cleaning import ADDRESS, PLAIN_E164, clean_email, clean_phone
from importer.errors import SettingsError
from importer.mapping import Mapping, label_columns, names_other_subject
from importer.model.problem import SKIPPED
from importer.model.problem_frame import PROBLEM_SCHEMA, encode_params
from importer.model.report_columns import REPORT_PREFIX
from schemas.contract import Field
from schemas.kind import Kind

CODE = "suppressed"
_PUNCTUATION = " \t\r\"';,\ufeff\u00a0"
_HEADER = r"^(?:[^@\d]*\d){0,2}[^@\d]*$"
_DIGEST = r"^[0-9a-f]{64}$"
_DOMAIN = r"^(?:\*\.|@)?((?:[\p{L}\d](?:[\p{L}\d-]*[\p{L}\d])?\.)+\p{L}[\p{L}\d-]+)\.?$"
_PHONE = r"^(?i:tel:)?\+?[\d\s().\-/\u{a0}\u{2010}-\u{2015}]{5,}$"
_NO_FIELD = Field("email", ("email",))
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class TextSet:
    """A set of texts, kept as sorted hashes of 64 bits: a million texts take 8 MB.

    A join takes 40 times as long, because it hashes the whole list for each batch. Two of a million texts that are not
    the same have the same hash once in ten million lists.
    """

    def __init__(self, texts: pl.Series) -> None:
        self._hashes = texts.drop_nulls().unique().hash().sort()

    def __len__(self) -> int:
        return self._hashes.len()

    def contains(self, texts: pl.Series) -> pl.Series:
        """Return where a text is in the set; false for null."""
        if not len(self):
            return pl.Series([False], dtype=pl.Boolean).new_from_index(0, texts.len())
        wanted = texts.hash()
        places = self._hashes.search_sorted(wanted).clip(0, len(self) - 1)
        return (self._hashes[places] == wanted) & texts.is_not_null()


@dataclass(frozen=True, slots=True)
class SuppressionList:
    """One list, by the kinds of its entries."""

    name: str
    addresses: TextSet
    domains: TextSet
    digests: TextSet
    phones: TextSet

    def has_addresses(self, addresses: pl.Series) -> pl.Series:
        """Return where an address, in small letters, or its domain or digest is in the list."""
        found = self.addresses.contains(addresses)
        if len(self.domains):
            found |= self.domains.contains(addresses.str.extract(r"@([^@]+)$", 1))
        if len(self.digests):
            distinct = addresses.drop_nulls().unique()
            digests = [hashlib.sha256(address.encode()).hexdigest() for address in distinct]  # polars has no SHA-256
            known = distinct.filter(self.digests.contains(pl.Series(digests, dtype=pl.String)))
            found |= addresses.is_in(known.implode()).fill_null(value=False)
        return found


def read_suppression_list(path: Path, region: str | None) -> SuppressionList:
    """Read a list; a first line that is a header is left out. ``region`` is that of numbers without a country code.

    Raises SettingsError for a list that cannot be read, has no entries, or has a line that is none of the four kinds.
    """
    option = f"--suppress {path}"
    lines = pl.DataFrame({"entry": [_read_text(path, option)]}).select(
        pl.col("entry").str.replace_all("\r\n?", "\n").str.split("\n").explode().str.strip_chars(_PUNCTUATION)
    )
    lines = lines.with_row_index("line", offset=1).filter((pl.col("entry") != "") & ~pl.col("entry").str.contains("^#"))
    address = clean_email(lines["entry"]).str.to_lowercase()
    lines = lines.with_columns(
        address=address.set(~address.str.contains(ADDRESS), None),
        digest=pl.col("entry").str.to_lowercase().str.extract(f"({_DIGEST})", 1),
        domain=pl.col("entry").str.to_lowercase().str.extract(_DOMAIN, 1),
    )
    is_text = pl.any_horizontal(pl.col("address", "digest", "domain").is_not_null())
    numbers = lines.filter(~is_text & pl.col("entry").str.contains(_PHONE))
    phones = clean_phone(numbers["entry"], region)[0]
    unread = numbers.filter(~phones.str.contains(PLAIN_E164))
    if unread.height:
        raise SettingsError(
            f"{option}: line {unread['line'][0]} is a phone number without its country, or none that exists. "
            "Write it as +12025550123, or name the country with --region"
        )
    other = lines.filter(~is_text & ~pl.col("entry").str.contains(_PHONE))
    if other.height and other["line"][0] == lines["line"][0]:
        other = other.filter((pl.col("line") != lines["line"][0]) | ~pl.col("entry").str.contains(_HEADER))
    if other.height:
        raise SettingsError(
            f"{option}: line {other['line'][0]} is neither an address, a domain, a phone number nor a SHA-256 of an "
            "address. A list has one of these a line, in one column"
        )
    found = SuppressionList(
        path.name,
        TextSet(lines["address"]),
        TextSet(lines.filter(pl.col("address").is_null())["domain"]),
        TextSet(lines["digest"]),
        TextSet(phones),
    )
    if not (len(found.addresses) or len(found.domains) or len(found.digests) or len(found.phones)):
        raise SettingsError(f"{option}: has no entries. Give a list with one address a line, or leave the option out")
    return found


def _read_text(path: Path, option: str) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{option}: cannot be read ({error.strerror}), and without it nothing is sent") from error
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace") if encoding == "utf-8" else "\x00"
    if "\x00" in text:
        raise SettingsError(f"{option}: is no text. Save it as CSV, with one address a line")
    return text


class Suppression:
    """Finds the contacts of a file that are on one of the lists.

    An address counts in every column of its row that is not about somebody else, sent or not; a phone number counts
    where it is sent.
    """

    def __init__(self, lists: Sequence[SuppressionList], mapping: Mapping, region: str | None) -> None:
        self._lists = lists
        self._mapping = mapping
        self._region = region
        self._sources = mapping.field_sources()
        self._labels = label_columns(mapping.columns)
        emails = [field for field in mapping.fields if field.kind is Kind.EMAIL]
        self._others = {
            f"c{index}": label
            for index, label in enumerate(self._labels)
            if not _is_about_others(mapping.columns[index], emails)
        }

    def find(self, frame: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
        """Return a problem, in ``PROBLEM_SCHEMA``, for each row of a batch whose contact is on a list."""
        parts = [self._listed(frame["row"], *known) for known in self._texts(frame, cells)] if self._lists else []
        return pl.concat([pl.DataFrame(schema=PROBLEM_SCHEMA), *parts]).unique("row", keep="first").sort("row")

    def _texts(self, frame: pl.DataFrame, cells: pl.DataFrame) -> Iterator[tuple[str, str, pl.Series, bool]]:
        """Yield columns of addresses and phones: header, field, texts in the form of a list, and True for phones."""
        for field in self._mapping.fields:
            texts = frame[field.path]
            if texts.dtype != pl.String:
                continue
            if field.kind is Kind.EMAIL:
                yield self._sources[field.path].header, field.path, _to_addresses(texts), False
            if field.kind is Kind.PHONE:
                yield self._sources[field.path].header, field.path, self._to_numbers(texts, field, frame), True
        for name, label in self._others.items():
            if cells[name].str.contains("@", literal=True).any():
                yield label, "", _to_addresses(cells[name]), False

    def _to_numbers(self, texts: pl.Series, field: Field, frame: pl.DataFrame) -> pl.Series:
        """Return phones in E.164, also those whose calling code the vendor has in a field of its own."""
        numbers = clean_phone(texts, self._region)[0]
        if field.calling_code not in frame.columns:
            return numbers
        codes = frame[field.calling_code].str.replace_all(r"\D", "")
        whole = pl.select(pl.concat_str(pl.lit("+"), codes, texts.str.replace_all(r"\D", ""))).to_series()
        return whole.zip_with(codes.is_not_null() & ~texts.str.starts_with("+"), numbers)

    def _listed(self, rows: pl.Series, header: str, path: str, texts: pl.Series, are_phones: bool) -> pl.DataFrame:  # noqa: FBT001
        parts = []
        for known in self._lists:
            found = known.phones.contains(texts) if are_phones else known.has_addresses(texts)
            if found.any():
                parts.append(_problems(rows.filter(found), texts.filter(found), header, path, known.name))
        return pl.concat([pl.DataFrame(schema=PROBLEM_SCHEMA), *parts])


def _to_addresses(texts: pl.Series) -> pl.Series:
    return clean_email(texts.str.strip_chars()).str.to_lowercase()


def _is_about_others(header: str, emails: Sequence[Field]) -> bool:
    if header.strip().lower().startswith(REPORT_PREFIX):
        return True
    field = emails[0] if emails else _NO_FIELD
    return names_other_subject(header, field)


def _problems(rows: pl.Series, texts: pl.Series, header: str, path: str, name: str) -> pl.DataFrame:
    fixed = {
        "column": header, "field": path, "severity": SKIPPED, "code": CODE, "params": encode_params({"list": name}),
        "source": "check",
    }  # fmt: skip
    columns = (pl.lit(text).alias(key) for key, text in fixed.items())
    return pl.DataFrame({"row": rows, "value": texts}).with_columns(columns).select(*PROBLEM_SCHEMA)
