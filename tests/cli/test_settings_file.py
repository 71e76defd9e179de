"""importer.toml, and where keys come from: which value counts, what is said when one is wrong, and no key is ever shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """
[vendors.iclosed]
base_url = "https://vendor.example.com"
rate = "50/s"
timeout = 7
key = "file:KEYFILE"

[jobs.nightly]
vendor = "iclosed"
rate = "40/s"
region = "MA"
date-order = "dmy"
set = { tag = "lead", eventName = "Expo" }
map = ["Mail=email"]
mapping = "maps/leads.toml"
strict = true
clean = false
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "key").write_text("iclosed-very-secret")
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "importer.toml").write_text(CONFIG.replace("KEYFILE", str(tmp_path / "key")))
    monkeypatch.chdir(tmp_path)
    for name, value in {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "HOME": "home"}.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    return tmp_path


def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "importer", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
        input=environment.pop("STDIN", ""),
    )
    return done.returncode, done.stdout, done.stderr


def shown(text: str) -> dict[str, tuple[str, str]]:
    """By name the value and where it comes from."""
    parts = (line.split(None, 2) for line in text.splitlines())
    return {name: (value, origin) for name, value, origin in parts}


def test_option_environment_job_vendor_default_in_this_order(folder: Path) -> None:
    code, out, _ = run("config", "--job", "nightly", "--region", "FR", ICLOSED_BASE_URL="https://env.example.com")
    values = shown(out)

    assert code == 0
    assert values["region"] == ("FR", "option")
    assert values["base_url"] == ("https://env.example.com", "environment ICLOSED_BASE_URL")
    assert values["rate"] == ("40", "[jobs.nightly] of importer.toml")
    assert values["timeout"] == ("7", "[vendors.iclosed] of importer.toml")
    assert values["max_tries"] == ("5", "default")
    assert values["strict"][0] == "yes"
    assert values["clean"][0] == "no"
    assert values["mapping"][0] == str(folder / "maps" / "leads.toml")
    assert "tag=lead, eventName=Expo" in out


def test_a_vendors_settings_count_without_a_job(folder: Path) -> None:
    values = shown(run("config", "--vendor", "iclosed")[1])

    assert values["rate"] == ("50", "[vendors.iclosed] of importer.toml")
    assert values["region"] == ("–", "default")


