"""What was found out of VMs before, for the bot: by bills and by measuring."""

from __future__ import annotations

from advisor.earlier import Earlier
from bot.database.learned import LearnedStore
from bot.database.measured import MeasuredStore
from bot.database.pool import Database


class EarlierStore:
    """As advisor.earlier.KnowsEarlier has it. Raises DatabaseUnreachable."""

    def __init__(self, database: Database) -> None:
        self.learned, self.measured = LearnedStore(database), MeasuredStore(database)

    async def earlier(self, vm: str) -> Earlier:
        return Earlier(await self.learned.learned(vm), await self.measured.measured(vm))

    async def all(self) -> dict[str, Earlier]:
        """By the VM's lower-cased id."""
        learned, measured = await self.learned.all(), await self.measured.all()
        every = {*learned, *measured}
        return {vm: Earlier(learned.get(vm), measured.get(vm)) for vm in every}
