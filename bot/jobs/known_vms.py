"""The names of the VMs that this bot reads, in memory: a misspelt one is known at once.

What is remembered only refuses what was certainly not there a moment ago, and offers names; what a
plan is made from is always read anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from advisor.errors import VmbackupError
from bot.loops import is_cancelled

_log = logging.getLogger(__name__)

#: Where a reading is later than this, the last names refuse nothing: a VM may have been made since.
MOST_LATE_SECONDS = 100.0
_ID_PARTS = 8


class KnownVmName(NamedTuple):
    """A VM by its name and place, as Azure spells them."""

    vm_id: str
    subscription_id: str
    resource_group: str
    name: str

    @classmethod
    def of_id(cls, vm_id: str) -> KnownVmName | None:
        """From an ARM id; None where it is none of a VM."""
        parts = vm_id.strip("/").split("/")
        if len(parts) != _ID_PARTS:
            return None
        return cls(vm_id, parts[1], parts[3], parts[7])


class KnownVms:
    """Runs beside the listener. It never ends the bot: what fails is logged and tried again.

    Resource Graph takes 15 queries in 5 seconds from one caller (governance/resource-graph/
    concepts/guidance-for-throttled-requests, 2026-06); this asks one page for each thousand VMs,
    every `every_seconds`, which VMBACKUP_NAMES_SECONDS says.
    """

    def __init__(
        self,
        read: Callable[[], Awaitable[Sequence[str]]],
        every_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._read, self._every_seconds, self._clock = read, every_seconds, clock
        self._names: tuple[KnownVmName, ...] = ()
        self._read_at: float | None = None

    async def run(self) -> None:
        """Look until the task is cancelled."""
        while not is_cancelled():
            await self.once()
            await asyncio.sleep(self._every_seconds)

    async def once(self) -> None:
        """Read the names; a reading that failed leaves what was known, as of its time."""
        begun = self._clock()
        try:
            ids = await self._read()
        except VmbackupError as error:
            _log.warning("The names of the VMs could not be read: %s", error)
            return
        except Exception:  # noqa: BLE001  the boundary: the next look begins anew
            _log.exception("Something went wrong while the names of the VMs were read.")
            return
        self._names = tuple(name for name in map(KnownVmName.of_id, ids) if name)
        self._read_at = begun

    def names(self) -> tuple[KnownVmName, ...] | None:
        """The VMs as they were a moment ago; None: not known."""
        good_for_seconds = self._every_seconds + MOST_LATE_SECONDS
        if self._read_at is None or self._clock() - self._read_at > good_for_seconds:
            return None
        return self._names
