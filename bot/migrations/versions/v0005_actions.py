"""The names of actions are said by the table of actions alone, and plans say what they attach.

Before, the database listed the actions, so that every new one needed a migration; and whether a
disk is attached followed from the name of the action, on which an approval's hash rests.
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
