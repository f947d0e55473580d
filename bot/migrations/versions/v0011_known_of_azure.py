"""What bounds a lost reply, a roll-back and a deletion put off, and what Azure shows of points."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

_STATEMENTS = (
    "ALTER TABLE steps ADD COLUMN lost int NOT NULL DEFAULT 0 CHECK (lost >= 0)",
    "ALTER TABLE requests ADD COLUMN undo_began timestamptz",
    """
    ALTER TABLE points
        ADD COLUMN delete_after timestamptz,
        ADD COLUMN in_azure     text NOT NULL DEFAULT ''
            CHECK (in_azure IN ('', 'there', 'gone', 'unknown')),
        ADD COLUMN looked_at    timestamptz,
        ADD COLUMN not_read     text NOT NULL DEFAULT ''
    """,
    """
    CREATE TABLE ledger_look (
        one         boolean PRIMARY KEY DEFAULT true CHECK (one),
        looked_at   timestamptz NOT NULL,
        not_read    text NOT NULL,
        unrecorded  jsonb NOT NULL
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
