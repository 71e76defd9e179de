"""E-mail addresses: without ``mailto:`` (RFC 6068), display names and stray punctuation, the domain in lower case.

Only the domain changes its case: RFC 5321 leaves the meaning of capitals in the local part to the receiving host.
Likely typing errors in domains are warnings and never corrected.
"""

from __future__ import annotations

import re

import polars as pl

from importer.cleaning.warnings import Remark

IRREGULAR = r"(?i)^mailto:|[<>]|^['\"(]|['\").,;:]$|(?-i:@.*[A-Z])"
# Nothing irregular, and plain as any text: one pattern that most addresses match.
PLAIN_EMAIL = r"^[!$-&*-9;=?A-~]+@[a-z0-9.-]*[a-z0-9-]$"
ADDRESS = r"^[^\s<>,;:\"()@]+@[^\s<>,;:\"()@]+$"
# A common provider's domain by what people type instead.
INTENDED_DOMAINS = {
    "gmial.com": "gmail.com", "gmai.com": "gmail.com", "gmal.com": "gmail.com", "gamil.com": "gmail.com",
    "gnail.com": "gmail.com", "gmil.com": "gmail.com", "gmaill.com": "gmail.com", "gmail.con": "gmail.com",
    "gmail.co": "gmail.com", "gmail.cm": "gmail.com", "gmail.om": "gmail.com", "gmail.fr": "gmail.com",
    "gimail.com": "gmail.com", "googlemail.co": "googlemail.com", "hotmial.com": "hotmail.com",
    "hotmal.com": "hotmail.com", "hotmai.com": "hotmail.com", "hotmil.com": "hotmail.com",
    "hotmail.con": "hotmail.com", "hotmail.co": "hotmail.com", "hotmaill.com": "hotmail.com",
    "hotamil.com": "hotmail.com", "homail.com": "hotmail.com", "outlok.com": "outlook.com",
    "outloo.com": "outlook.com", "outlook.con": "outlook.com", "outlook.co": "outlook.com",
    "outllook.com": "outlook.com", "yaho.com": "yahoo.com", "yahooo.com": "yahoo.com", "yhoo.com": "yahoo.com",
    "yahoo.con": "yahoo.com", "yahoo.co": "yahoo.com", "yaoo.com": "yahoo.com", "yahou.com": "yahoo.com",
    "iclod.com": "icloud.com", "icoud.com": "icloud.com", "icloud.con": "icloud.com", "icloud.co": "icloud.com",
    "oragne.fr": "orange.fr", "orange.f": "orange.fr", "wandoo.fr": "wanadoo.fr", "laposte.ne": "laposte.net",
    "lapost.net": "laposte.net", "gmx.d": "gmx.de", "web.d": "web.de", "t-online.d": "t-online.de",
    "libero.i": "libero.it", "comcast.ne": "comcast.net", "protonmail.con": "protonmail.com",
}  # fmt: skip
LIKELY_TYPO = rf"(?i)(?:@(?:{'|'.join(map(re.escape, INTENDED_DOMAINS))})|@[^@]+[.](?:con|cmo|ocm|comm|vom|xom))$"


def clean_email(values: pl.Series) -> pl.Series:
    """Return bare addresses; what is not one address without the rest stays, for checking to judge."""
    irregular = values.filter(values.str.contains(IRREGULAR).fill_null(value=False)).unique()
    if not irregular.len():
        return values
    bare = (
        irregular.str.replace(r"(?i)^mailto:\s*", "")
        .str.replace(r"(@[^?\s]+)\?.*$", "$1")
        .str.replace(r"^[^<>]*<\s*([^<>\s]+)\s*>[\s.,;:]*$", "$1")
        .str.replace_all(r"^['\"(<\s]+|['\")>\s.,;:]+$", "")
    )
    local, domain = bare.str.extract(r"^(.*@)", 1), bare.str.extract(r"@([^@]*)$", 1).str.to_lowercase()
    cleaned = (local + domain).fill_null(bare)
    good = cleaned.str.contains(ADDRESS)
    return values.replace(irregular.filter(good), cleaned.filter(good))


def email_remarks(rows: pl.Series, values: pl.Series, path: str) -> list[Remark]:
    """Return a warning for each address whose domain looks like a typing error. The address is never changed."""
    found = values.str.contains(LIKELY_TYPO).fill_null(value=False)
    if not found.any():
        return []
    domains = values.filter(found).str.extract(r"@([^@]+)$", 1).str.to_lowercase()
    return [
        Remark(row, path, "email_typo", {"usual": _intended_domain(domain), "found": domain})
        for row, domain in zip(rows.filter(found), domains, strict=True)
    ]


def _intended_domain(domain: str) -> str:
    return INTENDED_DOMAINS.get(domain) or domain.rpartition(".")[0] + ".com"
