"""How long the bot's own restores took, from the approval until all was done."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

from advisor.model import RestoredFrom, RestoreMeasured
from bot.database.pool import Database

#: The newest few; a restore of long ago says little of today's. A choice of ours.
_AT_MOST = 3
_KEPT = timedelta(days=365)
#: What was cleaned up since has another time of its end, and is left out.
_DONE: LiteralString = """
    SELECT id, plan, vm_key, approved_at, finished_at FROM requests
    WHERE action = 'restore' AND state = 'done' AND approved_at < finished_at
      AND finished_at > vmbackup_now() - %(kept)s
    ORDER BY vm_key = %(vm)s DESC NULLS LAST, finished_at DESC LIMIT %(most)s
"""


class OwnRestores:
    """Reads one table and writes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_vm(self, vm_key: str) -> tuple[RestoreMeasured, ...]:
        """Those of the VM first, then the newest of others. Raises DatabaseUnreachable."""
        values = {"vm": vm_key, "kept": _KEPT, "most": _AT_MOST}
        async with self._database.connection() as connection:
            rows = await (await connection.execute(_DONE, values)).fetchall()
        return tuple(_measured(vm_key, *row) for row in rows)


def _measured(
    vm_key: str, request_id: str, plan: Any, of: str | None, began: datetime, ended: datetime
) -> RestoreMeasured:
    """Disks that were swapped or attached are in a VM that runs; others are disks alone."""
    disks = plan.get("disks") or ()
    in_vm = bool(plan.get("swap_os_disk")) or any(disk.get("lun") is not None for disk in disks)
    return RestoreMeasured(
        vm=(of or "").rsplit("/", 1)[-1] or "a VM that is gone",
        is_own=of == vm_key,
        place=RestoredFrom.SNAPSHOT,
        what="a restore" if in_vm else "a restore of the disks",
        by=f"vmbackup, {request_id}",
        took=ended - began,
        ended=ended.astimezone(UTC),
        makes_vm=in_vm,
    )
