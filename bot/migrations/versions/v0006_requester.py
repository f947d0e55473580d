"""Rename the columns of the asker: the person is called the requester everywhere."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"

_COLUMNS = (
    ("requests", "asker_team", "requester_team"),
    ("requests", "asker_user", "requester_user"),
    ("requests", "asker_name", "requester_name"),
    ("requests", "asker_channel", "requester_channel"),
    ("approvals", "asker_user", "requester_user"),
    ("points", "asker_id", "requester_id"),
)


def upgrade() -> None:
    for table, before, after in _COLUMNS:
        op.alter_column(table, before, new_column_name=after)