def test_the_users_folder_has_the_file_where_the_working_folder_has_none(folder: Path) -> None:
    (folder / "config" / "contact-importer").mkdir(parents=True)
    (folder / "importer.toml").rename(folder / "config" / "contact-importer" / "importer.toml")

    assert shown(run("config", "--vendor", "iclosed")[1])["rate"][0] == "50"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("region", "regoin", "[jobs.nightly] has the unknown key 'regoin'; did you mean region?"),
        ('rate = "50/s"', 'rat = "50/s"', "[vendors.iclosed] has the unknown key 'rat'; did you mean rate?"),
        ("[vendors.iclosed]", "[vendor.iclosed]", "has the unknown key 'vendor'; did you mean vendors?"),
        ('"40/s"', '"fast"', "[jobs.nightly] of importer.toml: rate: 'fast' is not a rate"),
        ("[jobs.nightly]", "[jobs.nightyl]", "did you mean 'nightyl'?"),
        ('"40/s"', "2026-01-01", "is neither text, number, list nor true or false"),
        ("[jobs.nightly]", "[jobs.nightly", "cannot be read"),
        ("file:", "box:", "is not a key source; use env:NAME"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_it_is_said_with_its_place(folder: Path, before: str, after: str, words: str) -> None:
    path = folder / "importer.toml"
    path.write_text(path.read_text().replace(before, after, 1))

    code, _, err = run("config", "--job", "nightly")

    assert code == 2
    assert words in err


def test_a_key_file_that_others_can_read_is_refused(folder: Path) -> None:
    (folder / "key").chmod(0o644)

    code, _, err = run("config", "--vendor", "iclosed")

    assert code == 2
    assert "every user of this machine can read it; run chmod 600" in err


def test_keys_come_from_option_environment_file_credential_and_keyring(folder: Path) -> None:
    (folder / "other").write_text("iclosed-other")
    (folder / "other").chmod(0o600)
    (folder / "credentials").mkdir()
    (folder / "credentials" / "clemta_api_key").write_text("c")

    def where(*options: str, **environment: str) -> str:
        return shown(run("config", *options, **environment)[1])["api_key"][1]

    assert where("--vendor", "iclosed", "--api-key-file", "other", ICLOSED_API_KEY="k") == "file other"
    assert where("--vendor", "iclosed", ICLOSED_API_KEY="k") == "environment ICLOSED_API_KEY"
    assert where("--vendor", "iclosed") == f"file {folder / 'key'}"
    assert (
        where("--vendor", "clemta", CREDENTIALS_DIRECTORY=str(folder / "credentials"))
        == "systemd credential clemta_api_key"
    )


def test_the_keyring_keeps_keys_by_name(folder: Path) -> None:
    assert run("keys", "set", "gomobile", STDIN="g-secret\n")[0] == 0
    assert run("keys", "list")[1] == "gomobile\n"
    assert shown(run("config", "--vendor", "gomobile")[1])["api_key"] == ("••••••••", "keyring gomobile")

    assert run("keys", "delete", "gomobile")[0] == 0
    assert run("keys", "list")[1] == ""
    assert run("keys", "delete", "gomobile")[0] == 2


def test_without_a_keyring_that_is_said(folder: Path) -> None:
    code, _, err = run("keys", "set", "gomobile", STDIN="g\n", PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")

    assert code == 2
    assert "keyring does not take it" in err


def test_no_key_is_in_anything_that_is_printed_or_written(folder: Path, sandbox: str) -> None:
    (folder / "people.csv").write_text("Mail\nana@example.com\nbo@\n")
    where = {"ICLOSED_BASE_URL": f"{sandbox}/iclosed", "CONTACT_IMPORTER_DEBUG": "1"}
    printed = run("run", "people.csv", "--job", "nightly", "--no-strict", "--mapping", "", **where)
    (folder / "importer.toml").write_text(
        (folder / "importer.toml")
        .read_text()
        .replace('mapping = "maps/leads.toml"\n', "")
        .replace("strict = true\n", "")
    )

    printed += run(
        "run", "people.csv", "--job", "nightly", "--output", "out", "--json", "--log-format", "json", **where
    )
    printed += run("config", "--job", "nightly")

    counts = json.loads((folder / "out" / "summary.json").read_text())["counts"]
    assert counts["created"] == 1
    said = "".join(map(str, printed)).encode()
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "key":
            said += path.read_bytes()
    assert b"very-secret" not in said


@pytest.mark.parametrize(
    "line",
    [
        'key = "{}"', 'key = "env:{}"', 'key = "file:{}"', 'key = "credential:{}"', 'key = ["{}"]',
        'api_key_file = "{}"', 'api_key = "{}"', 'rate = "{}"', 'concurrency = "{}"', 'timeout = "{}"', 'base_url = "{}"',
    ],
)  # fmt: skip
def test_a_key_in_the_settings_file_is_never_repeated(tmp_path: Path, line: str) -> None:
    secret = "iclosed_3fA9c0d1e2B4a5968778"
    section = "[jobs.j]\nvendor = 'iclosed'\n" if line.startswith("api_key") else "[vendors.iclosed]\n"
    (tmp_path / "importer.toml").write_text(section + line.format(secret) + "\n", encoding="utf-8")
    (tmp_path / "f.csv").write_text("email\nana@example.com\n", encoding="utf-8")
    command = [sys.executable, "-m", "importer", "run", "f.csv", "--base-url", "http://127.0.0.1:9"]
    command += ["--job", "j"] if section.startswith("[jobs") else ["--vendor", "iclosed"]

    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert secret not in ended.stdout + ended.stderr
