"""The database's clock as it was last seen, so that a clock that goes back is noticed."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

_CLOCK = """
    CREATE TABLE clock (
        one   boolean PRIMARY KEY DEFAULT true CHECK (one),
        seen  timestamptz NOT NULL
    )
"""


def upgrade() -> None:
    op.execute(_CLOCK)
    op.execute("INSERT INTO clock (seen) VALUES (clock_timestamp())")
