"""Which one assumption drives most of a plan's range, and how to measure it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from advisor.model import (
    Assessment,
    Estimate,
    Narrowing,
    PriceOrigin,
    Range,
    Sizing,
)
from advisor.options import BY_NAME
from advisor.options.case import Case, case_of
from advisor.prices.pricing import COUNTED, Pricer, together
from advisor.sizing import MEASURE_CHURN, MEASURE_USED, MEASURE_WRITTEN
from advisor.words import CENT, quantity

Settle = Callable[[Sizing], Sizing]

REWRITING = (
    "How often the same blocks are rewritten drives the range; only the billed GB of points some"
    " weeks apart tell it."
)

UNLISTED_TRAFFIC = (
    "What traffic to another continent costs drives the range; Azure's bandwidth price list has it."
)

#: A range narrower than this share of the likely cost needs no advice.
WORTH_MENTIONING = Decimal("0.05")


#: A range that narrows by less than this, high over low, is not worth a sentence more.
_WORTH_STATING = Decimal("0.5")


class SizeWords(NamedTuple):
    """How each size is settled, as a clause, and what says the two that matter most."""

    used: str
    churn: str
    written: str
    flags: str


OF_A_VM = SizeWords(MEASURE_USED, MEASURE_CHURN, MEASURE_WRITTEN, "--used and --churn")


def drives_spread(
    case: Case, parts: Iterable[Assessment], pricer: Pricer, words: SizeWords = OF_A_VM
) -> str:
    """The assumption whose settling would narrow the range most, as a sentence; else why none."""
    parts = tuple(parts)
    whole = _spread(case, parts, pricer)
    likely = together((part.monthly for part in parts), pricer.currency).likely
    if whole is None or likely is None:
        return ""
    if whole <= likely * WORTH_MENTIONING:
        return "Nothing much: the sizes are known well enough."
    left = {
        name: _spread(_settled(case, settle), parts, pricer) for name, settle, _ in _ASSUMPTIONS
    }
    name = min(left, key=lambda each: left[each] or Decimal(0))
    share = 1 - (left[name] or Decimal(0)) / whole
    if share <= WORTH_MENTIONING:
        return UNLISTED_TRAFFIC if _of_bounds(parts) * 2 >= whole else REWRITING
    remedy = next(getattr(words, size) for each, _, size in _ASSUMPTIONS if each == name)
    driven = f"{name} drives {int(share * 100)} % of the range; to know it, {remedy}."
    return f"{driven}{_narrowed(case, parts, pricer, words)}"


def _narrowed(case: Case, parts: tuple[Assessment, ...], pricer: Pricer, words: SizeWords) -> str:
    """How far the range narrows once somebody states what is used and changed."""
    now = _times(case, parts, pricer)
    known = _settled(_settled(case, _settle_used), _settle_churn)
    then = _times(known, parts, pricer)
    if not now or not then or now - then < _WORTH_STATING:
        return ""
    return f" With {words.flags} the range narrows from {now}-fold to {then}-fold."


def narrowing(case: Case, parts: Iterable[Assessment], pricer: Pricer) -> tuple[Narrowing, ...]:
    """What the plan would cost if the used size were known at its likely value, then if the
    share changed a day were known, too; without those that would not narrow the range."""
    parts = tuple(parts)
    before = _ends(case, parts, pricer)
    found = []
    for settle, flag, words in _STATEABLE:
        known = _settled(case, settle)
        after = _ends(known, parts, pricer)
        if before is None or after is None:
            return ()
        least = max((before[1] - before[0]) * WORTH_MENTIONING, CENT)
        if (before[1] - before[0]) - (after[1] - after[0]) > least:
            found.append(Narrowing(words(case.sizing), flag, *after))
            case, before = known, after
    return tuple(found)


def _used_words(sizing: Sizing) -> str:
    return f"the {quantity(sizing.used_gib.range.likely)} GB in use"


def _churn_words(sizing: Sizing) -> str:
    return f"the {quantity(sizing.changed_gib_per_day.range.likely)} GB changed a day"


def _ends(
    case: Case, parts: tuple[Assessment, ...], pricer: Pricer
) -> tuple[Decimal, Decimal] | None:
    """Low and high of the plan's cost a month; None where a price is missing."""
    bills = [
        pricer.bill(BY_NAME[part.option].usages(case, part.proposal.chosen))[1] for part in parts
    ]
    whole = together(bills, pricer.currency)
    return None if whole.high is None else (whole.low, whole.high)


