"""Groups writes that arrive together into one transaction: each waits for one commit.

While one group is written, the next one gathers. A write waits at most as long as Slack's three
seconds allow; one whose group was not started by then is withdrawn, and certainly not done.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, Protocol, TypeVar

from advisor.errors import DatabaseUnreachable
from bot.requests.changes import Ask, AskResult
from bot.requests.model import Click

_log = logging.getLogger(__name__)

#: Slack wants the acknowledgement within 3 s (docs.slack.dev, "Slash commands", 2026-06).
PATIENCE_SECONDS = 2.0
MOST_AT_ONCE = 500
#: One process accepts a command every third of a millisecond; a transaction takes 10 ms.
GATHERED_SECONDS = 0.001
GATHERED_AT_MOST_SECONDS = 0.05

NOT_TAKEN = (
    "This bot's database does not answer at the moment, so nothing was asked for and nothing was "
    "changed. Try again in a minute."
)
PERHAPS_TAKEN = (
    "This bot's database did not answer in time, so this was most likely not taken. Look with "
    "/vmbackup requests in a minute, and try again if it is not there."
)

Item = TypeVar("Item")
Result = TypeVar("Result")


class Writes(Protocol):
    """The store's two writes of several items; the results are in the order of the items."""

    async def ask(self, asks: Sequence[Ask]) -> Sequence[AskResult]: ...

    async def press(self, clicks: Sequence[Click]) -> Sequence[bool]: ...


class Gathered(Generic[Item, Result]):
    """The grouped writes of one kind. At most one group is written at a time."""

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._write, self._patience = write, patience_seconds
        self._waiting: dict[asyncio.Future[Result], Item] = {}
        self._writer: asyncio.Task[None] | None = None

    async def put(self, item: Item) -> Result:
        """The result for this item. Raises DatabaseUnreachable with a sentence for people."""
        written: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting[written] = item
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        try:
            async with asyncio.timeout(self._patience):
                return await written
        except TimeoutError:
            is_started = written not in self._waiting
            raise DatabaseUnreachable(PERHAPS_TAKEN if is_started else NOT_TAKEN) from None
        finally:
            self._waiting.pop(written, None)

    async def _write_all(self) -> None:
        while self._waiting:
            await self._gather()
            group = dict(list(self._waiting.items())[:MOST_AT_ONCE])
            for written in group:
                del self._waiting[written]
            await self._write_group(group)

    async def _gather(self) -> None:
        """Wait until no more items arrive for a moment, so that they share one transaction."""
        clock = asyncio.get_running_loop().time
        latest, before = clock() + GATHERED_AT_MOST_SECONDS, 0
        while len(self._waiting) > before and clock() < latest:
            before = len(self._waiting)
            await asyncio.sleep(GATHERED_SECONDS)

    async def _write_group(self, group: dict[asyncio.Future[Result], Item]) -> None:
        try:
            # The write ends before its callers stop waiting, so that their error says what is true.
            async with asyncio.timeout(self._patience - GATHERED_AT_MOST_SECONDS):
                results = await self._write(list(group.values()))
        except (DatabaseUnreachable, TimeoutError) as error:
            _log.warning("%d writes were refused: %s", len(group), error or "no answer in time")
            _fail(group, DatabaseUnreachable(PERHAPS_TAKEN))
        except Exception as error:  # noqa: BLE001  the boundary: each item gets its own error
            await self._one_by_one(group, error)
        else:
            for written, result in zip(group, results, strict=True):
                if not written.done():
                    written.set_result(result)

    async def _one_by_one(
        self, group: dict[asyncio.Future[Result], Item], error: Exception
    ) -> None:
        """Write each item alone, so that one that cannot be written does not fail the others."""
        if len(group) == 1:
            _fail(group, error)
            return
        for written, item in group.items():
            await self._write_group({written: item})


class Grouped:
    """Stores requests and clicks in groups. Raises DatabaseUnreachable within `PATIENCE_SECONDS`.

    `check` is called before each, and raises where this bot must not act.
    """

    def __init__(
        self,
        store: Writes,
        check: Callable[[], None] = lambda: None,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._check = check
        self._asks: Gathered[Ask, AskResult] = Gathered(store.ask, patience_seconds)
        self._clicks: Gathered[Click, bool] = Gathered(store.press, patience_seconds)

    async def ask(self, ask: Ask) -> AskResult:
        """Store a request; it is committed when this returns."""
        self._check()
        return await self._asks.put(ask)

    async def press(self, click: Click) -> bool:
        """Store a click; it is committed when this returns. False: it was stored before."""
        self._check()
        return await self._clicks.put(click)


def _fail(group: dict[asyncio.Future[Result], Item], error: Exception) -> None:
    for written in group:
        if not written.done():
            written.set_exception(error)
