"""When a request went without an approval, which is counted per VM and day."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

_STATEMENTS = (
    "ALTER TABLE requests ADD COLUMN free_at timestamptz",
    "CREATE INDEX requests_free ON requests (vm_key, free_at) WHERE free_at IS NOT NULL",
    # What went without an approval before and is not over begins as it would have begun.
    """
    UPDATE requests SET free_at = approved_at
    WHERE state IN ('approved', 'running', 'half done') AND broke_glass_at IS NULL
      AND requester_user <> ''
      AND NOT EXISTS (SELECT FROM approvals WHERE approvals.request_id = requests.id
                      AND approvals.revision = requests.revision)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
