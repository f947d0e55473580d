"""What was measured of each VM, and when the bot reads the next bills by itself."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"

_MEASURED = """
    CREATE TABLE measured_vms (
        vm_id       text PRIMARY KEY CHECK (vm_id = lower(vm_id)),
        measures    jsonb NOT NULL CHECK (jsonb_typeof(measures) = 'object'),
        measured_at timestamptz NOT NULL
    )
"""
# One row. `month` and `read_at`: of the bills that were read last.
_READING = """
    CREATE TABLE bill_reading (
        only_one    boolean PRIMARY KEY DEFAULT true CHECK (only_one),
        month       text CHECK (month ~ '^[0-9]{4}-[0-9]{2}$'),
        read_at     timestamptz,
        lease_token text,
        lease_until timestamptz,
        not_before  timestamptz NOT NULL DEFAULT '-infinity',
        why         text NOT NULL DEFAULT '',
        CHECK ((month IS NULL) = (read_at IS NULL))
    )
"""
_ROW = "INSERT INTO bill_reading DEFAULT VALUES"


def upgrade() -> None:
    for statement in (_MEASURED, _READING, _ROW):
        op.execute(statement)
