"""A private PostgreSQL: a cluster in a temporary folder, on the loopback address, ended with the tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

DEBIAN = Path("/usr/lib/postgresql")  # has a folder for each version
# The server refuses to run as root, so a root user starts it as this one.
USER = "postgres"
# No "fsync = off": the journal refuses it, and what is proven here is that commits survive.
SETTINGS = {"max_connections": "80", "shared_buffers": "64MB", "log_min_messages": "fatal", "logging_collector": "off"}


def find_programs() -> Path | None:
    """The folder of initdb and postgres; None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(DEBIAN.glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Server:
    """A running cluster. ``kill`` is the loss of power, as far as one process can have it."""

    def __init__(self, folder: Path, programs: Path, port: int, **settings: str) -> None:
        self.folder = folder
        self.port = port
        self.settings = SETTINGS | settings
        self._programs = programs
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres", user: str = USER) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def make(self) -> None:
        self._run(
            "initdb", "-D", str(self.folder / "data"), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"
        )

    def start(self) -> None:
        options = [word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")]
        data = self.folder / "data"
        (data / "postmaster.pid").unlink(missing_ok=True)  # of a killed one
        command = [*_as_user(), str(self._programs / "postgres"), "-D", str(data), "-p", str(self.port)]
        command += ["-h", "127.0.0.1", "-k", str(self.folder), *options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, cwd=self.folder)
        ready = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + 60
        while subprocess.run(ready, check=False).returncode:
            is_coming = self._process.poll() is None and time.monotonic() < deadline
            assert is_coming, (self.folder / "log").read_text()
            time.sleep(0.05)  # no signal says that it accepts connections

    def execute(self, statement: str) -> None:
        """Run one statement in the database "postgres"."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def pid(self) -> int:
        """The process id of the postmaster."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """SIGKILL the postmaster and all its children."""
        postmaster = self.pid()
        children = subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True, text=True, check=False)
        for pid in [postmaster, *map(int, children.stdout.split())]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def stop(self) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            os.kill(self.pid(), signal.SIGINT)  # fast shutdown
            self._process.wait(60)

    def _run(self, program: str, *words: str) -> None:
        command = [*_as_user(), str(self._programs / program), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def running_server(programs: Path, **settings: str) -> Iterator[Server]:
    """A new cluster for a block."""
    folder = Path(tempfile.mkdtemp(prefix="importer-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, USER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(folder, programs, port, **settings)
    try:
        server.make()
        server.start()
        yield server
    finally:
        with contextlib.suppress(AssertionError):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _as_user() -> list[str]:
    return ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
