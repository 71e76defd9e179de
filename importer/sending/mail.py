"""Mails the end of a run. Whatever the mail server does, the run does not fail for it."""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

from importer.errors import SettingsError
from importer.model.addresses import is_loopback
from importer.model.mail_server import MailServer
from importer.sending.certificates import make_ssl_context

TIMEOUT_SECONDS = 30.0
MOST_ATTACHED_BYTES = 10_000_000  # many servers take no more
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to send; ``attachment`` is a workbook."""

    recipients: tuple[str, ...]
    subject: str
    text: str
    attachment: Path | None = None


def check_mail(recipients: Sequence[str], server: MailServer | None) -> None:
    """Raise SettingsError unless mail can be sent to the recipients."""
    if not recipients:
        return
    for recipient in recipients:
        local, at, domain = recipient.rpartition("@")
        if not (local and at and domain) or any(sign in recipient for sign in "\r\n,;<> "):
            raise SettingsError(f"--mail: {recipient!r} is not an e-mail address")
    if server is None:
        raise SettingsError("--mail: which mail server? Put [mail] with host and from into importer.toml")
    if server.password and server.security == "none" and not is_loopback(server.host):
        raise SettingsError('[mail]: security = "none" would send the password unencrypted; use "starttls" or "tls"')


def send_mail(mail: Mail, server: MailServer, ca_file: str | None = None) -> str | None:
    """Send a mail within half a minute; return the text of what went wrong, or None. Never raises."""
    results: list[str | None] = []
    worker = threading.Thread(target=lambda: results.append(_send(mail, server, ca_file)), daemon=True)
    worker.start()
    worker.join(TIMEOUT_SECONDS)
    return results[0] if results else f"{server.host} did not take the mail in {TIMEOUT_SECONDS:g} seconds"


def _send(mail: Mail, server: MailServer, ca_file: str | None) -> str | None:
    try:
        message = _build(mail, server)
        with _connect(server, ca_file) as connection:
            if server.user and server.password:
                connection.login(server.user, server.password)
            refused = connection.send_message(message)
    except smtplib.SMTPResponseException as error:  # its text may repeat what was sent
        return f"{server.host} answered {error.smtp_code}"
    except (smtplib.SMTPException, OSError, ValueError, SettingsError) as error:
        return f"{server.host} did not take the mail ({type(error).__name__})"
    return f"{server.host} does not deliver to {', '.join(refused)}" if refused else None


def _connect(server: MailServer, ca_file: str | None) -> smtplib.SMTP:
    context: ssl.SSLContext = make_ssl_context(ca_file)
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    if server.security == "starttls":
        try:
            connection.starttls(context=context)
        except BaseException:
            connection.close()
            raise
    return connection


def _build(mail: Mail, server: MailServer) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = server.sender, ", ".join(mail.recipients)
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid(domain="contact-importer")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    text, file = mail.text, mail.attachment
    if file is not None and file.stat().st_size > MOST_ATTACHED_BYTES:
        text, file = f"{text}\n\n{file.name} is too large to attach; it is with the other reports.", None
    message.set_content(f"{text}\n")
    if file is not None:
        message.add_attachment(file.read_bytes(), maintype=XLSX[0], subtype=XLSX[1], filename=file.name)
    return message
