"""--mail: a real mail server gets how a run ended; what becomes of that changes nothing. And the chats' forms."""

from __future__ import annotations

import email
import email.policy
import io
import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from importer import Settings, run_import
from importer.errors import SettingsError
from importer.model.mail_server import MailServer
from importer.sending.chat_message import split_form
from tests.runs.test_notify import Notes, webhook

PASSWORD = "mail-secret-1"
CSV = "Email\nana@example.com\nbo@\n"


class Inbox:
    """What a mail server has taken, and with which password."""

    def __init__(self, answer: str = "250 OK") -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.passwords: list[bytes] = []
        self.answer = answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.recipients += envelope.rcpt_tos
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        return self.answer

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.passwords.append(data.password)
        return AuthResult(success=data.password == PASSWORD.encode())


@contextmanager
def mail_server(inbox: Inbox, security: str = "none", context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve mail on a free port; with a context only over TLS, and to whoever has the password."""
    account = {"authenticator": inbox.authenticate, "auth_required": True} if context else {}

    class Server(Controller):
        def factory(self) -> SMTP:
            if security == "starttls":
                return SMTP(self.handler, tls_context=context, require_starttls=True, **account)
            return SMTP(self.handler, auth_require_tls=False, **account)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    controller = Server(inbox, hostname="127.0.0.1", port=port, ssl_context=context if security == "tls" else None)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def settings(folder: Path, sandbox: str, server: MailServer | None, **more: Any) -> Settings:
    return Settings(
        "iclosed",
        base_url=f"{sandbox}/iclosed",
        api_key="iclosed-k",
        output=folder / "out",
        mail=("ops@example.com", "lead@example.com"),
        mail_server=server,
        **more,
    )


def plain(port: int) -> MailServer:
    return MailServer("127.0.0.1", "importer@example.com", port, "none")


def write(folder: Path, name: str = "people.csv", text: str = CSV) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_mail_says_how_the_run_ended_and_has_the_rows_to_fix(tmp_path: Path, sandbox: str) -> None:
    inbox = Inbox()

    with mail_server(inbox) as port:
        run_import(write(tmp_path), settings(tmp_path, sandbox, plain(port), mail_errors=True))

    (mail,) = inbox.mails
    assert inbox.recipients == ["ops@example.com", "lead@example.com"]
    assert (mail["From"], mail["To"]) == ("importer@example.com", "ops@example.com, lead@example.com")
    assert mail["Subject"].startswith("people.csv → iClosed contacts, create: 1 of 2 rows")
    body = mail.get_body()
    assert body is not None
    text = body.get_content()
    assert "1  created" in text
    assert "1  invalid" in text
    assert "correct the colored cells in errors.xlsx" in text
    assert str(tmp_path / "out") in text
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "errors.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(attached.get_content())).worksheets[0]
    assert "bo@" in [cell.value for row in sheet.iter_rows() for cell in row]


def test_nothing_personal_is_mailed_unless_asked_and_a_file_name_adds_no_header(tmp_path: Path, sandbox: str) -> None:
    inbox = Inbox()

    with mail_server(inbox) as port:
        run_import(write(tmp_path, "a\nBcc: eve@example.com.csv"), settings(tmp_path, sandbox, plain(port)))

    (mail,) = inbox.mails
    assert not list(mail.iter_attachments())
    assert mail["Bcc"] is None
    assert "bo@" not in mail.as_string()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # all of it is TLS, which aiosmtpd misses
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_password_goes_through_tls_alone(tmp_path: Path, sandbox: str, security: Any) -> None:
    inbox, authority = Inbox(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    with mail_server(inbox, security, context) as port:
        server = MailServer("localhost", "importer@example.com", port, security, "importer", PASSWORD)
        notes = Notes()
        run_import(write(tmp_path), settings(tmp_path, sandbox, server, ca_file=str(tmp_path / "ca.pem")), notes)
        untrusted = Notes()
        run_import(write(tmp_path, "b.csv"), settings(tmp_path / "b", sandbox, server), untrusted)

    assert inbox.passwords == [PASSWORD.encode()]
    assert len(inbox.mails) == 1
    assert not [note for note in notes.notes if "--mail" in note]
    assert [note for note in untrusted.notes if "--mail" in note] == [
        "--mail: localhost did not take the mail (SSLCertVerificationError); the run is not affected"
    ]
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in written


def test_a_server_that_refuses_or_is_not_there_changes_nothing(tmp_path: Path, sandbox: str) -> None:
    notes = Notes()

    with mail_server(Inbox("550 no such list")) as port:
        summary = run_import(write(tmp_path), settings(tmp_path, sandbox, plain(port)), notes)
    gone = run_import(write(tmp_path, "b.csv"), settings(tmp_path / "b", sandbox, plain(port)), notes)

    assert (summary.exit_code, gone.exit_code) == (3, 3)
    assert [note for note in notes.notes if "--mail" in note] == [
        "--mail: 127.0.0.1 answered 550; the run is not affected",
        "--mail: 127.0.0.1 did not take the mail (ConnectionRefusedError); the run is not affected",
    ]


@pytest.mark.parametrize(
    ("mail", "server", "message"),
    [
        (("ops",), MailServer("mail.example.com", "i@example.com", 25), "'ops' is not an e-mail address"),
        (("a@example.com",), None, r"Put \[mail\] with host and from into importer.toml"),
        (
            ("a@example.com",),
            MailServer("mail.example.com", "i@example.com", 25, "none", "i", PASSWORD),
            "would send the password unencrypted",
        ),
    ],
)
def test_wrong_settings_are_said_before_anything_is_read(
    tmp_path: Path, mail: tuple[str, ...], server: MailServer | None, message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        run_import(tmp_path / "nothing.csv", Settings("iclosed", mail=mail, mail_server=server))


def test_a_job_mails_by_the_server_of_importer_toml(tmp_path: Path, sandbox: str) -> None:
    inbox = Inbox()
    write(tmp_path)
    (tmp_path / "key.txt").write_text("iclosed-k")
    (tmp_path / "key.txt").chmod(0o600)
    with mail_server(inbox) as port:
        (tmp_path / "importer.toml").write_text(
            f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nfrom = "importer@example.com"\n'
            f'[jobs.nightly]\nvendor = "iclosed"\nbase_url = "{sandbox}/iclosed"\napi_key_file = "key.txt"\n'
            'mail = ["ops@example.com"]\n'
        )
        words = ["run", "people.csv", "--job", "nightly", "--state-dir", "state", "--output", "out"]
        done = subprocess.run(
            [sys.executable, "-m", "importer", *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        missing = subprocess.run(
            [sys.executable, "-m", "importer", "run", "gone.csv", "--job", "nightly", "--state-dir", "state"],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            text=True,
        )

    assert (done.returncode, missing.returncode) == (3, 2), done.stderr
    assert "1 of 2 rows" in inbox.mails[0]["Subject"]
    assert inbox.mails[1]["Subject"] == "gone.csv → iclosed: nothing was imported"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ('host = "h"', "needs 'from'"),
        ('host = "h"\nfrom = "i@example.com"\nsecurity = "ssl"', "security is one of starttls, tls, none"),
        ('host = "h"\nfrom = "i@example.com"\nport = 70000', "port is a whole number"),
        ('host = "h"\nfrom = "i@example.com"\nuser = "i"', "user and password go together"),
        ('host = "h"\nfrom = "i@example.com"\nuser = "i"\npassword = "hunter2"', "is not a key source"),
        ('hots = "h"', "unknown key 'hots'; did you mean host?"),
    ],
)
def test_a_wrong_section_is_said_and_the_password_is_not(tmp_path: Path, section: str, message: str) -> None:
    write(tmp_path)
    (tmp_path / "importer.toml").write_text(f"[mail]\n{section}\n")

    done = subprocess.run(
        [sys.executable, "-m", "importer", "run", "people.csv", "--vendor", "iclosed", "--mail", "ops@example.com"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "ICLOSED_API_KEY": "iclosed-k"},
    )

    assert done.returncode == 2
    assert message in done.stderr
    assert "hunter2" not in done.stderr


def test_slack_and_teams_get_their_own_forms(tmp_path: Path, sandbox: str) -> None:
    told: dict[str, Any] = {}
    for form in ("slack", "teams"):
        with webhook() as (address, messages):
            chosen = Settings(
                "iclosed",
                base_url=f"{sandbox}/iclosed",
                api_key="iclosed-k",
                output=tmp_path / form,
                notify=f"{form}:{address}",
            )
            run_import(write(tmp_path, f"<{form}>.csv", CSV.replace("ana", form)), chosen)
        (told[form],) = messages

    assert set(told["slack"]) == {"text", "blocks"}
    assert told["slack"]["text"].startswith("&lt;slack&gt;.csv → iClosed contacts, create: 1 of 2 rows")
    assert told["slack"]["blocks"][0]["text"] == {"type": "mrkdwn", "text": told["slack"]["text"]}
    (card,) = told["teams"]["attachments"]
    assert told["teams"]["type"] == "message"
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    headline, counts = card["content"]["body"]
    assert headline["text"].startswith("<teams>.csv → iClosed contacts")
    assert counts["text"].startswith("1 created, 1 invalid")
    assert "@example.com" not in json.dumps(told)


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("https://hooks.slack.com/services/T/B/x", "slack"),
        ("https://prod-1.westeurope.logic.azure.com:443/workflows/x", "teams"),
        ("https://example.webhook.office.com/webhookb2/x", "teams"),
        ("https://hooks.example.com/slack", "json"),
        ("https://hooks.slack.com.example.com/x", "json"),
    ],
)
def test_the_host_tells_the_form(address: str, form: str) -> None:
    assert split_form(address) == (form, address)
