"""What bills told the bot of each VM. The only SQL of the table `learned_sizes`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from advisor.learned import LearnedUnreadable, learned_from, learned_to_dict
from advisor.model import BilledSizes
from bot.database.pool import Database

_log = logging.getLogger(__name__)

_OF_VM = "SELECT sizes FROM learned_sizes WHERE vm_id = %s"
_ALL = "SELECT vm_id, sizes FROM learned_sizes"
#: A month that was read again late does not take the place of a newer one.
_KEEP = """
    INSERT INTO learned_sizes (vm_id, month, sizes, learned_at)
    VALUES (%s, %s, %s, vmbackup_now())
    ON CONFLICT (vm_id) DO UPDATE
    SET month = excluded.month, sizes = excluded.sizes, learned_at = excluded.learned_at
    WHERE learned_sizes.month <= excluded.month
"""


class LearnedStore:
    """Keeps and finds what was learned, by the VM's lower-cased id. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, learned: Mapping[str, BilledSizes]) -> None:
        """Add to what was learned before, in one transaction."""
        rows = [(vm, one.month, Jsonb(learned_to_dict(one))) for vm, one in sorted(learned.items())]
        if rows:
            async with self._database.connection() as connection, connection.cursor() as cursor:
                await cursor.executemany(_KEEP, rows)

    async def learned(self, vm: str) -> BilledSizes | None:
        """None: nothing was learned; what cannot be read is logged, and is nothing."""
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_OF_VM, (vm,))).fetchall()
        return next((_read(vm, document) for (document,) in rows), None)

    async def all(self) -> dict[str, BilledSizes]:
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_ALL)).fetchall()
        found = {vm: _read(vm, document) for vm, document in rows}
        return {vm: one for vm, one in found.items() if one is not None}


def _read(vm: str, document: Any) -> BilledSizes | None:
    try:
        return learned_from(document)
    except LearnedUnreadable as error:
        _log.warning("What was learned of %s cannot be read: %s", vm, error)
        return None
