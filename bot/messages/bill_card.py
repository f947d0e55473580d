"""The bill of one VM as a message: what it cost, beside what was estimated."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from advisor.bill.bill import VmBill, totals
from advisor.bill.compare import LineError
from advisor.bill.divide import BilledLine, How
from advisor.model import ZERO
from advisor.present.bill_document import SHARED_RULE, learned_words, part_name
from advisor.words import listed
from bot.messages.blocks import Block, Message, context, cut, header, section, table, top_level
from bot.messages.money_words import exact_words, plain_amount

_NAME, _CELL, _ROWS = 80, 90, 20  #: characters, characters, rows
_HEADLINE = 150  #: of Slack's header


def bill_card(bill: VmBill) -> Message:
    """For whoever asked: costs are not for the channel."""
    title = cut(f"{bill.name}: the bill of {bill.month}", _HEADLINE)
    said = _answer(bill)
    blocks = [header(title), section(said), *_tables(bill), context(*_small_print(bill))]
    return Message(text=top_level([title, said]), blocks=tuple(blocks))


def _answer(bill: VmBill) -> str:
    total = totals(bill.lines)
    if not total:
        return f"Nothing was billed for the protection of {cut(bill.name, _NAME)} in {bill.month}."
    said = f"Protection cost {listed(exact_words(value, name) for name, value in total.items())}."
    if not bill.is_final:
        return f"{said} No verdict yet: charges go on arriving until {bill.month.final_on}."
    if not bill.estimate or not bill.differences:
        return said
    estimated = sum((one.estimated.likely for one in bill.differences if one.estimated), ZERO)
    return f"{said} Estimated were {exact_words(estimated, bill.estimate.currency)}."


def _tables(bill: VmBill) -> Iterator[Block]:
    """Beside the estimate where there is a verdict, else what was billed alone."""
    if bill.estimate and bill.differences:
        head = ("What", "Billed", f"Estimated, {bill.estimate.currency}", "Estimated less billed")
        yield table([head, *(_beside(one) for one in bill.differences[:_ROWS])])
    elif bill.lines:
        ordered = sorted(bill.lines, key=lambda line: -line.amount)
        yield table([("What", "Meter", "Cost"), *(_billed(line) for line in ordered[:_ROWS])])


def _beside(one: LineError) -> tuple[str, ...]:
    return (
        cut(f"{part_name(one.part)}: {one.kind.value}", _CELL),
        "none" if one.billed is None else plain_amount(one.billed),
        "none" if one.estimated is None else plain_amount(one.estimated.likely),
        f"{one.error.quantize(Decimal('0.01')):+,}",
    )


def _billed(line: BilledLine) -> tuple[str, ...]:
    return part_name(line.part), cut(line.meter, _CELL), exact_words(line.amount, line.currency)


def _small_print(bill: VmBill) -> Iterator[str]:
    yield "By Cost Management: usage before tax, amortised, in a month of UTC."
    if any(line.how is How.SHARED for line in bill.lines):
        yield SHARED_RULE
    for currency, value in totals(bill.nobody).items():
        yield f"{exact_words(value, currency)} of its vaults could not be attributed to any VM."
    if bill.lines and bill.is_final:
        yield cut(learned_words(bill), 300)
    if bill.notes:
        yield f"Not read: {cut(listed(bill.notes), 300)}."
