"""`vmbackup prices`: bring the price book up to date, and show what it knows and lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from advisor.cli.group import LeafCommand
from advisor.cli.parameters import parse_currency
from advisor.errors import InputUnreadable
from advisor.regions import REGIONS, parse_region, region_name

if TYPE_CHECKING:
    from advisor.prices.update import UpdatedPrices


@click.command(cls=LeafCommand)
@click.option("--region", "regions", multiple=True, metavar="REGION", help="May be repeated.")
@click.option("--currency", default="USD", show_default=True, metavar="CODE")
@click.option("--source", default=None, hidden=True, help="Another price list's address.")
def update(regions: tuple[str, ...], currency: str, source: str | None) -> None:
    """Fetch today's prices from Azure's public price list into the cache.

    Without --region: every region that the book knows. No Azure account is needed. An update
    that was cut short goes on where it was; one that failed changes nothing.
    """
    import asyncio

    from advisor.cli.current_prices import progress
    from advisor.prices.list_address import list_address
    from advisor.prices.saved import cache_directory
    from advisor.prices.update import PriceUpdate, update_prices
    from advisor.retries import retries_to_the_log

    retries_to_the_log()
    wish = PriceUpdate(
        regions=_wanted_regions(regions),
        currency=parse_currency(currency),
        directory=cache_directory(),
        now=datetime.now(UTC),
        address=source or list_address(),
    )
    with progress() as on_part:
        updated = asyncio.run(update_prices(wish, on_part))
    _tell(updated, len(wish.regions), wish.currency)


@click.command(cls=LeafCommand)
@click.option("--region", "asked_region", default=None, metavar="REGION", help="Every meter of it.")
@click.option("--currency", default=None, metavar="CODE", help="Default: all; for a region, USD.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(asked_region: str | None, currency: str | None, as_json: bool) -> None:
    """Show what the price book knows, how old it is, and what it lacks."""
    from advisor.cli import prices_shown
    from advisor.prices.discounts import stated_discounts
    from advisor.prices.knowledge import knowledge_of
    from advisor.prices.saved import load_book

    book = load_book(discounts=stated_discounts(None))
    today = datetime.now(UTC).date()
    wanted = parse_currency(currency) if currency else None
    if asked_region:
        name = _region(asked_region, lambda: (known for known, _ in book.regions()))
        known = knowledge_of(book, name, wanted or "USD", today)
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


def _wanted_regions(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The regions to ask for; every one of the book where none is named.

    Raises UsageError for a name that neither the table of regions nor the book has, before
    anything is asked: a price list answers a slip of the keyboard with no prices.
    """
    if not texts:
        return _known_regions()
    return tuple(dict.fromkeys(_region(text, _known_regions) for text in texts))


def _region(text: str, known: Callable[[], Iterable[str]]) -> str:
    """A region of the table, or a newer one that prices are known of. Raises UsageError."""
    name = region_name(text.strip())
    return name if name not in REGIONS and name in set(known()) else parse_region(text)


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
