"""The trace in which a request was asked for and a button pressed; empty: nobody traced it."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("ALTER TABLE requests ADD COLUMN trace text NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE clicks ADD COLUMN trace text NOT NULL DEFAULT ''")
