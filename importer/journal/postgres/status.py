"""The facts about a journal and its server, for people."""

from __future__ import annotations

from typing import Any

import psycopg

from importer.journal.postgres.connection import SCHEMA, describe
from importer.journal.postgres.schema import migrations

_FACTS = (
    "SELECT current_setting('server_version'), (SELECT version FROM meta), (SELECT count(*) FROM runs), "
    "(SELECT count(*) FROM runs WHERE state = 'running'), "
    # counting millions would take seconds, and the planner knows their number well enough
    "(SELECT CASE WHEN reltuples > 100000 THEN reltuples::bigint ELSE (SELECT count(*) FROM deliveries) END "
    "FROM pg_class WHERE oid = 'deliveries'::regclass), "
    "(SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class "
    "WHERE relnamespace = %s::regnamespace AND relkind = 'r'), "
    "(SELECT coalesce(sum(octet_length(content)), 0)::bigint FROM run_files), "
    "current_setting('synchronous_standby_names') = '', (SELECT count(*) FROM pg_stat_replication)"
)


def read_status(connection: psycopg.Connection[tuple[Any, ...]], url: str) -> tuple[dict[str, Any], list[str]]:
    """Return facts by name, and what to worry about. Raises JournalUnavailableError without tables."""
    found = connection.execute(_FACTS.encode(), (SCHEMA,)).fetchall()[0]
    server, version, runs, running, deliveries, size, files, is_asynchronous, standbys = found
    facts = {
        "journal": describe(url),
        "server": f"PostgreSQL {server}",
        "tables": f"version {version} of {len(migrations())}",
        "runs": runs,
        "running": running,
        "deliveries": deliveries,
        "size": f"{size / 1e6:,.1f} MB, of which {files / 1e6:,.1f} MB are rows of runs",
    }
    warnings = []
    if standbys and is_asynchronous:
        warnings.append(
            "The server has standbys, and synchronous_standby_names is empty: after a failover, the latest intents may "
            "be lost, and their rows sent again."
        )
    return facts, warnings
