"""The lines and the assumptions of an advice, so that a bill can be held against them."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Rows of before have none: what they took for granted is not known any more."""
    op.execute(
        "ALTER TABLE advice_given ADD COLUMN estimate jsonb "
        "CHECK (estimate IS NULL OR jsonb_typeof(estimate) = 'object')"
    )
    op.execute(
        "CREATE INDEX advice_given_estimates ON advice_given (given_at DESC) "
        "WHERE estimate IS NOT NULL"
    )
