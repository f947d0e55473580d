"""What `vmbackup prices show` prints: plain tables of at most 80 columns, or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO
from textwrap import fill
from typing import TYPE_CHECKING, Any

from advisor.cli.output import json_text
from advisor.model import PriceOrigin
from advisor.prices.knowledge import Known, RegionKnowledge
from advisor.quantities import plain
from advisor.regions import display_name

if TYPE_CHECKING:
    from advisor.prices.book import Price

_WIDTH = 80
_NO_OWN_PRICE = "No price of its own"


def overview_text(everything: Sequence[RegionKnowledge], as_of: str) -> str:
    """One row a region and currency."""
    rows = [
        (
            each.region,
            each.currency,
            str(each.priced),
            str(len(each.lacking)) if each.lacking else "nothing",
            each.as_of,
            _came_from(each),
        )
        for each in everything
    ]
    if not rows:
        return "The price book knows no prices in that currency.\n"
    heads = ("Region", "Currency", "Prices", "Lacks", "As of", "From")
    return (
        _table(heads, rows, right=(2, 3))
        + f"\nThe newest price is of {as_of}. To see what a region lacks:\n"
        + "  vmbackup prices show --region REGION\n"
    )


def region_text(known: RegionKnowledge) -> str:
    """One row a meter, one for all tiers of a disk family, and then what is lacking."""
    title = f"{display_name(known.region)} ({known.region}) in {known.currency}"
    age = f"Newest price of {known.as_of}, {_came_from(known)}" if known.as_of else _NO_OWN_PRICE
    heads = ("What", "Price", "Unit", "As of", "Note")
    rows = [_row(group) for group in _groups(known.meters)]
    return f"{title}\n{age}\n\n" + _table(heads, rows, (1,)) + _lacks(known)


def overview_json(everything: Sequence[RegionKnowledge], as_of: str) -> str:
    """`{as_of, regions: [{region, currency, as_of, fetched, prices, lacking}]}`."""
    regions = [
        {**_head(each), "prices": each.priced, "lacking": [one.needed.name for one in each.lacking]}
        for each in everything
    ]
    return _json({"as_of": as_of, "regions": regions})


def region_json(known: RegionKnowledge) -> str:
    """`{region, currency, as_of, fetched, meters: [...]}`; amounts are decimal strings."""
    return _json({**_head(known), "meters": [_full(each) for each in known.meters]})


def _head(known: RegionKnowledge) -> dict[str, Any]:
    return {
        "region": known.region,
        "currency": known.currency,
        "as_of": known.as_of or None,
        "fetched": dict(known.fetched),
    }


def _full(known: Known) -> dict[str, Any]:
    meter, price = known.needed.meter, known.price
    names = {"service": meter.service, "product": meter.product, "sku": meter.sku}
    return {
        "name": known.needed.name,
        "meter": {**names, "meter": meter.meter, "region": meter.region},
        "optional": known.needed.optional,
        "price": _price_json(price) if price else None,
        "missing": known.problem or None,
    }


def _price_json(price: Price) -> dict[str, Any]:
    return {
        "unit": price.unit,
        "unit_price": plain(price.unit_price),
        "tiers": [
            {"from_units": plain(minimum), "unit_price": plain(amount)}
            for minimum, amount in price.tiers
        ],
        "true_on": price.true_on,
        "confidence": price.confidence,
        "source": price.source,
        "origin": price.origin.value,
        "why": price.why or None,
    }


def _json(document: Any) -> str:
    return json_text(document) + "\n"


def _groups(meters: Iterable[Known]) -> list[list[Known]]:
    """The meters of one family together, in the order they came."""
    groups: dict[str, list[Known]] = {}
    for each in meters:
        groups.setdefault(each.needed.family or each.needed.name, []).append(each)
    return list(groups.values())


def _row(group: Sequence[Known]) -> tuple[str, ...]:
    name = group[0].needed.family or group[0].needed.name
    prices = [each.price for each in group if each.price]
    if not prices:
        return name, "", "", "", _note(group)
    amounts = [price.unit_price for price in prices]
    low, high = min(amounts), max(amounts)
    amount = plain(low) if low == high else f"{low:.2f}–{high:.2f}"
    return name, amount, prices[0].unit, max(price.true_on for price in prices), _note(group)


def _note(group: Sequence[Known]) -> str:
    """What is to be known of a row besides its price, in a word or two."""
    without = [each for each in group if each.price is None]
    if without:
        word = "unclear" if any(each.ambiguous for each in without) else "missing"
        if group[0].needed.optional:
            return "optional"
        return word if len(without) == len(group) else f"{len(without)} {word}"
    prices = [each.price for each in group if each.price]
    for price in prices:
        if price.origin is not PriceOrigin.LISTED:
            return price.origin.value
    if any(len(price.tiers) > 1 for price in prices):
        return "tiers"
    return "" if all(price.confidence == "A" for price in prices) else "derived"


def _lacks(known: RegionKnowledge) -> str:
    if not known.lacking:
        return "\nNothing is lacking.\n"
    lines = "".join(_lack(group) for group in _groups(known.lacking))
    return (
        f"\nLacking, {len(known.lacking)} in all:\n{lines}"
        "To fetch what Azure's price list has:\n"
        f"  vmbackup prices update --region {known.region} --currency {known.currency}\n"
    )


def _lack(group: Sequence[Known]) -> str:
    """One meter, or the tiers of a family that are lacking, indented and wrapped."""
    name = group[0].needed.family or group[0].needed.name
    tiers = ", ".join(each.needed.name.split()[0] for each in group)
    several = "several prices" if any(each.ambiguous for each in group) else ""
    told = ": ".join(filter(None, (name, tiers if group[0].needed.family else several)))
    return fill(told, _WIDTH, initial_indent="  ", subsequent_indent="    ") + "\n"


def _came_from(known: RegionKnowledge) -> str:
    if not known.fetched:
        return "shipped with vmbackup"
    days = sorted({day for _, day in known.fetched})
    return f"fetched {days[0]}" if len(days) == 1 else f"fetched {days[0]} to {days[-1]}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int]) -> str:
    """A table of plain text; names from outside are never markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index, head in enumerate(heads):
        table.add_column(head, justify="right" if index in right else "left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console = Console(file=StringIO(), width=_WIDTH, no_color=True, markup=False, highlight=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"
