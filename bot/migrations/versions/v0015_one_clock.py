"""One function that every statement reads the time from, and word of messages that are due.

The function is the server's clock. Only `make demo` puts another one in its place, which its page
can move forward; bot/database/one_clock.py knows that one by its text.
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0013"

_NOW = """
    CREATE OR REPLACE FUNCTION vmbackup_now() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT clock_timestamp()'
"""
# Whatever column filled itself in by another clock; procrastinate's tables go by their own.
_DEFAULTS = """
    DO $$
    DECLARE found record;
    BEGIN
        FOR found IN
            SELECT table_name, column_name FROM information_schema.columns
            WHERE table_schema = current_schema() AND column_default = 'now()'
              AND table_name NOT LIKE 'procrastinate%'
        LOOP
            EXECUTE format(
                'ALTER TABLE %I ALTER COLUMN %I SET DEFAULT vmbackup_now()',
                found.table_name, found.column_name);
        END LOOP;
    END $$
"""
# Who sends messages is told when there is something to send, and need not look all the time.
_TELL = """
    CREATE OR REPLACE FUNCTION messages_are_due() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('vmbackup_messages', '');
        RETURN NULL;
    END $$
"""
_WHENEVER = """
    CREATE OR REPLACE TRIGGER messages_are_due
    AFTER INSERT OR UPDATE OF wanted_version ON messages
    FOR EACH STATEMENT EXECUTE FUNCTION messages_are_due()
"""


def upgrade() -> None:
    op.execute(_NOW)
    op.execute(_DEFAULTS)
    op.execute(_TELL)
    op.execute(_WHENEVER)
