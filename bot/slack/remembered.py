"""Readings of Slack: kept for a minute, and made once for all callers of the same moment."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.requests.approval.people import SlackThrottled

#: A reading older than this is not even shown (the product's own bound; no source).
KEPT_SECONDS = 60.0
#: A reading that began longer before decides nothing: who left a group may still approve for so
#: long. usergroups.users.list may be asked 20 times a minute (Slack's tier 2, 2026-06); one
#: reading in ten seconds leaves three groups room for approvals without a pause.
FRESH_SECONDS = 10.0
_MOST = 5000  #: entries; the one used longest ago goes first

Read = TypeVar("Read")


@dataclass(slots=True)
class _Entry(Generic[Read]):
    value: Read | None = None
    begun: float = float("-inf")  #: when the reading that gave `value` began
    was_fresh: bool = False  #: whether a caller wanted that reading fresh
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Remembered(Generic[Read]):
    """Answers of `read` by id. None, which is a failed reading, is never kept.

    `read` raises SlackThrottled where Slack was not asked: the answer before it stays.
    """

    def __init__(
        self,
        read: Callable[[str], Awaitable[Read | None]],
        clock: Callable[[], float],
        kept_seconds: float = KEPT_SECONDS,
    ) -> None:
        self._read, self._clock, self._kept_seconds = read, clock, kept_seconds
        self._entries: OrderedDict[str, _Entry[Read]] = OrderedDict()

    async def get(self, key: str, *, fresh: bool = False) -> Read | None:
        """An answer not older than a minute; with `fresh`, from a reading that began at most
        `FRESH_SECONDS` before this call, for another caller who wanted it fresh.

        Callers that wait for the same id share one reading, its failure too. Raises
        SlackThrottled where `fresh`: a decision can wait. Otherwise the answer is None.
        """
        try:
            return await self._get(key, fresh=fresh)
        except SlackThrottled:
            if fresh:
                raise
            return None

    def remembered(self, key: str) -> Read | None:
        """An answer that is not older than a minute; None: there is none, and nothing is read."""
        entry = self._entries.get(key)
        is_new = entry is not None and self._clock() - entry.begun <= self._kept_seconds
        return entry.value if entry is not None and is_new else None

    async def _get(self, key: str, *, fresh: bool) -> Read | None:
        asked, entry = self._clock(), self._entry(key)
        async with entry.lock:
            if not self._serves(entry, asked, fresh=fresh):
                begun = self._clock()
                entry.value = await self._read(key)
                entry.begun, entry.was_fresh = begun, fresh
        return entry.value

    def _serves(self, entry: _Entry[Read], asked: float, *, fresh: bool) -> bool:
        """Whether the stored reading serves a caller who asked at that time."""
        if entry.begun >= asked:
            return True
        if entry.value is None or (fresh and not entry.was_fresh):
            return False
        return asked - entry.begun <= (FRESH_SECONDS if fresh else self._kept_seconds)

    def _entry(self, key: str) -> _Entry[Read]:
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        while len(self._entries) > _MOST:
            self._entries.popitem(last=False)
        return entry
