"""Readings of Slack: kept for a minute, and made once for all callers of the same moment."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

#: A membership older than this decides nothing (the product's own bound; no source).
KEPT_SECONDS = 60.0
_MOST = 5000  #: entries; the one used longest ago goes first

Read = TypeVar("Read")


@dataclass(slots=True)
class _Entry(Generic[Read]):
    value: Read | None = None
    begun: float = float("-inf")  #: when the reading that gave `value` began
    was_fresh: bool = False  #: whether a caller wanted that reading fresh
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Remembered(Generic[Read]):
    """Answers of `read` by id. None, which is a failed reading, is never kept."""

    def __init__(
        self,
        read: Callable[[str], Awaitable[Read | None]],
        clock: Callable[[], float],
        kept_seconds: float = KEPT_SECONDS,
    ) -> None:
        self._read, self._clock, self._kept_seconds = read, clock, kept_seconds
        self._entries: OrderedDict[str, _Entry[Read]] = OrderedDict()

    async def get(
        self, key: str, *, fresh: bool = False, shared_seconds: float = 0.0
    ) -> Read | None:
        """An answer not older than a minute; with `fresh`, from a reading that began after this
        call, or at most `shared_seconds` before it for another caller who wanted it fresh.

        Callers that wait for the same id share one reading, its failure too.
        """
        asked, entry = self._clock(), self._entry(key)
        async with entry.lock:
            if not self._serves(entry, asked, fresh=fresh, shared_seconds=shared_seconds):
                begun = self._clock()
                entry.value = await self._read(key)
                entry.begun, entry.was_fresh = begun, fresh
        return entry.value

    def _serves(
        self, entry: _Entry[Read], asked: float, *, fresh: bool, shared_seconds: float
    ) -> bool:
        """Whether the stored reading serves a caller who asked at that time."""
        if entry.begun >= asked:
            return True
        if entry.value is None or (fresh and not entry.was_fresh):
            return False
        return asked - entry.begun <= (shared_seconds if fresh else self._kept_seconds)

    def _entry(self, key: str) -> _Entry[Read]:
        entry = self._entries.setdefault(key, _Entry())
        self._entries.move_to_end(key)
        while len(self._entries) > _MOST:
            self._entries.popitem(last=False)
        return entry
