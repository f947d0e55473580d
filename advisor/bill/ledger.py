"""The ledger of estimates: what was said of a VM, when, and on which assumptions.

An entry has what was estimated of the protection in place, and what of the plan that was advised:
whichever of the two is billed later is held against it. As JSON it is one object; docs/bill.md has
its shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from advisor.bill.compare import EstimatedLine, GivenEstimate
from advisor.bill.estimates import estimated_lines
from advisor.bill.kinds import BillPart, MeterPurpose
from advisor.bill.months import Month, final_since
from advisor.model import Advice, Range
from advisor.quantities import plain

SCHEMA = 1
MONTHS_AT_MOST = 12  #: each takes two queries for each subscription


class Assumed(NamedTuple):
    """One size on which an estimate rests, with where it was from."""

    range: Range
    source: str  #: measured, billed, stated, assumed


class LedgerEntry(NamedTuple):
    """One advice, as far as it can be held against a bill. `vm`: lower-cased ARM id."""

    vm: str
    given_at: datetime
    currency: str
    prices_as_of: str
    sizes: Mapping[str, Assumed]  #: used_gib, changed_gib_per_day, written_gib_per_day
    in_place: tuple[EstimatedLine, ...]
    advised: tuple[EstimatedLine, ...]


def entry_of(advice: Advice, given_at: datetime) -> LedgerEntry:
    """The entry of an advice."""
    sizing = advice.sizing
    sizes = {
        "used_gib": sizing.used_gib,
        "changed_gib_per_day": sizing.changed_gib_per_day,
        "written_gib_per_day": sizing.written_gib_per_day,
    }
    return LedgerEntry(
        vm=advice.known.vm.key,
        given_at=given_at.astimezone(UTC).replace(microsecond=0),
        currency=advice.currency,
        prices_as_of=advice.prices_as_of,
        sizes={name: Assumed(one.range, one.source.value) for name, one in sizes.items()},
        in_place=estimated_lines(each.assessment for each in advice.in_place if each.assessment),
        advised=estimated_lines(advice.recommended.parts if advice.recommended else ()),
    )


def estimate_for(
    entries: Iterable[LedgerEntry],
    vm: str,
    month: Month,
    currency: str,
    billed: Iterable[BillPart],
) -> GivenEstimate | None:
    """What the newest estimate in that currency, given before the month was over, said of the VM.

    Of what was in place then it is that one's estimate. What was advised counts where it is among
    what was `billed`: an advice that nobody followed is no error. None where nothing was said in
    time: what is said afterwards is no estimate of that month.
    """
    in_time = [
        one
        for one in entries
        if (one.vm, one.currency) == (vm, currency) and one.given_at.date() <= month.last
    ]
    if not in_time:
        return None
    newest = max(in_time, key=lambda one: one.given_at)
    there, followed = {line.part for line in newest.in_place}, set(billed)
    if BillPart.SITE_RECOVERY in followed:
        followed.add(BillPart.TRAFFIC)  # it causes traffic, whether that was billed or not
    advised = (line for line in newest.advised if line.part in followed - there)
    lines = (*newest.in_place, *advised)
    return GivenEstimate(vm, newest.given_at, currency, lines) if lines else None


def judged_months(entries: Sequence[LedgerEntry], today: date) -> tuple[Month, ...]:
    """The final months that estimates were given before, the newest MONTHS_AT_MOST, in order."""
    if not entries:
        return ()
    first = min(one.given_at for one in entries).date()
    return final_since(first, today, MONTHS_AT_MOST)


# --- as JSON ---------------------------------------------------------------------------------


class EntryUnreadable(ValueError):
    """A line of the ledger that is none of ours."""


def entry_to_dict(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "vm": entry.vm,
        "given_at": entry.given_at.isoformat(),
        "currency": entry.currency,
        "prices_as_of": entry.prices_as_of,
        "sizes": {
            name: [*_range_texts(one.range), one.source] for name, one in entry.sizes.items()
        },
        "in_place": [_line(line) for line in entry.in_place],
        "advised": [_line(line) for line in entry.advised],
    }


def entry_from(document: Any) -> LedgerEntry:
    """The entry of what `entry_to_dict` made. Raises EntryUnreadable."""
    try:
        if document["schema"] != SCHEMA:
            raise EntryUnreadable("another version")
        given_at = datetime.fromisoformat(document["given_at"])
        if given_at.tzinfo is None:
            raise EntryUnreadable("no time zone")
        return LedgerEntry(
            vm=str(document["vm"]),
            given_at=given_at,
            currency=str(document["currency"]),
            prices_as_of=str(document["prices_as_of"]),
            sizes={
                str(name): Assumed(_range(one[:3]), str(one[3]))
                for name, one in document["sizes"].items()
            },
            in_place=tuple(_line_from(line) for line in document["in_place"]),
            advised=tuple(_line_from(line) for line in document["advised"]),
        )
    except (KeyError, IndexError, TypeError, AttributeError, InvalidOperation) as error:
        raise EntryUnreadable(str(error)) from error
    except ValueError as error:
        raise EntryUnreadable(str(error)) from error


def _line(line: EstimatedLine) -> list[Any]:
    return [
        line.part.value,
        line.kind.value,
        line.name,
        None if line.quantity is None else _range_texts(line.quantity),
        None if line.unit_price is None else plain(line.unit_price),
        None if line.monthly is None else _range_texts(line.monthly),
        line.source,
    ]


def _line_from(row: Sequence[Any]) -> EstimatedLine:
    part, kind, name, quantity, unit_price, monthly, source = row
    return EstimatedLine(
        part=BillPart(part),
        kind=MeterPurpose(kind),
        name=str(name),
        quantity=None if quantity is None else _range(quantity),
        unit_price=None if unit_price is None else _number(unit_price),
        monthly=None if monthly is None else _range(monthly),
        source=str(source),
    )


def _range_texts(value: Range) -> list[str]:
    return [plain(value.low), plain(value.likely), plain(value.high)]


def _range(texts: Sequence[str]) -> Range:
    low, likely, high = (_number(text) for text in texts)
    return Range(low, likely, high)


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(f"{text} is no number")
    return number
