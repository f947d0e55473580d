"""The world behind the stand-in: every resource, the clock, and what is still to happen.

Resources are ARM bodies (`id`, `name`, `type`, `location`, `properties`, ...), kept by their
lower-cased id. Time is the world's own and can be moved forward; work that takes time is put
into the agenda and done when its time has come.
"""

from __future__ import annotations

import copy
import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar, cast

Part = TypeVar("Part")
Body = dict[str, Any]
Work = Callable[[], None]


@dataclass
class World:
    """Everything the stand-in knows. `now` starts at real time and runs with it, plus `ahead`."""

    seed: int = 1
    tenant_id: str = "11111111-2222-3333-4444-555555555555"
    ahead: timedelta = timedelta()
    resources: dict[str, Body] = field(default_factory=dict)
    #: lower-cased ids of resources (or scopes above them) on which reading or writing is refused
    forbidden: set[str] = field(default_factory=set)
    #: how long work takes, as a share of what the stand-in usually lets it take; 0: none
    pace: float = 1.0
    #: how long after a start or a deallocation has succeeded the instance view shows it
    power_state_late_seconds: float = 0.2
    #: the Retry-After of answers about long-running work; 0 leaves it to the caller's own pace
    retry_after_seconds: int = 1
    #: how far the Date of its answers is from the real time
    clock_off: timedelta = timedelta()
    #: how many resources one page of a list holds
    page_size: int = 500
    _parts: dict[type, object] = field(default_factory=dict)
    _agenda: list[tuple[datetime, int, Work]] = field(default_factory=list)
    _doing: datetime | None = None
    _order: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - a sample world, not a secret

    # --- resources ---------------------------------------------------------------------------

    def get(self, arm_id: str) -> Body | None:
        """The resource of that id in any case; changes to it are changes of the world."""
        self.catch_up()
        return self.resources.get(arm_id.lower())

    def put(self, body: Body) -> Body:
        """Add or replace a resource by its own `id`."""
        self.resources[str(body["id"]).lower()] = body
        return body

    def remove(self, arm_id: str) -> Body | None:
        """Remove a resource; its children stay until their own service removes them."""
        return self.resources.pop(arm_id.lower(), None)

    def of_type(self, kind: str, scope: str = "") -> list[Body]:
        """Resources of one type (any case) below a scope, ordered by id."""
        self.catch_up()
        wanted, below = kind.lower(), scope.lower().rstrip("/")
        found = (
            (key, body)
            for key, body in self.resources.items()
            if str(body.get("type", "")).lower() == wanted
            and (not below or key == below or key.startswith(below + "/"))
        )
        return [body for _, body in sorted(found, key=lambda pair: pair[0])]

    def snapshot(self) -> dict[str, Body]:
        """A copy of every resource, to compare with later."""
        return copy.deepcopy(self.resources)

    def part(self, kind: type[Part]) -> Part:
        """What a service keeps beside the resources: one object of that kind, made when asked."""
        if kind not in self._parts:
            self._parts[kind] = kind()
        return cast(Part, self._parts[kind])

    # --- time --------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The world's time, aware, UTC. To work from the agenda it is the time it was set for."""
        return self._doing or datetime.now(UTC) + self.ahead

    def forward(self, by: timedelta) -> None:
        """Move the clock and do what has come due, in order."""
        self.ahead += by
        self.catch_up()

    def after(self, delay: timedelta, work: Work) -> None:
        """Do something when the world's clock has moved that far."""
        heapq.heappush(self._agenda, (self.now + delay, next(self._order), work))

    def at(self, when: datetime, work: Work) -> None:
        """Do something at that time; works of one time are done in the order they were put in."""
        heapq.heappush(self._agenda, (when, next(self._order), work))

    def after_work(self, seconds: float, work: Work) -> None:
        """Do something when work that usually takes that long is over, at this world's pace."""
        self.after(timedelta(seconds=seconds * self.pace), work)

    def catch_up(self) -> None:
        """Do everything whose time has come, each at its own time, in order."""
        if self._doing:
            return
        while self._agenda and self._agenda[0][0] <= self.now:
            self._doing, _, work = heapq.heappop(self._agenda)
            try:
                work()
            finally:
                self._doing = None

    # --- names -------------------------------------------------------------------------------

    def new_guid(self) -> str:
        """A GUID from the world's own seeded source."""
        digits = f"{self.random.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
