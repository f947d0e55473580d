"""Single meters from the price list: asked for side by side, within a few seconds in all."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
from yarl import URL

from advisor.errors import AzureRefused, AzureUnreachable, InputUnreadable
from advisor.prices.knock import CONNECT_SECONDS
from advisor.prices.list_filter import MeterQuery, meter_queries
from advisor.prices.quote import Key
from advisor.prices.retail import Patience, checked_address, fetch_filtered, list_session
from advisor.prices.saved import SavedPart

IN_ALL_SECONDS = 5.0
#: A list that throttles is asked again as often as fits into the seconds that there are.
HASTE = Patience(attempts=4, first_wait_s=0.2, longest_wait_s=2.0, connect_s=CONNECT_SECONDS)
_AT_ONCE = 8  # an advice in two regions and two currencies is 16 queries at most

OnQuery = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ToppedUp:
    """What came. `absent`: the list answered, and has no such meter. `why`: what failed, if any."""

    found: tuple[SavedPart, ...]
    absent: frozenset[Key]
    why: str = ""


@dataclass(slots=True)
class _Coming:
    """What has come so far: kept when the time is over."""

    found: list[SavedPart] = field(default_factory=list)
    asked: set[Key] = field(default_factory=set)
    why: str = ""


async def top_up(
    keys: Iterable[Key],
    address: str,
    now: datetime,
    on_query: OnQuery,
    *,
    seconds: float = IN_ALL_SECONDS,
    spent: float = 0.0,
    patience: Patience = HASTE,
) -> ToppedUp:
    """Ask for the meters of the keys and for no others; `on_query(finished, of)` as answers come.

    Never takes longer than `seconds`, of which `spent` are over. What failed is told in `why`;
    what came is kept. Raises UsageError for an address that is none.
    """
    origin = checked_address(address)
    queries = list(meter_queries(keys))
    coming = _Coming()
    on_query(0, len(queries))
    try:
        async with asyncio.timeout(seconds - spent), list_session(origin) as session:
            await _ask_all(session, origin, queries, patience, now, coming, on_query)
    except TimeoutError:
        coming.why = f"no answer within {seconds:g} s"
    found = {quote.key for each in coming.found for quote in each.quotes}
    return ToppedUp(tuple(coming.found), frozenset(coming.asked - found), coming.why)


async def _ask_all(
    session: aiohttp.ClientSession,
    origin: URL,
    queries: list[MeterQuery],
    patience: Patience,
    now: datetime,
    coming: _Coming,
    on_query: OnQuery,
) -> None:
    """Every query, a few at once. A list that is away is asked no further."""
    turn, finished = asyncio.Semaphore(_AT_ONCE), 0

    async def ask(query: MeterQuery) -> None:
        nonlocal finished
        async with turn:
            if coming.why:
                return
            try:
                quotes = await fetch_filtered(
                    session, origin, query.part, query.filter_text, patience, now
                )
            except (AzureRefused, AzureUnreachable) as error:
                coming.why = _in_short(error)
                return
            except InputUnreadable as error:
                coming.why = f"its answer cannot be read: {error.problem}".rstrip(".")
                return
        wanted = set(query.keys)
        kept = tuple(quote for quote in quotes if quote.key in wanted)
        coming.found.append(SavedPart(query.part, now, str(origin), kept))
        coming.asked |= wanted
        finished += 1
        on_query(finished, len(queries))

    async with asyncio.TaskGroup() as group:
        for query in queries:
            group.create_task(ask(query))


def _in_short(error: AzureRefused | AzureUnreachable) -> str:
    """As a clause of one sentence: aiohttp's own words tell of its classes."""
    match error.__cause__:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "its certificate is not trusted here"
        case aiohttp.ClientConnectorError(os_error=OSError(errno=int(number))):
            return os.strerror(number)
        case _:
            return error.reason.rstrip(".")
