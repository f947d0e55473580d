"""How far the estimates were off, as people and programs read it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from advisor.bill.accuracy import Accuracy, Spread
from advisor.bill.months import Month
from advisor.present.bill_document import part_name
from advisor.present.blocks import Block, BulletList, Document, Grid, GridRow, Paragraph
from advisor.present.json_values import Json, maybe
from advisor.quantities import plain
from advisor.words import money

VERSION = 1  #: of the JSON, which `accuracy.schema.json` documents
NONE_GIVEN = (
    "No estimate is in the ledger yet. Each `vmbackup advise` keeps one; the bills of the months "
    "after it are held against it."
)
NONE_HELD = (
    "No month is final that an estimate was given before: a month is, when it has been over for "
    "five days."
)


def accuracy_document(
    found: Sequence[Accuracy], months: Sequence[Month], *, estimates: int
) -> Document:
    """One part for each currency."""
    title = "How far the estimates were off"
    if not found:
        return Document(title, (Paragraph(NONE_HELD if estimates else NONE_GIVEN),))
    said = f"Final months: {', '.join(map(str, months))}. Estimates given: {estimates:,}."
    blocks: list[Block] = [Paragraph(said)]
    for one in found:
        blocks += _of_currency(one)
    return Document(title, tuple(blocks))


def _of_currency(one: Accuracy) -> tuple[Block, ...]:
    rows = [_row("All", one.all)._replace(strong=True)]
    rows += [_row(str(month), spread) for month, spread in one.by_month.items()]
    rows += [_row(part_name(part), spread) for part, spread in one.by_part.items()]
    grid = Grid(
        title=f"In {one.currency}",
        head=(("",), ("VM months",), ("Median error",), ("90 % within",), ("Bias",)),
        rows=tuple(rows),
        numbers=frozenset({1, 2, 3, 4}),
        notes=("The bias has a sign: above zero, more was estimated than billed.",),
    )
    causes = one.causes
    lines = [
        f"{money(causes.quantity, one.currency)} by quantities.",
        f"{money(causes.price, one.currency)} by prices.",
        f"{money(causes.not_estimated, one.currency)} by what was billed and not estimated.",
        f"{money(causes.not_billed, one.currency)} by what was estimated and not billed.",
    ]
    if one.worst is not None:
        kind, amount, rests_on = one.worst
        lines.append(
            f"Off most: the quantity of {kind.value}, by {money(amount, one.currency)}. "
            f"It rests on {rests_on}."
        )
    return grid, BulletList("Estimated less billed", tuple(lines))


def _row(name: str, spread: Spread) -> GridRow:
    cells = (spread.median, spread.ninetieth, spread.bias)
    return GridRow(((name,), (f"{spread.cases:,}",), *((share_words(x),) for x in cells)))


def share_words(value: Decimal | None) -> str:
    """`4.1 %`; not known where nothing was billed."""
    if value is None:
        return "not known"
    return f"{(value * 100).quantize(Decimal('0.1'), ROUND_HALF_UP):,} %"


def accuracy_to_dict(found: Sequence[Accuracy], months: Sequence[Month]) -> Json:
    """Decimal strings; shares as fractions: 0.05 is 5 %."""
    return {
        "version": VERSION,
        "months": [str(month) for month in months],
        "currencies": [_currency(x) for x in found],
    }


def _currency(one: Accuracy) -> Json:
    causes = {name: plain(value) for name, value in one.causes._asdict().items()}
    return {
        "currency": one.currency,
        "all": _spread(one.all),
        "by_month": {str(month): _spread(spread) for month, spread in one.by_month.items()},
        "by_protection": {part.value: _spread(spread) for part, spread in one.by_part.items()},
        "estimated_less_billed": causes,
        "off_most": None
        if one.worst is None
        else {"kind": one.worst[0].value, "amount": plain(one.worst[1]), "rests_on": one.worst[2]},
    }


def _spread(spread: Spread) -> Json:
    return {
        "vm_months": spread.cases,
        "median": maybe(plain, spread.median),
        "ninetieth": maybe(plain, spread.ninetieth),
        "bias": maybe(plain, spread.bias),
    }
