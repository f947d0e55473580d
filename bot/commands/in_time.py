"""Reading for somebody who waits, for so long and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from advisor.errors import AzureUnreachable

Read = TypeVar("Read")


async def in_time(
    reading: Awaitable[Read], what: str, seconds: float, said: str = "no answer"
) -> Read:
    """What was read. Raises AzureUnreachable about `what` where that takes longer, and what the
    reading raises; a time that ran out within the reading is its own."""
    try:
        async with asyncio.timeout(seconds) as limit:
            return await reading
    except TimeoutError:
        if not limit.expired():
            raise
        reason = f"{said} within {seconds // 60:.0f} minutes."
        raise AzureUnreachable(what, reason) from None
