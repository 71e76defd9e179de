"""The server that mail about runs is sent through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

Security = Literal["starttls", "tls", "none"]
SECURITY: tuple[Security, ...] = get_args(Security)
PORTS: dict[Security, int] = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server (RFC 5321) with the account to use, if it asks for one; ``sender`` is the address in From."""

    host: str
    sender: str
    port: int
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
