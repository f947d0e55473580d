"""Drop the database's list of actions, and store in each plan whether it attaches disks.

Before, every new action needed a migration; and the name of the action decided whether disks are
attached, which an approval's plan hash covers.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS = (
    "ALTER TABLE requests DROP CONSTRAINT requests_action_check",
    """
    UPDATE requests SET plan = plan || '{"attaches": true}'::jsonb
    WHERE action = 'restore' AND plan IS NOT NULL
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
