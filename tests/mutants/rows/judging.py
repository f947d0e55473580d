"""Points held against the need: met, met on a condition, not met; which of two is the better."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

CORE, TESTS = "advisor/recommend/", "tests/recommend/test_recommend_"
JUDGING, TIES = f"{TESTS}judging.py", f"{TESTS}ties.py"
NEAREST = (
    f"{TESTS}nearest.py"
    "::test_of_two_plans_that_do_not_meet_the_need_one_is_nearer_whatever_it_costs"
)
BOUNDS = f"{TESTS}bounds.py"

ROWS = (
    Mutant(
        name="a set-up in place is no better than another of the same price",
        file=f"{CORE}assess.py",
        old="        not assessment.in_place,\n",
        new="",
        tests=(TIES,),
    ),
    Mutant(
        name="points kept just as long as asked are kept too short",
        file=f"{CORE}look.py",
        old="kept = tier.retention_days >= span",
        new="kept = tier.retention_days > span",
        tests=(JUDGING,),
    ),
    Mutant(
        name="points of the region have to be out of reach as well",
        file=f"{CORE}look.py",
        old="asked.rto, isolated and backup, level",
        new="asked.rto, isolated, level",
        tests=(JUDGING,),
    ),
    Mutant(
        name="points of the region have to be as consistent as those of deletion",
        file=f"{CORE}look.py",
        old="consistency if backup else min(Consistency.CRASH, consistency)",
        new="consistency",
        tests=(JUDGING,),
    ),
    Mutant(
        name="what survives the region does not survive its zone",
        file=f"{CORE}look.py",
        old="return (*events, Event.ZONE)",
        new="return events",
        tests=(JUDGING,),
    ),
    Mutant(
        name="an assumed time is met by its likely value alone",
        file=f"{CORE}look.py",
        old="return rto.low if rto.source == ASSUMED else rto.likely",
        new="return rto.likely",
        tests=(JUDGING,),
    ),
    Mutant(
        name="an assumed time is met for certain only by its high end",
        file=f"{CORE}look.py",
        old="MOST_OVER_LIMIT = 1.25",
        new="MOST_OVER_LIMIT = 1.0",
        tests=(JUDGING,),
    ),
    Mutant(
        name="consistency that rests on an agent is sure",
        file=f"{CORE}look.py",
        old="tier.sure_consistency is None or tier.sure_consistency >= asked",
        new="tier.sure_consistency is None or tier.consistency >= asked",
        tests=(JUDGING,),
    ),
    Mutant(
        name="a condition of one event's points is one of every event",
        file=f"{CORE}look.py",
        old="if each.blocking and each.verdict is Verdict.YES])",
        new="if each.verdict is Verdict.YES])",
        tests=(JUDGING,),
    ),
    Mutant(
        name="points within reach keep what isolated ones should",
        file=f"{CORE}look.py",
        old="(tier.isolated or not wanted.isolated) and tier.consistency >= wanted.consistency",
        new="tier.consistency >= wanted.consistency",
        tests=(JUDGING,),
    ),
    Mutant(
        name="points less consistent than asked count for the retention",
        file=f"{CORE}look.py",
        old="(tier.isolated or not wanted.isolated) and tier.consistency >= wanted.consistency",
        new="tier.isolated or not wanted.isolated",
        tests=(JUDGING,),
    ),
    Mutant(
        name="a disk that the keeping tier leaves out is kept",
        file=f"{CORE}assess.py",
        old="yield Way(look, keeper, ifs, look.tier.left_out | keeper.tier.left_out)",
        new="yield Way(look, keeper, ifs, look.tier.left_out)",
        tests=(JUDGING,),
    ),
    Mutant(
        name="what the keeping tier rests on is no condition",
        file=f"{CORE}assess.py",
        old="ifs = (*own, *keeper.keeps_if, *_of_rules(others, event))",
        new="ifs = own",
        tests=(JUDGING,),
    ),
    Mutant(
        name="a disk that one part leaves out and another holds is a gap",
        file=f"{CORE}assess.py",
        old="            shared = frozenset.intersection(*left_out)\n",
        new="            shared = frozenset.union(*left_out)\n",
        tests=(JUDGING,),
    ),
    Mutant(
        name="a part that leaves a disk out meets the event for that disk",
        file=f"{CORE}assess.py",
        old="        if not left_out:\n            return tuple(chosen)\n",
        new="        return tuple(chosen)\n",
        tests=(JUDGING,),
    ),
    Mutant(
        name="a tier of an option on a condition meets without it",
        file=f"{CORE}assess.py",
        old="        if rules or event not in look.plain:\n",
        new="        if event not in look.plain:\n",
        tests=(JUDGING,),
    ),
    Mutant(
        name="of two set-ups with the same points both rest on what one does",
        file=f"{CORE}assess.py",
        old="key = (conditions, *map(id, tiers))",
        new="key = tuple(map(id, tiers))",
        tests=(JUDGING,),
    ),
    Mutant(
        name="the figures told are those of the first tier",
        file=f"{CORE}assess.py",
        old="recovery[event] = _of_all(chosen)",
        new="recovery[event] = serving[0][0].what",
        tests=(JUDGING,),
    ),
    Mutant(
        name="a condition on a figure that nobody stated weighs as much as any",
        file=f"{CORE}candidates.py",
        old="return IF_STATED if rests_on & need.stated else IF_NOT_STATED",
        new="return IF_STATED",
        tests=(JUDGING,),
    ),
    Mutant(
        name="the deed of whoever takes the points is a doubt about the RPO",
        file=f"{CORE}look.py",
        old='"" if clause in _DEEDS else f"{event.value}.asked"',
        new='f"{event.value}.asked"',
        tests=(JUDGING,),
    ),
    Mutant(
        name="two plans tie within a dollar",
        file=f"{CORE}compare.py",
        old='TIE_USD = Decimal("0.50")',
        new="TIE_USD = Decimal(1)",
        tests=(TIES,),
    ),
    Mutant(
        name="plans tie within a twentieth however much that is",
        file=f"{CORE}compare.py",
        old="max(TIE_USD, min(cheapest * TIE_SHARE, TIE_AT_MOST_USD))",
        new="max(TIE_USD, cheapest * TIE_SHARE)",
        tests=(TIES,),
    ),
    Mutant(
        name="a tenth alone is worth a move",
        file=f"{CORE}compare.py",
        old="return saved > SAVING_USD and saved > before * SAVING_SHARE",
        new="return saved > before * SAVING_SHARE",
        tests=(TIES,),
    ),
    Mutant(
        name="among equals what is in place is no better",
        file=f"{CORE}compare.py",
        old="        sum(not part.in_place for part in each.parts),\n",
        new="",
        tests=(TIES,),
    ),
    Mutant(
        name="among equals the worse consistency is taken",
        file=f"{CORE}compare.py",
        old="        -_consistency(each),\n",
        new="        _consistency(each),\n",
        tests=(TIES,),
    ),
    Mutant(
        name="among equals the shortest schedule is taken",
        file=f"{CORE}compare.py",
        old="        -sum((way.look.tier.rpo for way in ways), timedelta()),\n",
        new="        sum((way.look.tier.rpo for way in ways), timedelta()),\n",
        tests=(TIES,),
    ),
    Mutant(
        name="among equals a condition is as good as certainty",
        file=f"{CORE}compare.py",
        old="        each.worst < CERTAIN,\n",
        new="",
        tests=(TIES,),
    ),
    Mutant(
        name="a missing price is at most the dearest known",
        file=f"{CORE}bound.py",
        old='DEARER = Decimal("1.5")',
        new="DEARER = Decimal(1)",
        tests=(BOUNDS,),
    ),
    Mutant(
        name="what a rival lacks counts at the dearest known",
        file=f"{CORE}bound.py",
        old="room += much * price.cheapest if price else ZERO",
        new="room += much * price.dearest if price else ZERO",
        tests=(BOUNDS,),
    ),
    Mutant(
        name="a meter that is known nowhere costs nothing",
        file=f"{CORE}bound.py",
        old="            return None\n        amount += much * price.dearest",
        new="            continue\n        amount += much * price.dearest",
        tests=(BOUNDS,),
    ),
    Mutant(
        name="what both plans lack does not cancel",
        file=f"{CORE}bound.py",
        old="own = {kind: much - _much(theirs, kind) for kind, much in ours.items()}",
        new="own = dict(ours)",
        tests=(BOUNDS,),
    ),
    Mutant(
        name="a plan is nearer for a smaller bill and not for a smaller shortfall",
        file=f"{CORE}nearest.py",
        old="max((shortfall(each, event, judge) for event in asked), default=NO_SHORTFALL),\n",
        new="NO_SHORTFALL,\n",
        tests=(NEAREST,),
    ),
    Mutant(
        name="the size of a disk in no point does not count for how near a plan is",
        file=f"{CORE}nearest.py",
        old="        sum(gap.size_gib or 1 for gap in each.judged.gaps),\n",
        new="",
        tests=(NEAREST,),
    ),
    Mutant(
        name="what is forbidden is shown as near",
        file=f"{CORE}nearest.py",
        old="        if verdict is Verdict.NO:\n            continue\n",
        new="",
        tests=(f"{TESTS}needs.py",),
    ),
)
