"""The clock of the demo's database, which the page moves forward as it does Azure's and Slack's.

A bot whose Azure is real refuses such a database (bot/database/one_clock.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, LiteralString

import psycopg
from psycopg.conninfo import make_conninfo

_MADE: LiteralString = "SELECT to_regclass('demo_clock') IS NOT NULL"
_MAKE: tuple[LiteralString, ...] = (
    """
    CREATE TABLE demo_clock (
        one    boolean PRIMARY KEY DEFAULT true CHECK (one),
        ahead  interval NOT NULL
    )
    """,
    "INSERT INTO demo_clock (ahead) VALUES ('0')",
    "GRANT SELECT ON demo_clock TO PUBLIC",
    """
    CREATE OR REPLACE FUNCTION vmbackup_now() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT clock_timestamp() + (SELECT ahead FROM demo_clock)'
    """,
)
_AHEAD: LiteralString = "SELECT ahead FROM demo_clock"
_FORWARD: LiteralString = "UPDATE demo_clock SET ahead = ahead + %(by)s"
#: What is under way goes on as if nothing had happened: who has a lease keeps it, and the pauses
#: between messages are for Slack, which looks at no clock of ours.
_LEASES: tuple[LiteralString, ...] = (
    "UPDATE requests SET lease_until = lease_until + %(by)s WHERE lease_until > vmbackup_now()",
    "UPDATE channels SET lease_until = lease_until + %(by)s WHERE lease_until > vmbackup_now()",
    """UPDATE messages SET not_before = not_before + %(by)s
       WHERE sent_at IS NULL AND given_up_at IS NULL AND not_before > vmbackup_now()""",
)


def make_movable(keywords: Mapping[str, str]) -> timedelta:
    """Give a migrated database a clock that can be moved; how far it is moved already.

    Blocks. Raises psycopg.Error.
    """
    with psycopg.connect(make_conninfo(**keywords)) as connection:
        if not _one(connection, _MADE):
            for statement in _MAKE:
                connection.execute(statement)
        ahead: timedelta = _one(connection, _AHEAD)
        return ahead


def move_forward(keywords: Mapping[str, str], by: timedelta) -> None:
    """Move the clock of a database that was made movable. Blocks. Raises psycopg.Error."""
    with psycopg.connect(make_conninfo(**keywords)) as connection:
        for statement in (*_LEASES, _FORWARD):
            connection.execute(statement, {"by": by})


def _one(connection: psycopg.Connection[Any], query: LiteralString) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
