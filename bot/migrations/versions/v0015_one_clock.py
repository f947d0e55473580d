"""One function that every statement reads the time from, so that one place can say what time it is.

It is the server's clock. Only `make demo` puts another one in its place, which its page can move
forward; bot/database/one_clock.py knows that one by its text.
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0012"

_NOW = """
    CREATE OR REPLACE FUNCTION vmbackup_now() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT clock_timestamp()'
"""
_DEFAULTS = (
    ("advice_given", "given_at"),
    ("requests", "asked_at"),
    ("requests", "next_at"),
    ("clicks", "pressed_at"),
    ("reservations", "reserved_at"),
    ("messages", "not_before"),
)


def upgrade() -> None:
    op.execute(_NOW)
    for table, column in _DEFAULTS:
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT vmbackup_now()")
