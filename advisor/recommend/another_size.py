"""From how many GB used another plan that meets the need is the cheaper one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from advisor.model import ZERO, Alternative, Assessment, Estimate, Plan, Range, Sizing
from advisor.options import BY_NAME
from advisor.options.case import Case, case_of
from advisor.prices.pricing import Pricer, together
from advisor.recommend.candidates import Candidate, Shown
from advisor.recommend.compare import saves_enough
from advisor.words import listed, quantity

_STEPS = 24  #: halvings until the size is exact to a millionth of the range
_NO_LESS = Decimal("0.01")  #: of the likely size: below it nothing is asked


def at_another_size(
    case: Case, plan: Plan, rivals: Sequence[Candidate], pricer: Pricer, shown: Shown
) -> Iterator[Alternative]:
    """For the low and the high end of the used size the rival that is then materially cheaper."""
    used = case.sizing.used_gib.range
    now = _cost(case, plan.parts, used.likely, pricer) if used.likely else None
    if now is None:
        return
    dearer = [each for each in rivals if each.cost.likely >= now and not each.cost.missing]
    for end in (used.low, used.high):
        if abs(end - used.likely) <= used.likely * _NO_LESS:
            continue
        at_end = [
            (_cost(case, each.parts, end, pricer), each)
            for each in dearer
            if each.options != plan.options
        ]
        ours = _cost(case, plan.parts, end, pricer)
        known = [(amount, each) for amount, each in at_end if amount is not None]
        if ours is None or not known:
            continue
        amount, rival = min(known, key=lambda one: one[0])
        if saves_enough(ours, amount):
            turn = _turning(case, plan.parts, rival.parts, (used.likely, end), pricer)
            yield Alternative("at-another-size", shown.plan(rival), _words(rival, turn, end, used))


def _words(rival: Candidate, turn: Decimal, end: Decimal, used: Range) -> str:
    names = listed(BY_NAME[option].title for option in rival.options)
    plural = len(rival.parts) > 1 or BY_NAME[rival.options[0]].plural
    size = f"{quantity(turn.quantize(Decimal(1), ROUND_HALF_UP))} GB"
    when = f"Below about {size} used" if end < used.likely else f"From about {size} used on"
    return f"{when} {names} {'are' if plural else 'is'} cheaper."


def _turning(
    case: Case,
    ours: Sequence[Assessment],
    theirs: Sequence[Assessment],
    between: tuple[Decimal, Decimal],
    pricer: Pricer,
) -> Decimal:
    """The size at which both cost the same: ours is the cheaper at the first end."""
    near, far = between
    for _ in range(_STEPS):
        middle = (near + far) / 2
        own, other = (_cost(case, parts, middle, pricer) or ZERO for parts in (ours, theirs))
        near, far = (middle, far) if own <= other else (near, middle)
    return (near + far) / 2


def _cost(case: Case, parts: Sequence[Assessment], used: Decimal, pricer: Pricer) -> Decimal | None:
    """The likely cost a month where so much is used, changed and written in the same shares."""
    there = _with_used(case, used)
    monthlies = [
        pricer.bill(BY_NAME[part.option].usages(there, part.proposal.chosen))[1] for part in parts
    ]
    return together(monthlies, pricer.currency).likely


def _with_used(case: Case, used: Decimal) -> Case:
    sizing = case.sizing
    share = used / sizing.used_gib.range.likely
    settled = replace(
        sizing,
        used_gib=sizing.used_gib._replace(range=Range.exactly(used)),
        changed_gib_per_day=_scaled(sizing.changed_gib_per_day, share),
        written_gib_per_day=_scaled(sizing.written_gib_per_day, share),
        disks=tuple(
            size._replace(used_gib=Range.exactly(size.used_gib.likely * share))
            for size in sizing.disks
        ),
    )
    return _same_case(case, settled)


def _same_case(case: Case, sizing: Sizing) -> Case:
    return case_of(case.vm, sizing, case.need, case.to)


def _scaled(estimate: Estimate, share: Decimal) -> Estimate:
    if estimate.amount:
        return estimate._replace(range=Range.exactly(estimate.range.high))
    return estimate._replace(range=Range.exactly(estimate.range.likely * share))
