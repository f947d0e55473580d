"""Where the card of a request is found, and to whom a direct message is not sent."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"

_STATEMENTS = (
    # Slack's address of a card; empty: not known. And of a direct message the channel whose
    # members are not written to, because they read there.
    """
    ALTER TABLE messages
        ADD COLUMN permalink text NOT NULL DEFAULT '',
        ADD COLUMN unless_in text NOT NULL DEFAULT ''
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
