"""An Airflow task: the import at two, tried again only where trying again helps."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta

from airflow.exceptions import AirflowException, AirflowFailException
from airflow.sdk import dag, task

RESUMABLE = (4, 130)
ROWS_NEED_A_PERSON = (3, 5)


@dag(schedule="0 2 * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), catchup=False, max_active_runs=1)
def nightly_leads() -> None:
    """Import what lies in the folder; the state folder must be the same every night."""

    @task(retries=3, retry_delay=timedelta(minutes=20))
    def import_leads() -> int:
        command = ["contact-importer", "inbox", "/srv/leads", "--job", "nightly-leads", "--log-format", "json"]
        code = subprocess.run(command, check=False).returncode
        if code in RESUMABLE:
            raise AirflowException(f"stopped early ({code}); the next try goes on with it")
        if code not in (0, *ROWS_NEED_A_PERSON):
            raise AirflowFailException(f"ended with {code}; see the log")
        return code

    import_leads()


nightly_leads()