def _times(case: Case, parts: tuple[Assessment, ...], pricer: Pricer) -> Decimal | None:
    """High over low of the plan's cost, to a tenth; None where a price is missing."""
    ends = _ends(case, parts, pricer)
    if ends is None or not ends[0]:
        return None
    return (ends[1] / ends[0]).quantize(Decimal("0.1"))


def _settled(case: Case, settle: Settle) -> Case:
    return case_of(case.vm, settle(case.sizing), case.need, case.to)


def _spread(case: Case, parts: tuple[Assessment, ...], pricer: Pricer) -> Decimal | None:
    """High less low of the plan's cost for these sizes; None where a price is missing."""
    spread = Decimal(0)
    for part in parts:
        usages_of = BY_NAME[part.option].usages
        _, monthly = pricer.bill(usages_of(case, part.proposal.chosen))
        if monthly.high is None:
            return None
        spread += monthly.high - monthly.low
    return spread


def _of_bounds(parts: Iterable[Assessment]) -> Decimal:
    """How far those lines range whose price is known only to be at most so much."""
    lines = (line for part in parts for line in part.lines if line.usage.kind in COUNTED)
    ranges = [line.monthly for line in lines if line.origin is PriceOrigin.BOUNDED and line.monthly]
    return sum((each.high - each.low for each in ranges), Decimal(0))


# --- settling one size, the others kept ------------------------------------------------------


def _likely(estimate: Estimate) -> Estimate:
    return estimate._replace(range=Range.exactly(estimate.range.likely))


def _settle_used(sizing: Sizing) -> Sizing:
    """The used size known: changed and written keep their share of it."""
    used = sizing.used_gib.range
    return replace(
        sizing,
        used_gib=_likely(sizing.used_gib),
        changed_gib_per_day=_scaled(sizing.changed_gib_per_day, used),
        written_gib_per_day=_scaled(sizing.written_gib_per_day, used),
        disks=tuple(
            size._replace(used_gib=Range.exactly(size.used_gib.likely)) for size in sizing.disks
        ),
    )


def _scaled(estimate: Estimate, used: Range) -> Estimate:
    if estimate.source.is_measured and not estimate.amount:
        return estimate
    if estimate.amount:
        return _likely(estimate)
    value = estimate.range
    low = value.low * used.likely / used.low if used.low else value.low
    high = value.high * used.likely / used.high if used.high else value.high
    settled = Range(min(low, value.likely), value.likely, max(high, value.likely))
    return estimate._replace(range=settled)


def _settle_churn(sizing: Sizing) -> Sizing:
    """The share changed a day known: the likely one, of whatever is used."""
    used, changed = sizing.used_gib.range, sizing.changed_gib_per_day
    if changed.amount:
        return sizing
    share = changed.range.likely / used.likely if used.likely else Decimal(0)
    return replace(sizing, changed_gib_per_day=changed._replace(range=used.times(share)))


def _settle_written(sizing: Sizing) -> Sizing:
    return replace(sizing, written_gib_per_day=_likely(sizing.written_gib_per_day))


_ASSUMPTIONS: tuple[tuple[str, Settle, str], ...] = (
    ("The used size", _settle_used, "used"),
    ("The data changed a day", _settle_churn, "churn"),
    ("The data written a day", _settle_written, "written"),
)

#: What a flag states, in the order in which it is asked for.
_STATEABLE: tuple[tuple[Settle, str, Callable[[Sizing], str]], ...] = (
    (_settle_used, "--used", _used_words),
    (_settle_churn, "--churn", _churn_words),
)
