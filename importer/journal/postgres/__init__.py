"""The journal in PostgreSQL, for several machines at once. Needs psycopg: the extra ``postgres``."""

from __future__ import annotations
