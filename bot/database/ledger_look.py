"""What Azure showed of the points at the last look, and what it shows that the ledger lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import LiteralString

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from bot.database import audit
from bot.database.pool import Connection
from bot.database.rows import storable
from bot.database.wakes import StorePart
from bot.requests.changes import AuditEntry
from bot.requests.found import LedgerLook, PointLook, Unrecorded
from bot.requests.model import InAzure

# The requests' rows are locked in one order, before the audit's head.
_LOCK = """
    SELECT id FROM requests
    WHERE id IN (SELECT request_id FROM points WHERE arm_key = ANY(%s)) ORDER BY id
    FOR NO KEY UPDATE
"""
_NOTE: LiteralString = """
    UPDATE points SET in_azure = %(state)s, looked_at = vmbackup_now(), not_read = %(why)s
    FROM (SELECT arm_key, in_azure AS before FROM points WHERE arm_key = %(key)s) AS old
    WHERE points.arm_key = old.arm_key AND deleted_at IS NULL
    RETURNING request_id, arm_id, old.before
"""
_COUNT_VERSIONS = "UPDATE requests SET version = version + 1 WHERE id = ANY(%s)"
_LOOKED = """
    INSERT INTO ledger_look (looked_at, not_read, unrecorded)
    VALUES (vmbackup_now(), %s, %s)
    ON CONFLICT (one) DO UPDATE SET looked_at = EXCLUDED.looked_at, not_read = EXCLUDED.not_read,
        unrecorded = EXCLUDED.unrecorded
"""
_NOT_READ = """
    INSERT INTO ledger_look (looked_at, not_read, unrecorded) VALUES (vmbackup_now(), %s, '[]')
    ON CONFLICT (one) DO UPDATE SET looked_at = EXCLUDED.looked_at, not_read = EXCLUDED.not_read
"""
_LAST = "SELECT looked_at, not_read, unrecorded FROM ledger_look"
_KNOWN = "SELECT id FROM requests WHERE id = ANY(%s)"


class LedgerLooks(StorePart):
    """The part of the store that compares the ledger with Azure. Raises DatabaseUnreachable."""

    async def note_look(self, looks: Sequence[PointLook], unrecorded: Sequence[Unrecorded]) -> None:
        """Write a look; the cards of the requests whose points stand otherwise are renewed."""
        keys = sorted(each.arm_id.lower() for each in looks)
        async with self._database.connection() as connection:
            await connection.execute(_LOCK, (keys,))
            entries = await _note_points(connection, looks)
            await connection.execute(_LOOKED, ("", _as_json(unrecorded)))
            if entries:
                await audit.append(connection, entries)

    async def note_unread(self, why: str) -> None:
        """Azure could not be read: what was known before stays, as of its time."""
        async with self._database.connection() as connection:
            await connection.execute(_NOT_READ, (storable(why),))

    async def last_look(self) -> LedgerLook | None:
        """The last look; None before the first."""
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            row = await (await cursor.execute(_LAST)).fetchone()
        if row is None:
            return None
        unrecorded = tuple(Unrecorded(**each) for each in row["unrecorded"])
        return LedgerLook(row["looked_at"], row["not_read"], unrecorded)

    async def known_requests(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of the ids that are requests of this database."""
        async with self._database.connection() as connection:
            rows = await connection.execute(_KNOWN, ([storable(each) for each in ids],))
            return frozenset(str(row[0]) for row in await rows.fetchall())


async def _note_points(
    connection: Connection, looks: Sequence[PointLook]
) -> list[tuple[str, AuditEntry]]:
    """The audit entries of the points that are gone since the look before."""
    entries, changed = [], set()
    for each in looks:
        values = {"state": each.state.value, "why": storable(each.why), "key": each.arm_id.lower()}
        found = await (await connection.execute(_NOTE, values)).fetchone()
        if found is None or found[2] == each.state:
            continue
        changed.add(found[0])
        if each.state is InAzure.GONE:
            entry = AuditEntry(kind="no longer in Azure", detail={"point": found[1]})
            entries.append((found[0], entry))
    await connection.execute(_COUNT_VERSIONS, (sorted(changed),))
    return entries


def _as_json(unrecorded: Sequence[Unrecorded]) -> Jsonb:
    return Jsonb(storable([each._asdict() for each in unrecorded]))
