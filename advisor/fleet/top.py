"""What the next money buys: the VMs whose need is met for it, the most need for each USD first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from advisor.model import ZERO, Event, Meets, StateNow
from advisor.model.fleet import Bought, FleetRow
from advisor.needs import Tiers


def bought_for(rows: Iterable[FleetRow], budget: Decimal) -> tuple[Bought, ...]:
    """What a budget a month buys, in the order of need met for each unit of money.

    The need met is counted in events of the need that are met afterwards and not today. What is
    dearer than what is left is passed over, so that the budget buys as much as it can. A VM whose
    cost afterwards is not known is not bought: nobody knows how much of the budget it takes.
    """
    spent, bought = ZERO, []
    for row in sorted(filter(can_be_met, rows), key=_order):
        costs = row.difference or ZERO
        if spent + costs <= budget:
            spent += costs
            bought.append(Bought(row, tuple(_events(row)), costs, spent))
    return tuple(bought)


def can_be_met(row: FleetRow) -> bool:
    """Whether money meets an event of its need that is not met today, at a price that is known."""
    known = row.difference is not None and row.after is not None and row.after.complete
    return known and row.meets is not Meets.NO and any(_events(row))


def _events(row: FleetRow) -> Iterator[Event]:
    return (event for event in row.met_after if event not in row.met_today)


def _order(row: FleetRow) -> tuple[object, ...]:
    """What costs nothing comes first; of equals the unprotected, then the larger, then by id."""
    events, costs = len(tuple(_events(row))), max(row.difference or ZERO, ZERO)
    per_event = costs / events
    unprotected = row.state is not StateNow.UNPROTECTED
    return per_event, unprotected, -(row.data_gib or 0), row.vm_id.lower()


def need_hours(tiers: Tiers) -> Decimal:
    """Hours of data that the default tier may lose by deletion: the line that VMs are held to."""
    tier = tiers.named(tiers.default)
    asked = tier.need.deletion if tier else None
    return Decimal(int(asked.rpo.total_seconds())) / 3600 if asked else ZERO
