"""What the weekly digest of the fleet remembers, and which digest was settled last."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"

# One row. `slot` is the time at which the digest was due that was settled last, whether it said
# something or not; `read_at` when the fleet was read that is remembered.
_DIGEST = """
    CREATE TABLE fleet_digest (
        only_one    boolean PRIMARY KEY DEFAULT true CHECK (only_one),
        slot        timestamptz,
        read_at     timestamptz,
        prices      jsonb NOT NULL DEFAULT '[]',
        basis       jsonb NOT NULL DEFAULT '{}',
        lease_token text,
        lease_until timestamptz,
        not_before  timestamptz NOT NULL DEFAULT '-infinity',
        tries       int NOT NULL DEFAULT 0,
        why         text NOT NULL DEFAULT '',
        CHECK ((slot IS NULL) = (read_at IS NULL))
    )
"""
_SEEN = """
    CREATE TABLE fleet_seen (
        vm_id text PRIMARY KEY CHECK (vm_id <> ''),
        seen  jsonb NOT NULL CHECK (jsonb_typeof(seen) = 'object')
    )
"""
_ROW = "INSERT INTO fleet_digest DEFAULT VALUES"


def upgrade() -> None:
    """Without a row that is settled, the first reading is what later ones are compared with."""
    for statement in (_DIGEST, _SEEN, _ROW):
        op.execute(statement)
