"""The tags that each VM was seen with: one that is taken off still counts for a while."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

_TAGS_SEEN = """
    CREATE TABLE vm_tags_seen (
        vm_key  text PRIMARY KEY CHECK (vm_key <> '' AND vm_key = lower(vm_key)),
        -- A list of objects: name, value, seen_at. A tag may be longer than an index allows.
        tags    jsonb NOT NULL DEFAULT '[]'
    )
"""


def upgrade() -> None:
    op.execute(_TAGS_SEEN)
