"""Imports that are undone: the process is disturbed while it deletes, and begun anew until nothing is left to delete."""

from __future__ import annotations

import contextlib
import csv
import itertools
import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Set as AbstractSet
from http.client import HTTPException
from pathlib import Path
from typing import Any

from tests.crash.judge import ask, is_over
from tests.crash.matched import COMPANY, NEW, OLD, add_own_contacts, write_matched_file
from tests.crash.proof import CANNOT_START, CONCURRENCY, Proof

NOT_YET = {-signal.SIGKILL, CANNOT_START, 4, 5, 130}  # exit codes after which the same command goes on
MOST_ENDS = 4
CHANGED = "changed since"


class UndoProof(Proof):
    """Files that are imported in peace, and undone in war.

    The vendor has half of the contacts already, with other values, and some of them twice: the import updates those.
    """

    def one_file(self, number: int) -> None:
        """Import a file, change a tenth of its contacts at the vendor, undo it, and judge; then import it once more."""
        file = self.folder / f"people-{number}.csv"
        write_matched_file(file, number, self.scenario.rows)
        add_own_contacts(self.scenario.address, number, self.scenario.rows)
        created, updated, _ = self._import(file, self.folder / f"out-{number}")
        ours = created | updated
        run = json.loads((self.folder / f"out-{number}" / "summary.json").read_text())["run"]
        changed = {id_ for id_ in ours if self.dice.random() < 0.1 and self._change(id_, ours[id_])}
        stays = set() if (even_changed := self.dice.random() < 0.5) else changed
        gone, back = created.keys() - stays, updated.keys() - stays

        before = {id_ for id_ in self._there(number) if id_ not in ours}
        there = self._undo(run, number, ["--even-changed"] if even_changed else [], gone, back)
        for id_ in stays - there.keys():
            self.tally.complaints.append(f"{ours[id_]} is deleted although it had changed")
        for id_ in gone & there.keys():
            self.tally.complaints.append(f"{created[id_]} is still there")
        for id_ in back:
            if there.get(id_, {}).get("description") != OLD:
                self.tally.complaints.append(f"{updated[id_]} does not have its old values")
        for id_ in stays & updated.keys() & there.keys():
            if there[id_]["description"] != NEW:
                self.tally.complaints.append(f"{updated[id_]} got old values although it had changed")
        self.tally.lost += len((before | updated.keys()) - there.keys())
        self.tally.made += len(gone - there.keys())
        if self._state_of(run) != "undone":
            self.tally.complaints.append(f"run {run} is not undone")
        self.tally.rows += self.scenario.rows

        _, _, doubtful = self._import(file, self.folder / f"again-{number}")
        contacts = self._there(number).values()
        emails = Counter(contact["email"] for contact in contacts)
        self.tally.duplicates += sum(emails[created[id_]] - 1 for id_ in created if emails[created[id_]] > 1)
        new = {contact["email"] for contact in contacts if contact["description"] == NEW}
        missing = {ours[id_] for id_ in gone | back} - new - doubtful
        self.tally.complaints += [f"{email} is not imported again" for email in sorted(missing)]

    def _import(self, file: Path, output: Path) -> tuple[dict[str, str], dict[str, str], set[str]]:
        """Import a file; return the addresses of created and of updated contacts by id, and those of other rows."""
        words = ["run", str(file), "--vendor", "clemta", "--base-url", f"{self.scenario.address}/clemta"]
        words += ["--set", f"company_id={COMPANY}", "--output", str(output), "--rate", "350/s"]
        words += ["--match", "update-existing"]
        words += ["--concurrency", str(CONCURRENCY)]
        code = self.attacker.start(words, None).process.wait()
        while code == CANNOT_START or not is_over(output):
            code = self.attacker.start(["resume"], None).process.wait()
        with (output / "result.csv").open(encoding="utf-8-sig", newline="") as report:
            rows = list(csv.DictReader(report))
        self.tally.statuses.update(row["import_status"] for row in rows)
        done: dict[str, dict[str, str]] = {"created": {}, "updated": {}}
        for row in rows:
            done.get(row["import_status"], {})[row["import_id"]] = row["Email"]
        others = {row["Email"] for row in rows if row["import_status"] not in ("created", "updated", "already_done")}
        return done["created"], done["updated"], others

    def _undo(
        self, run: str, number: int, more: list[str], gone: AbstractSet[str], back: AbstractSet[str]
    ) -> dict[str, dict[str, Any]]:
        """Undo a run, disturbing its processes, until one is over; return the contacts that are there then.

        A contact of which the vendor's faults hid whether it had changed is kept: the same command again looks again.
        """
        ended = 0
        for attempt in itertools.count(1):
            attack = self.attacker.choose() if self.goes_on() else None
            output = self.folder / f"undo-{run}-{attempt}"
            victim = self.attacker.start(["undo", run, "--yes", "--output", str(output), *more], attack)
            was_sending = attack is not None and self.attacker.disturb(victim)
            if attack is not None and was_sending:
                self.tally.kills += 1
                self.tally.attacks[attack] += 1
            code = victim.process.wait()
            self.attacker.repair()
            if (was_sending or attack is None) and (complaint := victim.complaint()):
                self.tally.complaints.append(f"{attack}: {complaint}")
            ended += code not in NOT_YET
            if not ended:
                continue
            there = self._there(number)
            is_back = all(there.get(id_, {}).get("description") == OLD for id_ in back)
            if (not gone & there.keys() and is_back) or ended == MOST_ENDS:
                return there
        return {}

    def _there(self, number: int) -> dict[str, dict[str, Any]]:
        time.sleep(0.2)
        found = ask(self.scenario.address, "_contacts/clemta")
        return {str(contact["id"]): contact for contact in found if f"file{number}-" in contact["email"]}

    def _change(self, vendor_id: str, email: str) -> bool:
        """Change a contact as somebody at the vendor would; return True if the vendor has it so."""
        self._put("PATCH", f"/{vendor_id}", _person(email, CHANGED))
        contacts = ask(self.scenario.address, "_contacts/clemta")
        return any(contact["id"] == vendor_id and contact["full_name"] == CHANGED for contact in contacts)

    def _put(self, method: str, below: str, person: dict[str, str]) -> None:
        keys = {"X-API-Key": "crash", "Content-Type": "application/json"}
        url = f"{self.scenario.address}/clemta/contacts{below}"
        for _ in range(5):  # the vendor's faults do not spare others
            request = urllib.request.Request(url, json.dumps(person).encode(), keys, method=method)
            with contextlib.suppress(urllib.error.URLError, HTTPException, OSError), urllib.request.urlopen(request):
                return

    def _state_of(self, run: str) -> str:
        words = [
            sys.executable,
            "-m",
            "importer",
            "runs",
            "show",
            run,
            "--json",
            "--state-dir",
            str(self.attacker.state),
        ]
        shown: dict[str, Any] = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
        return str(shown["state"])


def _person(email: str, name: str) -> dict[str, str]:
    return {"type": "customer", "full_name": name, "email": email, "company_id": COMPANY}
