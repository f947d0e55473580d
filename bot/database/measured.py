"""What was measured of each VM for the bot. The only SQL of the table `measured_vms`."""

from __future__ import annotations

import logging
from typing import Any

from psycopg.types.json import Jsonb

from advisor.kept_measures import (
    KeptMeasures,
    MeasuresUnreadable,
    measures_from,
    measures_to_dict,
)
from bot.database.pool import Database

_log = logging.getLogger(__name__)

_OF_VM = "SELECT measures FROM measured_vms WHERE vm_id = %s"
_ALL = "SELECT vm_id, measures FROM measured_vms"
_LOCKED = f"{_OF_VM} FOR UPDATE"
# Waits for whoever adds the row at the same time, so that what they found is there to be added to.
_ADD = """
    INSERT INTO measured_vms (vm_id, measures, measured_at) VALUES (%s, %s, vmbackup_now())
    ON CONFLICT (vm_id) DO NOTHING
"""
_REPLACE = "UPDATE measured_vms SET measures = %s, measured_at = vmbackup_now() WHERE vm_id = %s"


class MeasuredStore:
    """Keeps and finds what was measured, by the VM's lower-cased id. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, vm: str, new: KeptMeasures) -> None:
        """Add to what was measured before: what was not found anew stays."""
        async with self._database.connection() as connection:
            added = await connection.execute(_ADD, (vm, Jsonb(measures_to_dict(new))))
            if added.rowcount:
                return
            row = await (await connection.execute(_LOCKED, (vm,))).fetchone()
            whole = new.over(_read(vm, row[0]) if row else None)
            await connection.execute(_REPLACE, (Jsonb(measures_to_dict(whole)), vm))

    async def measured(self, vm: str) -> KeptMeasures | None:
        """None: nothing is kept; what cannot be read is logged, and is nothing."""
        async with self._database.connection() as connection:
            row = await (await connection.execute(_OF_VM, (vm,))).fetchone()
        return _read(vm, row[0]) if row else None

    async def all(self) -> dict[str, KeptMeasures]:
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_ALL)).fetchall()
        found = {vm: _read(vm, document) for vm, document in rows}
        return {vm: one for vm, one in found.items() if one is not None}


def _read(vm: str, document: Any) -> KeptMeasures | None:
    try:
        return measures_from(document)
    except MeasuresUnreadable as error:
        _log.warning("What was measured of %s cannot be read: %s", vm, error)
        return None
