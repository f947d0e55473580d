"""Store with a step where Azure says how far its accepted request came, and how often it was sent.

Whoever holds the lease asks that address, also after the worker that sent the request has died.
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

_STATEMENTS = (
    """
    ALTER TABLE steps
        ADD COLUMN accepted  int NOT NULL DEFAULT 0 CHECK (accepted >= 0),
        ADD COLUMN conflicts int NOT NULL DEFAULT 0 CHECK (conflicts >= 0),
        ADD COLUMN operation text NOT NULL DEFAULT '',
        ADD COLUMN ask_at    timestamptz,
        ADD COLUMN undoing   boolean NOT NULL DEFAULT false
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
