"""The lines of a plan's bill as a table: how much of what, at which price, and the total."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from advisor.model import (
    Assessment,
    Line,
    LineKind,
    Monthly,
    MonthOfBill,
    PriceOrigin,
    ReservedTerm,
    Saving,
)
from advisor.options.descriptions import option_name
from advisor.present.blocks import Cell, Grid, GridRow
from advisor.quantities import plain
from advisor.words import (
    amount,
    amount_range,
    capital,
    counted,
    listed,
    money,
    monthly_likely,
    monthly_span,
    quantity,
    sentence,
)

#: Beside a price that was not read for its region: the mark, and what the mark says.
MARKS = {
    PriceOrigin.CARRIED: ("(c)", "carried over from other regions"),
    PriceOrigin.WORKED_OUT: ("(w)", "worked out from another price"),
    PriceOrigin.AGREED: ("(a)", "agreed: from your own price sheet"),
    PriceOrigin.DISCOUNTED: ("(d)", "discounted: the list's price less what the settings state"),
    PriceOrigin.BOUNDED: ("(b)", "at most, as others report"),
}
_COUNTED = (LineKind.RECURRING, LineKind.DRILL)
_KIND_WORDS = {
    LineKind.RECURRING: "",
    LineKind.DRILL: "drill",
    LineKind.ONE_TIME: "once, not in the total",
    LineKind.CREDIT: "credit, not in the total",
}


class Unit(NamedTuple):
    """A unit of measure in words: after a quantity, and after a price."""

    of_quantity: str
    of_price: str


#: The Retail Prices API's unitOfMeasure for the meters that the options use.
_UNITS = {
    "1 GB/Month": Unit("GB", "a GB"),
    "1 GB": Unit("GB", "a GB"),
    "1/Month": Unit("", "each"),
    "1 GiB/Hour": Unit("GB hours", "a GB hour"),
    "1/Hour": Unit("hours", "an hour"),
}


def unit_words(unit: str) -> Unit:
    """A unit in words; one that nobody foresaw by its own name."""
    return _UNITS.get(unit, Unit(f"x {unit}", f"per {unit}"))


def bill(parts: Sequence[Assessment], monthly: Monthly) -> Grid:
    """Every line of a plan, what counts into its total first, what does not below it."""
    lines = [line for part in parts for line in part.lines]
    return Grid(
        title="The bill" if len(parts) == 1 else "The bill of both together",
        head=(
            ("What",),
            ("Quantity",),
            ("Unit price",),
            (f"{monthly.currency} a month",),
            ("How the quantity came about",),
        ),
        rows=(*_counted_rows(parts), _total(monthly), *_rows_beside(lines)),
        numbers=frozenset({1, 2, 3}),
        details=frozenset({4}),
        notes=tuple(dict.fromkeys(_note(line) for line in lines if line.origin in MARKS)),
    )


def _counted_rows(parts: Sequence[Assessment]) -> Iterator[GridRow]:
    for part in parts:
        if len(parts) > 1:
            yield GridRow(((f"{capital(option_name(part.option))}:",), (), (), (), ()))
        yield from (_row(line) for line in part.lines if line.usage.kind in _COUNTED)


def _rows_beside(lines: Iterable[Line]) -> Iterator[GridRow]:
    return (_row(line) for line in lines if line.usage.kind not in _COUNTED)


def _total(monthly: Monthly) -> GridRow:
    between = monthly_span(monthly)
    likely = monthly_likely(monthly).removesuffix(f" {monthly.currency}")
    shown = f"{likely} ({between})" if between else likely
    return GridRow((("Total",), (), (), (shown,), ()), strong=True)


def _row(line: Line) -> GridRow:
    return GridRow((_name(line), _quantity(line), _price(line), _monthly(line), _basis(line)))


def _name(line: Line) -> Cell:
    beside = [_KIND_WORDS[line.usage.kind], "optional" if line.usage.optional else ""]
    said = ", ".join(word for word in beside if word)
    return (f"{line.usage.name} ({said})" if said else line.usage.name,)


def _quantity(line: Line) -> Cell:
    known = line.usage.quantity
    if known is None:
        return ("not known",)
    unit = unit_words(line.usage.unit).of_quantity
    return (f"{quantity(known.likely)} {unit}".strip(),)


def _price(line: Line) -> Cell:
    if line.unit_price is None:
        return ("no price" if line.usage.quantity is not None else "-",)
    unit = unit_words(line.usage.unit).of_price
    mark, _ = MARKS.get(line.origin, ("", ""))
    at_most = "at most " if line.origin is PriceOrigin.BOUNDED else ""
    return (f"{at_most}{plain(line.unit_price)} {unit} {mark}".rstrip(),)


def _note(line: Line) -> str:
    """`(w) worked out from another price: Vault storage with GRS costs 2.00 times LRS ...`."""
    mark, said = MARKS[line.origin]
    return sentence(f"{mark} {said}: {line.why}" if line.why else f"{mark} {said}")


def _monthly(line: Line) -> Cell:
    return ("not known",) if line.monthly is None else (amount_range(line.monthly),)


def _basis(line: Line) -> Cell:
    said = f"{line.usage.source.value}: {line.usage.basis}"
    return (said.rstrip(": "),)


# --- the first months ------------------------------------------------------------------------


def first_months(months: Sequence[MonthOfBill], currency: str) -> str:
    """`First month 12.40 USD, rising to 31.20 USD a month ...`; empty without months."""
    if not months:
        return ""
    first, last = months[0], months[-1]
    steady = next(each for each in months if each.amount.likely == last.amount.likely)
    if steady is first:
        return sentence(f"{money(last.amount.likely, currency)} from the first month on")
    way = "rising" if first.amount.likely < last.amount.likely else "falling"
    return sentence(
        f"First month {money(first.amount.likely, currency)}, {way} to"
        f" {money(last.amount.likely, currency)} a month from month {steady.month} on"
    )


def saving_words(saving: Saving, currency: str) -> str:
    """`Reserved vault capacity: 12 % less for 1 year and 20 % for 3 years, from 100 TB ... on`.

    A VM alone seldom fills the smallest reservation, so what it saves is its share of one.
    """
    sizes: dict[int, list[ReservedTerm]] = {}
    for term in saving.terms:
        sizes.setdefault(term.from_gib, []).append(term)
    (least_gib, terms), *larger = sizes.items()
    said = [f"{_share(term)} for {counted(term.years, 'year')}" for term in terms]
    said[0] = said[0].replace(" for", " less for", 1)
    more = [f"{listed(map(_share, each))} from {_terabytes(gib)} on" for gib, each in larger]
    least, most = (pick(term.saves for term in saving.terms) for pick in (min, max))
    alone = "" if saving.gib >= least_gib else "; the VM alone does not fill the smallest"
    where = "in the vaults of one region and redundancy"
    steps = "; ".join((f"{listed(said)}, from {_terabytes(least_gib)} {where} on", *more))
    return (
        f"{saving.name}: {steps}. Of this bill that is {amount(least)} to"
        f" {money(most, currency)} a month{alone}."
    )


def _share(term: ReservedTerm) -> str:
    return f"{plain(term.share * 100)} %"


def _terabytes(gib: int) -> str:
    tib = gib // 1024
    return f"{tib} TB" if tib < 1024 else f"{tib // 1024} PB"


def sizes_said(provisioned_gib: Sequence[int | None]) -> str:
    """`3 disks, 1,152 GB in all`; says of how many disks the size is not known."""
    known = [size for size in provisioned_gib if size is not None]
    unknown = len(provisioned_gib) - len(known)
    whole = "" if len(provisioned_gib) == 1 else " in all"
    total = f", {sum(known):,} GB{whole}" if known else ""
    lacking = f", size of {counted(unknown, 'disk')} not known" if unknown else ""
    return f"{counted(len(provisioned_gib), 'disk')}{total}{lacking}"
