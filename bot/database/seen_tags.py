"""The tags that each VM was seen with, by the VM's ARM id in lower case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache

from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from bot.database.pool import Connection
from bot.database.rows import scalar, storable
from bot.database.wakes import StorePart
from bot.requests.approval.tag_match import tags_gone, tags_to_keep
from bot.requests.model import TagSeen

_SEEN = "SELECT tags FROM vm_tags_seen WHERE vm_key = %s"
_NOW = "SELECT vmbackup_now()"
# The row is made first, so that two plans of one VM at the same time wait for each other.
_MAKE = "INSERT INTO vm_tags_seen (vm_key) VALUES (%s) ON CONFLICT (vm_key) DO NOTHING"
_LOCK = "SELECT tags FROM vm_tags_seen WHERE vm_key = %s FOR UPDATE"
_KEEP = "UPDATE vm_tags_seen SET tags = %s WHERE vm_key = %s"


class SeenTags(StorePart):
    """The part of the store that remembers the tags of VMs. Raises DatabaseUnreachable."""

    async def tags_gone(
        self, vm_key: str, tags: Mapping[str, str], within: timedelta
    ) -> tuple[TagSeen, ...]:
        """The tags that the VM was seen with within this time and has no more."""
        async with self._database.connection() as connection:
            now: datetime = await scalar(connection, _NOW)
            seen = await scalar(connection, _SEEN, (storable(vm_key),))
        return tags_gone(tags, _seen().validate_python(seen or []), now - within)

    async def see_tags(
        self, vm_key: str, tags: Mapping[str, str], within: timedelta
    ) -> tuple[TagSeen, ...]:
        """Remember the tags that the VM has now; returns those that `tags_gone` does."""
        key, clean = storable(vm_key), storable(tags)
        async with self._database.connection() as connection:
            await connection.execute(_MAKE, (key,))
            seen = _seen().validate_python(await scalar(connection, _LOCK, (key,)))
            now: datetime = await scalar(connection, _NOW)
            await _keep(connection, key, tags_to_keep(clean, seen, now, within))
        return tags_gone(clean, seen, now - within)


async def _keep(connection: Connection, key: str, seen: tuple[TagSeen, ...]) -> None:
    tags = Jsonb(_seen().dump_python(seen, mode="json"))
    await connection.execute(_KEEP, (tags, key))


@cache
def _seen() -> TypeAdapter[tuple[TagSeen, ...]]:
    return TypeAdapter(tuple[TagSeen, ...])
