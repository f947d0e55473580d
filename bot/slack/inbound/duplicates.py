"""A bounded memory of what was seen lately, so that a repeated delivery is done once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

Clock = Callable[[], float]  #: seconds since some beginning, never going back


class RecentDeliveries:
    """Keys with the time they came. The oldest give way when `most` is reached."""

    def __init__(self, *, keep_seconds: float, most: int, clock: Clock) -> None:
        self._keep_seconds, self._most, self._clock = keep_seconds, most, clock
        self._times: OrderedDict[Hashable, float] = OrderedDict()

    def first_time(self, key: Hashable) -> bool:
        """True once per key and `keep_seconds`; the key is remembered from now on."""
        now = self._clock()
        self._forget_older_than(now - self._keep_seconds)
        if key in self._times:
            return False
        self._times[key] = now
        if len(self._times) > self._most:
            self._times.popitem(last=False)
        return True

    def forget(self, key: Hashable) -> None:
        """As if it had not come: what was to be done with it failed."""
        self._times.pop(key, None)

    def __len__(self) -> int:
        return len(self._times)

    def _forget_older_than(self, moment: float) -> None:
        while self._times and next(iter(self._times.values())) < moment:
            self._times.popitem(last=False)
