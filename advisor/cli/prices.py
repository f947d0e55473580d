"""`vmbackup prices`: bring the price book up to date, and show what it knows and lacks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from advisor.cli.parameters import parse_currency
from advisor.errors import InputUnreadable, UsageError
from advisor.regions import parse_region, region_name

if TYPE_CHECKING:
    from advisor.prices.book import Book
    from advisor.prices.update import UpdatedPrices

_REGION = re.compile(r"[a-z][a-z0-9]{2,40}")


@click.group()
def prices() -> None:
    """What the price book knows, and how to bring it up to date."""


@prices.command()
@click.option("--region", "regions", multiple=True, metavar="REGION", help="May be repeated.")
@click.option("--currency", default="USD", show_default=True, metavar="CODE")
@click.option("--source", default=None, hidden=True, help="Another price list's address.")
def update(regions: tuple[str, ...], currency: str, source: str | None) -> None:
    """Fetch today's prices from Azure's public price list into the cache.

    Without --region: every region that the book knows. No Azure account is needed. An update
    that was cut short goes on where it was; one that failed changes nothing.
    """
    import asyncio

    from advisor.cli.current_prices import progress, quiet_retries
    from advisor.prices.list_address import list_address
    from advisor.prices.saved import cache_directory
    from advisor.prices.update import PriceUpdate, update_prices

    quiet_retries()
    wish = PriceUpdate(
        regions=tuple(_region(text) for text in regions) or _known_regions(),
        currency=parse_currency(currency),
        directory=cache_directory(),
        now=datetime.now(UTC),
        address=source or list_address(),
    )
    with progress() as on_part:
        updated = asyncio.run(update_prices(wish, on_part))
    _tell(updated, len(wish.regions), wish.currency)


@prices.command()
@click.option("--region", "asked_region", default=None, metavar="REGION", help="Every meter of it.")
@click.option("--currency", default=None, metavar="CODE", help="Default: all; for a region, USD.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(asked_region: str | None, currency: str | None, as_json: bool) -> None:
    """Show what the price book knows, how old it is, and what it lacks."""
    from advisor.cli import prices_shown
    from advisor.prices.knowledge import knowledge_of
    from advisor.prices.saved import load_book

    book, today = load_book(), datetime.now(UTC).date()
    wanted = parse_currency(currency) if currency else None
    if asked_region:
        known = knowledge_of(book, _shown_region(asked_region, book), wanted or "USD", today)
        shown = prices_shown.region_json if as_json else prices_shown.region_text
        click.echo(shown(known), nl=False)
        return
    everything = [
        knowledge_of(book, name, money, today)
        for name, money in book.regions()
        if wanted in (None, money)
    ]
    overview = prices_shown.overview_json if as_json else prices_shown.overview_text
    click.echo(overview(everything, book.as_of), nl=False)


def _region(text: str) -> str:
    name = region_name(text)
    if not _REGION.fullmatch(name):
        raise UsageError(f"“{text}” is not a region. Write it like westeurope.")
    return name


def _shown_region(text: str, book: Book) -> str:
    """A region that the book has prices for, or any that is known. Raises UsageError."""
    name = _region(text)
    return name if any(name == known for known, _ in book.regions()) else parse_region(text)


def _known_regions() -> tuple[str, ...]:
    """The regions of the book; of the shipped one where the saved one is damaged."""
    from advisor.prices.saved import load_book
    from advisor.prices.shipped import shipped_book

    try:
        book = load_book()
    except InputUnreadable:
        book = shipped_book()  # the update replaces the damaged file, and says so
    return tuple(dict.fromkeys(name for name, _ in book.regions()))


def _tell(updated: UpdatedPrices, regions: int, currency: str) -> None:
    if updated.replaced_damaged:
        click.echo("The prices saved before could not be read and were replaced.", err=True)
    if updated.resumed:
        click.echo(f"Resumed: {_count(updated.resumed, 'part')} had been fetched already.")
    click.echo(
        f"{_count(updated.prices, 'price')} for {_count(regions, 'region')} in {currency}, "
        f"saved in {updated.path}"
    )
    for part in updated.empty:
        click.echo(f"Azure lists no prices of {part.service} for {part.region} in {currency}.")


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
