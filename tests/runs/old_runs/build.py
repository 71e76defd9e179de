"""``python tests/runs/old_runs/build.py CHECKOUT FILE.zip``: the state folder of a run that an older version left.

Imports twelve rows with the code of CHECKOUT against a vendor that confirms some, refuses one and then stops
answering; kills the importer with SIGKILL while two requests are under way, and packs its state folder and the
vendor's document. The paths in it are those of this machine: ``test_older_versions.py`` replaces them.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from contextlib import closing
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

PORT = 18765
ROWS = [f"user{number}@example.com,Ana{number}" for number in range(10)]


def main(checkout: Path, target: Path) -> None:
    """Build the file."""
    seen: list[str] = []

    async def answer(request: Request) -> JSONResponse:
        seen.append((await request.json())["email"])
        number = int(seen[-1][4:].split("@")[0])
        if number == 2:
            return JSONResponse({"message": "No", "errors": {"email": ["is not wanted"]}}, 422)
        await asyncio.sleep(60 if number >= 5 else 0)
        return JSONResponse({"data": {"contact": {"id": 100 + number}}}, 201)

    app = Starlette(routes=[Route("/iclosed/v1/contacts", answer, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=PORT, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    time.sleep(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "iclosed.yaml").write_bytes((checkout / "schemas" / "iclosed.yaml").read_bytes())
        (folder / "leads.csv").write_text("\n".join(["email,firstName", *ROWS, ROWS[0], "broken@,Bo", ""]))
        words = ["run", "leads.csv", "--vendor", "iclosed.yaml", "--base-url", f"http://127.0.0.1:{PORT}/iclosed"]
        words += ["--output", "out", "--state-dir", "state", "--concurrency", "2", "--rate", "1000/s", "--quiet"]
        environment = {**os.environ, "PYTHONPATH": str(checkout), "ICLOSED_API_KEY": "iclosed-k"}
        process = subprocess.Popen([sys.executable, "-m", "importer", *words], cwd=folder, env=environment)
        while len(seen) < 7:
            time.sleep(0.05)
        time.sleep(0.5)
        process.kill()
        process.wait()
        with closing(sqlite3.connect(folder / "state" / "journal.sqlite3")) as journal:
            journal.execute("PRAGMA journal_mode = DELETE")  # all in one file
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted([folder / "iclosed.yaml", *(folder / "state").rglob("*")]):
                if path.is_file():
                    packed.write(path, path.relative_to(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute())
