"""Once a day the newest final month's bill is read, so that advice counts with what it tells.

Nobody has to ask for it. The month is over for five days, or it is not read; where Cost Management
wants to be left alone, the next reading waits for as long as it says.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

from advisor.bill.months import Month, last_final
from advisor.earlier import Earlier
from advisor.errors import AzureRefused, AzureUnreachable, DatabaseUnreachable, VmbackupError
from advisor.model import BilledSizes
from bot.database.bill_reading import BillReading
from bot.jobs.queue import MayAct, always
from bot.loops import again_and_again

_log = logging.getLogger(__name__)

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
#: After the bot's start other things matter; then so often it is looked whether one is due. Ours.
FIRST_SECONDS, LOOK_SECONDS = 5 * _MINUTE, 10 * _MINUTE
#: Longer than a reading takes: a worker that died is followed by another one then. Ours.
LEASE_SECONDS, LONGEST_SECONDS = 45 * _MINUTE, 40 * _MINUTE
#: Azure recommends one call a day (cost-management-billing/costs/manage-automation, 2024-11).
NEXT_SECONDS = _DAY
#: Where Azure did not answer, or names no wait. What may not be read is tried the next day. Ours.
AGAIN_SECONDS = _HOUR

#: What the bills of a month told, by the VM's lower-cased id, with what was found out before.
ReadBills = Callable[[Month, Mapping[str, Earlier]], Awaitable[Mapping[str, BilledSizes]]]


class LearnedOfBills(Protocol):
    """Keeps what bills told. Raises DatabaseUnreachable."""

    async def keep(self, learned: Mapping[str, BilledSizes]) -> None: ...


class FoundBefore(Protocol):
    """What was found out of VMs before. Raises DatabaseUnreachable."""

    @property
    def learned(self) -> LearnedOfBills: ...

    async def all(self) -> Mapping[str, Earlier]: ...


class DailyBills:
    """Runs beside the sweeps of a worker. It never ends the bot: what fails is tried again."""

    def __init__(
        self,
        read: ReadBills,
        row: BillReading,
        before: FoundBefore,
        clock: Callable[[], datetime],
        new_token: Callable[[], str],
        may_act: MayAct = always,
        first_seconds: float = FIRST_SECONDS,
    ) -> None:
        self._read, self._row, self._before = read, row, before
        self._clock, self._new_token, self._may_act = clock, new_token, may_act
        self._first_seconds = first_seconds

    async def run(self) -> None:
        """Look until the task is cancelled."""
        await asyncio.sleep(self._first_seconds)
        await again_and_again(self.once, "the reading of bills", LOOK_SECONDS, self._may_act)

    async def once(self) -> bool:
        """Read the bills where that is due; False where it is not, or was put off.

        Raises DatabaseUnreachable.
        """
        token = self._new_token()
        if not await self._row.take(token, LEASE_SECONDS):
            return False
        month = last_final(self._clock().date())
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                learned = await self._read(month, await self._before.all())
        except DatabaseUnreachable:
            raise
        except (VmbackupError, TimeoutError) as error:
            await self._put_off(token, month, error)
            return False
        await self._before.learned.keep(learned)
        _log.info("The bill of %s told the sizes of %d VMs.", month, len(learned))
        return await self._row.done(token, str(month), NEXT_SECONDS)

    async def _put_off(self, token: str, month: Month, error: Exception) -> None:
        seconds, why = wait_seconds(error), str(error) or "it took too long."
        _log.warning("Reading the bill of %s waits %.0f min: %s", month, seconds / _MINUTE, why)
        await self._row.put_off(token, seconds, why)


def wait_seconds(error: Exception) -> float:
    """As long as Azure says; without a word of it an hour, and a day where it may not be read."""
    if isinstance(error, (AzureRefused, AzureUnreachable)) and error.retry_after_seconds:
        return max(AGAIN_SECONDS, error.retry_after_seconds)
    return NEXT_SECONDS if isinstance(error, AzureRefused) else AGAIN_SECONDS
