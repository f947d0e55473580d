"""A bill as JSON: decimal strings, null for what is not known; `bill.schema.json` documents it."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.bill.bill import FleetBill, VmBill, totals
from advisor.bill.charges import Apart
from advisor.bill.compare import GivenEstimate, LineError
from advisor.bill.divide import BilledLine
from advisor.model import BilledSizes
from advisor.present.json_values import Json, maybe, moment, range_of
from advisor.quantities import plain

VERSION = 1


def vm_bill_to_dict(bill: VmBill) -> Json:
    """The bill of one VM."""
    return {
        "version": VERSION,
        "vm": bill.vm,
        "name": bill.name,
        **_month(bill),
        "totals": _totals(bill.lines),
        "lines": [_line(line) for line in bill.lines],
        "not_attributed": [_line(line) for line in bill.nobody],
        "apart": [_apart(one) for one in bill.apart],
        "estimate": maybe(_estimate, bill.estimate),
        "differences": [_difference(one) for one in bill.differences],
        "learned": maybe(_learned, bill.learned),
        "not_learned": bill.not_learned or None,
        "not_read": list(bill.notes),
    }


def fleet_bill_to_dict(bill: FleetBill) -> Json:
    """The bill of every VM."""
    return {
        "version": VERSION,
        **_month(bill),
        "subscriptions": list(bill.subscriptions),
        "totals": _totals(bill.lines),
        "lines": [_line(line) for line in bill.lines if line.vm],
        "not_attributed": [_line(line) for line in bill.lines if not line.vm],
        "apart": [_apart(one) for one in bill.apart],
        "learned": {vm: _learned(one) for vm, one in sorted(bill.learned.items())},
        "not_read": list(bill.notes),
    }


def _month(bill: VmBill | FleetBill) -> Json:
    return {
        "month": str(bill.month),
        "final": bill.is_final,
        "final_on": bill.month.final_on.isoformat(),
        "read_at": moment(bill.read_at),
    }


def _totals(lines: Iterable[BilledLine]) -> Json:
    return {currency: plain(value) for currency, value in totals(lines).items()}


def _line(line: BilledLine) -> Json:
    return {
        "vm": line.vm or None,
        "protection": line.part.value,
        "kind": line.kind.value,
        "meter": line.meter,
        "billed_on": line.resource_id,
        "how": line.how.value,
        "quantity": maybe(plain, line.quantity),
        "amount": plain(line.amount),
        "currency": line.currency,
        "why": line.why or None,
    }


def _apart(one: Apart) -> Json:
    return {
        "kind": one.kind,
        "category": one.category,
        "amount": plain(one.amount),
        "currency": one.currency,
    }


def _learned(one: BilledSizes) -> Json:
    return {
        "used_gib": range_of(one.used_gib),
        "churn_share_per_day": maybe(range_of, one.churn_share_per_day),
        "month": one.month,
        "told_by": list(one.told_by),
        "shared_out_over_vms": one.vms,
    }


def _estimate(estimate: GivenEstimate) -> Json:
    return {"given_at": moment(estimate.given_at), "currency": estimate.currency}


def _difference(one: LineError) -> Json:
    return {
        "protection": one.part.value,
        "kind": one.kind.value,
        "billed": maybe(plain, one.billed),
        "estimated": maybe(range_of, one.estimated),
        "billed_quantity": maybe(plain, one.billed_quantity),
        "estimated_quantity": maybe(plain, one.estimated_quantity),
        "by_quantity": plain(one.quantity),
        "by_price": plain(one.price),
        "not_estimated": plain(one.not_estimated),
        "not_billed": plain(one.not_billed),
    }
