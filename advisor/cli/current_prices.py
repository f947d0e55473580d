"""The prices of a command's answer: what it wants is fetched from the list before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import click

from advisor.prices.discounts import stated_discounts
from advisor.prices.list_address import OFFLINE_VARIABLE, host_of, is_offline, list_address
from advisor.prices.saved import SavedPart, cache_directory, load_book
from advisor.prices.source import ROUNDS, Brought
from advisor.retries import retries_to_the_log

if TYPE_CHECKING:
    from advisor.prices.book import Book
    from advisor.prices.keeper import PriceKeeper
    from advisor.prices.quote import Key
    from advisor.prices.wanted import WantedPrices

Answer = TypeVar("Answer")


class TerminalPrices:
    """The book of one command. What it asks for, and what fails, is told on standard error."""

    def __init__(self, offline: bool, settings: str | None = None) -> None:
        """`settings`: the settings file, for the discounts that it states."""
        self._offline = offline or is_offline()
        self._asked: frozenset[Key] = frozenset()
        self._found: tuple[SavedPart, ...] = ()  # counts for this answer, saved or not
        self._told: set[str] = set()
        self._named_the_host = False
        self._discounts = stated_discounts(settings)
        self.book: Book = load_book(discounts=self._discounts)

    @property
    def may_ask(self) -> bool:
        """Whether the price list may be asked at all."""
        return not self._offline

    async def bring(self, wanted: WantedPrices, now: datetime, spent: float = 0.0) -> Brought:
        """Fetch what an answer wants, within the keeper's bounds. Raises UsageError."""
        keeper = self._keeper()
        keys = self._due(keeper, wanted, now)
        if keeper is None or not keys:
            return Brought()
        return Brought(await self._fetch(keeper, keys, now, spent))

    def answer(self, work: Callable[[Book], tuple[Answer, WantedPrices]], now: datetime) -> Answer:
        """What is worked out with the book; again where the price list had what it wants.

        Loads nothing of the network where there is nothing to ask. Raises UsageError.
        """
        answer, wanted = work(self.book)
        keeper = self._keeper()
        began = monotonic()
        for _ in range(ROUNDS):
            keys = self._due(keeper, wanted, now)
            if keeper is None or not keys:
                break
            import asyncio

            if not asyncio.run(self._fetch(keeper, keys, now, monotonic() - began)):
                break
            answer, wanted = work(self.book)
        return answer

    def _keeper(self) -> PriceKeeper | None:
        if self._offline:
            return None
        from advisor.prices.keeper import PriceKeeper

        return PriceKeeper(directory=cache_directory(), origin=list_address())

    def _due(
        self, keeper: PriceKeeper | None, wanted: WantedPrices, now: datetime
    ) -> frozenset[Key]:
        if keeper is None:
            return frozenset()
        due = keeper.due(wanted.every - self._asked, now)
        self._asked |= due.keys
        if due.refusal:
            self._tell(due.refusal)
        if due.keys and due.is_first:
            host = host_of(keeper.origin)
            self._tell(
                f"Asking {host}, Azure's public price list, for prices that are missing or old. "
                f"--offline or {OFFLINE_VARIABLE}=1 forbids it."
            )
            self._named_the_host = True
        return due.keys

    async def _fetch(
        self, keeper: PriceKeeper, keys: frozenset[Key], now: datetime, spent: float
    ) -> bool:
        """Whether anything came."""
        retries_to_the_log()
        with progress() as on_query:
            kept = await keeper.fetch(keys, now, on_query, spent=spent, told=self._named_the_host)
        for problem in filter(None, (kept.not_saved, kept.not_asked)):
            self._tell(problem)
        if kept.has_prices:
            self._found += kept.found
            self.book = load_book(also=self._found, discounts=self._discounts)
            return True
        return False

    def _tell(self, sentence: str) -> None:
        """Once, however many rounds it takes."""
        if sentence not in self._told:
            self._told.add(sentence)
            click.echo(sentence, err=True)


@contextmanager
def progress() -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr where that is a terminal; nothing otherwise."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("Fetching prices"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        task = shown.add_task("prices", total=None)

        def on_part(finished: int, of: int) -> None:
            shown.update(task, completed=finished, total=of)

        yield on_part
