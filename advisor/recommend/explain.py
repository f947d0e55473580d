"""The reasons of a recommendation, what it does not cover, and what was against the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from advisor.model import (
    Assessment,
    Consistency,
    Event,
    Line,
    Need,
    Plan,
    PointTier,
    Verdict,
)
from advisor.options import BY_NAME, OPTIONS
from advisor.options.case import Case
from advisor.options.descriptions import configuration_words, option_name
from advisor.options.recovery import measured_of
from advisor.prices.remedy import IN_THE_TERMINAL, Remedies
from advisor.recommend.assess import Judge, Way
from advisor.recommend.look import EVENTS, NO_COMMON_MOMENT
from advisor.recommend.price_hint import price_hint
from advisor.words import (
    ORIGIN_WORDS,
    back_within,
    capital,
    cost,
    counted,
    duration,
    listed,
    money,
    plan_cost,
)

_EVENT_WORDS = {
    Event.DELETION: "Deletion or a bad change",
    Event.ZONE: "The loss of its zone",
    Event.REGION: "The loss of its region",
}


UNFLUSHED = "Applications are not flushed before a point: on Linux that needs pre and post scripts."
CARRIED_OVER = "Some prices are carried over from other regions; the bill marks them."
REHEARSE = "Restore times are assumed where not documented: rehearse a restore to know."
#: The same where a restore from every tier of the plan was measured.
REHEARSED = "Restore times were measured; another time may be longer: rehearse it again."


def plan_words(plan: Plan) -> str:
    """`Azure Backup (Standard policy every 24 h, ...) and Site Recovery (to North Europe, ...)`."""
    return listed(assessment_words(part) for part in plan.parts)


def assessment_words(each: Assessment) -> str:
    words = configuration_words(each.option, each.proposal.configuration)
    return f"{capital(option_name(each.option))} ({words})"


# --- why -------------------------------------------------------------------------------------


def reasons(
    plan: Plan,
    ranked: Sequence[Assessment],
    judge: Judge,
    cheapest: bool,
    case: Case,
    remedy: Remedies = IN_THE_TERMINAL,
) -> tuple[str, ...]:
    """A few sentences: what it costs, how it meets each event, why not the others.

    `cheapest`: no plan that meets the need and whose price is complete costs materially less.
    """
    said = [_first(plan, judge.need, cheapest)]
    if plan.monthly.missing:
        said.append(price_hint(plan.parts, case.vm.region, remedy))
    judged = judge.together([part.proposal for part in plan.parts])
    ways = [judged.ways[event] for event in judge.asked if event in judged.ways]
    said += [_how(judged.ways[event], event) for event in judge.asked if event in judged.ways]
    said += [f"Measured: {text}." for text in measured_of([way.look.tier.rto for way in ways])]
    said += _why_not(plan, ranked)
    return tuple(said)


def _first(plan: Plan, need: Need, cheapest: bool) -> str:
    tier = f"the {need.tier} tier" if need.tier else "the need"
    there = " It is in place already." if plan.in_place else ""
    if plan.monthly.missing:
        return f"Its price is incomplete: {plan_cost(plan)}.{there}"
    price = f"{_money(plan)} a month"
    if cheapest:
        return f"It is the cheapest that meets {tier}: {price}.{there}"
    return f"It meets {tier} for {price}.{there}"


def _how(way: Way, event: Event) -> str:
    tier = way.look.tier
    parts = [f"lose at most {duration(tier.rpo)}", f"back in {back_within(tier.rto)}"]
    if event is Event.DELETION:
        parts += _kept(tier, way.keeper.tier)
    return f"{_EVENT_WORDS[event]}: {', '.join(parts)}."


def _kept(tier: PointTier, keeper: PointTier) -> Iterator[str]:
    yield f"points kept {counted(keeper.retention_days, 'day')}"
    none = tier.consistency is Consistency.NONE
    yield NO_COMMON_MOMENT if none else f"{tier.consistency.label} consistent"
    if tier.isolated:
        yield "cannot be deleted with the VM"


def _why_not(winner: Plan, ranked: Sequence[Assessment]) -> Iterator[str]:
    """For every option that is not in the plan: forbidden, unknown, lacking or dearer."""
    for option in OPTIONS:
        if option.name in winner.options:
            continue
        best = next((each for each in ranked if each.option == option.name), None)
        if best is not None:
            yield _against(best)


def _against(best: Assessment) -> str:
    name = capital(option_name(best.option))
    if best.verdict is not Verdict.YES:
        return f"{name}: {_blocking(best)}"
    if best.unmet:
        return f"{name} alone{_alone(best)}: {'; '.join(best.unmet)}."
    if best.monthly.likely is None:
        have = "have" if BY_NAME[best.option].plural else "has"
        return f"{name} {have} no complete price: {cost((best,), best.monthly)}."
    condition = f", if {listed(_conditions(best))}" if best.met_if else ""
    return f"{name} would do too, for {_money(best)} a month{condition}."


def _conditions(best: Assessment) -> Iterable[str]:
    return dict.fromkeys(each for clauses in best.met_if.values() for each in clauses)


def _alone(best: Assessment) -> str:
    return "" if best.monthly.likely is None else f", {_money(best)} a month"


def _money(each: Assessment | Plan) -> str:
    monthly = each.monthly
    return money(monthly.low if monthly.likely is None else monthly.likely, monthly.currency)


def _blocking(best: Assessment) -> str:
    wanted = best.verdict
    return next(
        reason.text
        for reason in best.proposal.reasons
        if reason.blocking and reason.verdict is wanted and not reason.not_supplied
    )


# --- what is left open -----------------------------------------------------------------------


def not_covered(winner: Plan, case: Case) -> tuple[str, ...]:
    """What the plan does not save the VM from."""
    return tuple(_not_covered(winner, case))


def _not_covered(winner: Plan, case: Case) -> Iterator[str]:
    for event in EVENTS:
        if all(part.recovery[event] is None for part in winner.parts):
            yield f"{_EVENT_WORDS[event]} is not covered."
    of_options = [text for name in winner.options for text in BY_NAME[name].not_covered]
    notes = [note for part in winner.parts for note in part.proposal.notes]
    covered = of_options if len(winner.parts) > 1 and Event.DELETION in winner.met else ()
    yield from dict.fromkeys(text for text in (*of_options, *notes) if text not in covered)
    tiers = [tier for part in winner.parts for tier in part.proposal.tiers]
    if not any(tier.isolated for tier in tiers):
        yield "Whoever can delete the VM can delete its points, too."
    if case.vm.os_type == "Linux" and _best_consistency(tiers) < Consistency.APPLICATION:
        yield UNFLUSHED
    yield REHEARSED if all(tier.rto.source == "measured" for tier in tiers) else REHEARSE


def _named(line_name: str) -> str:
    return line_name[:1].lower() + line_name[1:]


def _best_consistency(tiers: Sequence[PointTier]) -> Consistency:
    return max((tier.consistency for tier in tiers), default=Consistency.NONE)


# --- warnings --------------------------------------------------------------------------------


def warnings(winner: Plan | None, need: Need) -> tuple[str, ...]:
    """What a careful colleague would mention."""
    return tuple(_warnings(winner, need))


def _warnings(winner: Plan | None, need: Need) -> Iterator[str]:
    if winner is None:
        return
    for part in winner.parts:
        for tier in part.proposal.tiers:
            if tier.consistency is Consistency.NONE:
                yield (
                    "Snapshots capture several disks moments apart: a database that spans them may"
                    " not start."
                )
        yield from BY_NAME[part.option].proposal_warnings(part.proposal)
    for name in winner.options:
        yield from BY_NAME[name].need_warnings(need)
    yield from _not_read_prices([line for part in winner.parts for line in part.lines])


def _not_read_prices(lines: Sequence[Line]) -> Iterator[str]:
    """Which prices of the bill were not read for their region, by where they come from."""
    for origin, said in ORIGIN_WORDS.items():
        names = dict.fromkeys(line.usage.name for line in lines if line.origin is origin)
        if names:
            yield f"{said}: the price of {listed(map(_named, names))}."
