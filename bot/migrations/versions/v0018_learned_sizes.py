"""What final months' bills told of how much each VM holds and changes."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """One row for each VM: the newest month."""
    op.execute(
        """
        CREATE TABLE learned_sizes (
            vm_id      text PRIMARY KEY CHECK (vm_id = lower(vm_id)),
            month      text NOT NULL CHECK (month ~ '^[0-9]{4}-[0-9]{2}$'),
            sizes      jsonb NOT NULL CHECK (jsonb_typeof(sizes) = 'object'),
            learned_at timestamptz NOT NULL
        )
        """
    )
