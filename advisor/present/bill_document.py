"""A bill as people read it: what it cost, beside what was estimated, and what is not in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from advisor.bill.bill import FleetBill, VmBill, totals
from advisor.bill.charges import Apart
from advisor.bill.compare import LineError
from advisor.bill.divide import BilledLine, How
from advisor.bill.kinds import BillPart
from advisor.billed_sizes import told
from advisor.model import ZERO
from advisor.options.descriptions import option_name
from advisor.present.blocks import Block, BulletList, Document, Grid, GridRow, Paragraph
from advisor.words import amount, amount_range, capital, counted, listed, money, quantity

_PARTS = tuple(BillPart)
_NOT_KNOWN = "not known"
SHARED_RULE = (
    "A vault that bills as a whole has each meter shared out in the proportion of what was "
    "estimated of it for each VM; the shares add up to the vault's bill."
)


def part_name(part: BillPart) -> str:
    """`Azure Backup`, `Site Recovery`, `Snapshots`, `Traffic between regions`."""
    if part is BillPart.TRAFFIC:
        return "Traffic between regions"
    return capital(option_name(part.value))


def vm_bill_document(bill: VmBill) -> Document:
    """The bill of one VM."""
    blocks: list[Block] = [Paragraph(_answer(bill), strong=True), *_not_final(bill)]
    if bill.lines:
        blocks.append(_billed(bill.lines))
    if bill.estimate and bill.differences:
        blocks.append(_beside(bill.differences, bill.estimate.currency))
    if bill.lines and bill.is_final:
        blocks.append(Paragraph(learned_words(bill)))
    blocks += _besides(bill.nobody, bill.apart, bill.notes)
    return Document(f"{bill.name}: the bill of {bill.month}", tuple(blocks))


def fleet_bill_document(bill: FleetBill) -> Document:
    """The bill of all VMs: a table for each currency, the dearest VM first."""
    total = totals(bill.lines)
    said = listed(money(value, currency) for currency, value in total.items())
    where = f"{len(bill.subscriptions)} subscription" + (
        "s" if len(bill.subscriptions) != 1 else ""
    )
    answer = f"Protection cost {said} in {where}." if said else f"Nothing was billed in {where}."
    blocks: list[Block] = [Paragraph(answer, strong=True), *_not_final(bill)]
    blocks += [_by_vm(bill, currency) for currency in total]
    if bill.learned:
        several = counted(len(bill.learned), "VM")
        blocks.append(Paragraph(f"The next advice on {several} counts with what this bill tells."))
    nobody = [line for line in bill.lines if not line.vm]
    blocks += _besides(nobody, bill.apart, bill.notes)
    return Document(f"The bill of {bill.month}", tuple(blocks))


def _answer(bill: VmBill) -> str:
    total = totals(bill.lines)
    if not total:
        return f"Nothing was billed for the protection of {bill.name}."
    said = listed(money(value, currency) for currency, value in total.items())
    if not bill.estimate or not bill.differences:
        return f"Protection cost {said}."
    estimated = sum((one.estimated.likely for one in bill.differences if one.estimated), ZERO)
    return f"Protection cost {said}; estimated were {money(estimated, bill.estimate.currency)}."


def _not_final(bill: VmBill | FleetBill) -> Iterator[Block]:
    if not bill.is_final:
        yield Paragraph(
            f"No verdict yet: charges of {bill.month} go on arriving until {bill.month.final_on}."
        )


def learned_words(bill: VmBill) -> str:
    """What the next advice counts with, or why nothing was learned."""
    if bill.learned is None:
        return f"Nothing was learned for the next advice: {bill.not_learned}."
    used = bill.learned.used_gib
    said = f"The next advice counts with {quantity(used.likely)} GB in use"
    if share := bill.learned.churn_share_per_day:
        said += f", of which {quantity(share.likely * 100)} % change a day"
    return f"{said}, learned from {told(bill.learned)}."


def _billed(lines: Sequence[BilledLine]) -> Grid:
    """What was billed, by protection, the dearest line first."""
    ordered = sorted(lines, key=lambda line: (line.part, -line.amount, line.meter))
    rows = [
        GridRow(
            (
                (part_name(line.part),),
                (line.meter,),
                (_quantity(line.quantity),),
                (money(line.amount, line.currency),),
                (f"{_name(line.resource_id)}, {line.how.value}",),
            )
        )
        for line in ordered
    ]
    for currency, value in totals(lines).items():
        rows.append(GridRow((("Total",), (), (), (money(value, currency),), ()), strong=True))
    shared = any(line.how is How.SHARED for line in lines)
    return Grid(
        title="Billed",
        head=(("Protection",), ("Meter",), ("Quantity",), ("Cost",), ("Billed on",)),
        rows=tuple(rows),
        numbers=frozenset({2, 3}),
        details=frozenset({4}),
        notes=(SHARED_RULE,) if shared else (),
    )


def _beside(found: Sequence[LineError], currency: str) -> Grid:
    """Line by line beside the estimate, and what the difference is due to."""
    head = ("What", "Billed", f"Estimated, {currency}", "By quantity", "By price", "In one only")
    rows = [
        GridRow(
            (
                (_what(one),),
                (amount(one.billed) if one.billed is not None else "",),
                (amount_range(one.estimated) if one.estimated else "",),
                (_signed(one.quantity),),
                (_signed(one.price),),
                (_signed(one.not_estimated + one.not_billed),),
            )
        )
        for one in found
    ]
    error = sum((one.error for one in found), ZERO)
    sums = [
        sum((getattr(one, name) for one in found), ZERO)
        for name in ("quantity", "price", "not_estimated", "not_billed")
    ]
    rows.append(
        GridRow(
            (
                (f"Estimated less billed: {_signed(error) or '0.00'}",),
                (),
                (),
                (_signed(sums[0]),),
                (_signed(sums[1]),),
                (_signed(sums[2] + sums[3]),),
            ),
            strong=True,
        )
    )
    return Grid(
        title="Beside the estimate",
        head=tuple((text,) for text in head),
        rows=tuple(rows),
        numbers=frozenset({1, 2, 3, 4, 5}),
    )


def _what(one: LineError) -> str:
    name = part_name(one.part)
    return name if one.part is BillPart.TRAFFIC else f"{name}: {one.kind.value}"


def _by_vm(bill: FleetBill, currency: str) -> Grid:
    by_vm: dict[str, dict[BillPart, Decimal]] = {}
    for line in bill.lines:
        if line.currency == currency:
            parts = by_vm.setdefault(line.vm, {})
            parts[line.part] = parts.get(line.part, ZERO) + line.amount
    names = {vm: _shown_name(vm, bill) for vm in by_vm}
    ordered = sorted(by_vm, key=lambda vm: (not vm, -sum(by_vm[vm].values()), names[vm]))
    rows = [_vm_row(names[vm], by_vm[vm]) for vm in ordered]
    sums = {part: sum((one.get(part, ZERO) for one in by_vm.values()), ZERO) for part in _PARTS}
    rows.append(_vm_row("Total", sums)._replace(strong=True))
    return Grid(
        title=f"By VM, in {currency}",
        head=(("VM",), *((part_name(part),) for part in _PARTS), ("Together",)),
        rows=tuple(rows),
        numbers=frozenset(range(1, len(_PARTS) + 2)),
    )


def _shown_name(vm: str, bill: FleetBill) -> str:
    if not vm:
        return How.NOBODY.value
    same = [key for key, name in bill.names.items() if name == bill.names.get(vm)]
    name = bill.names.get(vm, _name(vm))
    return name if len(same) < 2 else f"{vm.split('/')[4]}/{name}"


def _vm_row(name: str, parts: dict[BillPart, Decimal]) -> GridRow:
    cells = ((amount(parts[part]) if parts.get(part) else "",) for part in _PARTS)
    return GridRow(((name,), *cells, (amount(sum(parts.values(), ZERO)),)))


def _besides(
    nobody: Iterable[BilledLine], apart: Sequence[Apart], notes: Sequence[str]
) -> Iterator[Block]:
    lines = tuple(
        f"{money(line.amount, line.currency)} for {line.meter} on {_name(line.resource_id)}: "
        f"{line.why}."
        for line in nobody
    )
    if lines:
        yield BulletList("Not attributed to a VM", lines)
    if apart:
        yield BulletList(
            "Beside usage, in no sum above",
            tuple(
                f"{one.kind} ({one.category}): {money(one.amount, one.currency)}" for one in apart
            ),
        )
    if notes:
        yield BulletList("Not read", tuple(notes))


def _quantity(value: Decimal | None) -> str:
    return _NOT_KNOWN if value is None else quantity(value)


def _signed(value: Decimal) -> str:
    """`+12.30`, `-0.40`; empty for what rounds to nothing."""
    rounded = value.quantize(Decimal("0.01"))
    return f"{rounded:+,}" if rounded else ""


def _name(resource_id: str) -> str:
    return resource_id.rstrip("/").rsplit("/", 1)[-1]
