"""SFTP servers, through asyncssh.

Keys, agent, known hosts and settings are OpenSSH's (``~/.ssh``, ``SSH_AUTH_SOCK``); a password comes from ``~/.netrc``,
where curl and lftp have it.
"""

from __future__ import annotations

import asyncio
import contextlib
import posixpath
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import IO, Any, TypeVar

import asyncssh

from importer.errors import FileError
from importer.reading.remote.address import Address
from importer.reading.remote.files import LARGEST_DOWNLOAD_BYTES, STALL_SECONDS, RemoteEntry, too_large
from importer.reading.remote.netrc_file import find_login

CHUNK_BYTES = 1 << 18
CONNECT_SECONDS = 15.0
Result = TypeVar("Result")


class SftpServer:
    """One server, with one connection for each operation."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def download(self, path: str, into: IO[bytes]) -> str:
        async def work(client: asyncssh.SFTPClient) -> None:
            received = 0
            async with client.open(path, "rb") as file:
                while True:
                    async with asyncio.timeout(STALL_SECONDS):
                        chunk = await file.read(CHUNK_BYTES)
                    assert isinstance(chunk, bytes)  # noqa: S101 - for mypy: the file is open in binary mode
                    if not chunk:
                        break
                    received += len(chunk)
                    if received > LARGEST_DOWNLOAD_BYTES:
                        raise too_large(self._address)
                    into.write(chunk)

        self._run(work)
        return ""

    def list_folder(self, path: str) -> list[RemoteEntry]:
        async def work(client: asyncssh.SFTPClient) -> list[RemoteEntry]:
            found = []
            for entry in await client.readdir(path or "."):
                if entry.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR:
                    size, modified = entry.attrs.size or 0, float(entry.attrs.mtime or 0)
                    found.append(RemoteEntry(str(entry.filename), size, modified, f"{size} {modified}"))
            return found

        return self._run(work)

    def upload(self, file: Path, path: str) -> None:
        async def work(client: asyncssh.SFTPClient) -> None:
            await client.makedirs(posixpath.dirname(path), exist_ok=True)
            await client.put(str(file), path)

        self._run(work)

    def move(self, path: str, to: str) -> None:
        async def work(client: asyncssh.SFTPClient) -> None:
            await client.makedirs(posixpath.dirname(to), exist_ok=True)
            await client.rename(path, to)

        self._run(work)

    def _run(self, work: Callable[[asyncssh.SFTPClient], Awaitable[Result]]) -> Result:
        async def session() -> Result:
            async with self._connected() as client:
                return await work(client)

        return asyncio.run(session())

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncssh.SFTPClient]:
        options: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "login_timeout": CONNECT_SECONDS}
        login = find_login(self._address.host)
        if self._address.port:
            options["port"] = self._address.port
        if self._address.user or login:
            options["username"] = self._address.user or (login and login[0])
        if login and login[0] == options["username"]:
            options["password"] = login[1]
        shown, host = self._address.shown, self._address.host
        try:
            async with asyncssh.connect(host, **options) as connection, connection.start_sftp_client() as client:
                yield client
        except asyncssh.HostKeyNotVerifiable as error:
            raise FileError(f"{shown}: the key of {host} is not known. Connect once with: sftp {host}") from error
        except asyncssh.PermissionDenied as error:
            raise FileError(
                f"{shown}: {host} does not accept the login. Check ~/.ssh/config, ssh-agent or ~/.netrc"
            ) from error
        except asyncssh.SFTPNoSuchFile as error:
            raise FileError(f"{shown}: there is no such file") from error
        except (asyncssh.Error, OSError, TimeoutError) as error:
            reason = getattr(error, "reason", "") or str(error) or "no answer in time"
            raise FileError(f"{shown}: cannot be read ({reason})") from error
