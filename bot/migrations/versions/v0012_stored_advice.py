"""The advice that was given, as it was told, and the channels that it was shared with."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

_STATEMENTS = (
    """
    CREATE TABLE advices (
        id         text PRIMARY KEY CHECK (id ~ '^a-[0-9a-f]{12}$'),
        given_at   timestamptz NOT NULL DEFAULT now(),
        team_id    text NOT NULL,
        user_id    text NOT NULL CHECK (user_id <> ''),
        user_name  text NOT NULL,
        channel_id text NOT NULL,
        -- The words after `advise`, without --share.
        words      text[] NOT NULL,
        vm_name    text NOT NULL,
        told       jsonb NOT NULL CHECK (jsonb_typeof(told) = 'object')
    )
    """,
    "CREATE INDEX advices_by_person ON advices (user_id, given_at DESC)",
    "CREATE INDEX advices_by_age ON advices (given_at)",
    """
    CREATE TABLE advice_shares (
        advice_id  text NOT NULL REFERENCES advices ON DELETE CASCADE,
        channel_id text NOT NULL CHECK (channel_id <> ''),
        user_id    text NOT NULL CHECK (user_id <> ''),
        claimed_at timestamptz NOT NULL DEFAULT now(),
        -- Empty while it is being posted; one that was never finished may be claimed anew.
        shared_at  timestamptz,
        PRIMARY KEY (advice_id, channel_id)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
