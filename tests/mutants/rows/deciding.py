"""What to do about a VM: keep, wait, mend, adjust, add, replace, end; and what is said of it."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

CORE, TESTS = "advisor/recommend/", "tests/recommend/test_recommend_"
COURSES, IN_PLACE = f"{TESTS}courses.py", f"{TESTS}in_place.py"
NEEDS, BOUNDS = f"{TESTS}needs.py", f"{TESTS}bounds.py"
TURNS, SAID, REASONS = f"{TESTS}turning_points.py", f"{TESTS}said.py", f"{TESTS}reasons.py"
SITUATIONS = (
    "tests/judgement/test_judgement.py::test_the_decision_is_the_one_a_senior_engineer_takes"
)

ROWS = (
    Mutant(
        name="a protection in place without a price counts as none today",
        file=f"{CORE}in_place.py",
        old="            return None\n    together_ =",
        new="            continue\n    together_ =",
        tests=(COURSES,),
    ),
    Mutant(
        name="what costs nothing before its first point is called a saving",
        file=f"{CORE}changes.py",
        old="_FREE = frozenset({ProtectionState.PENDING, ProtectionState.SOFT_DELETED})",
        new="_FREE = frozenset({ProtectionState.SOFT_DELETED})",
        tests=(SAID,),
    ),
    Mutant(
        name="a VM is said not to be in a vault of which the reading failed",
        file=f"{CORE}in_place.py",
        old="if coverage.vaults_read and coverage.backup_items is not Reading.FAILED:",
        new="if coverage.vaults_read:",
        tests=(IN_PLACE,),
    ),
    Mutant(
        name="a break-even names an option that the VM may not use",
        file=f"{CORE}break_evens.py",
        old="is Verdict.YES\n            and each.recovery[event]",
        new="in tuple(Verdict)\n            and each.recovery[event]",
        tests=(REASONS,),
    ),
    Mutant(
        name="what is in place is a set-up of its own a second time",
        file=f"{CORE}__init__.py",
        old="        if not taken or (proposal.option, proposal.configuration) not in taken\n",
        new="",
        tests=(REASONS,),
    ),
    Mutant(
        name="what a rival of the same option lacks costs nothing",
        file=f"{CORE}bound.py",
        old="                amount += known[1]\n",
        new="                pass\n",
        tests=(BOUNDS,),
    ),
    Mutant(
        name="a protection without a price is told with its cost",
        file=f"{CORE}changes.py",
        old="if assessed is None or each.protection.state in _FREE or not assessed.monthly.likely:",
        new="if assessed is None or each.protection.state in _FREE:",
        tests=(SAID,),
    ),
    Mutant(
        name="the reason names how long another tier keeps its points",
        file=f"{CORE}explain.py",
        old="parts += _kept(tier, way.keeper.tier)",
        new="parts += _kept(tier, tier)",
        tests=(SAID,),
    ),
    Mutant(
        name="protection that was found and not read is passed over",
        file=f"{CORE}decide.py",
        old="    if unreadable and base.worst < ENOUGH:\n",
        new="    if unreadable and base.worst < 0:\n",
        tests=(SAID,),
    ),
    Mutant(
        name="a VM of whose protection nothing could be read gets a new one",
        file=f"{CORE}decide.py",
        old="        if any(each.health is Health.UNREADABLE for each in place.standings):\n",
        new="        if any(each.health is Health.WAITS for each in place.standings):\n",
        tests=(COURSES, SITUATIONS),
    ),
    Mutant(
        name="what was stopped on purpose is taken up again",
        file=f"{CORE}decide.py",
        old="if more and (base is None or gains(more, base) or _serves_more(more, base, place)):",
        new="if more:",
        tests=(COURSES,),
    ),
    Mutant(
        name="what was stopped on purpose is taken up again for what nobody asks",
        file=f"{CORE}decide.py",
        old="survived = sum(recovery[event] is not None for event in place.judge.asked)",
        new="survived = sum(what is not None for what in recovery.values())",
        tests=(COURSES,),
    ),
    Mutant(
        name="what runs is ended for what does not",
        file=f"{CORE}moves.py",
        old="if id(part) in runs and not all(id(other) in runs for other in others):",
        new="if False:",
        tests=(COURSES,),
    ),
    Mutant(
        name="what gives as much for less is no better",
        file=f"{CORE}compare.py",
        old="return bool(pairs) and all(_is_better(a, b) for a, b in pairs)",
        new="return False",
        tests=("tests/recommend/test_recommend_ties.py",),
    ),
    Mutant(
        name="a vault in the pair is not told from one here where a disk is left out",
        file=f"{CORE}plans.py",
        old="    if not any(tier.left_out for tier in proposal.tiers):\n        return ()\n",
        new="    if proposal.tiers:\n        return ()\n",
        tests=(COURSES,),
    ),
    Mutant(
        name="to wait for a first point is to keep what is there",
        file=f"{CORE}decide.py",
        old="    if Health.WAITS in states:\n",
        new="    if Health.LOOSE in states:\n",
        tests=(COURSES,),
    ),
    Mutant(
        name="something is added or replaced for figures that nobody stated",
        file=f"{CORE}decide.py",
        old="return any(lacking.get(event, frozenset()) & place.judge.need.stated for",
        new="return any(lacking.get(event, frozenset()) is not None for",
        tests=(COURSES,),
    ),
    Mutant(
        name="a change in place takes away what nobody stated is not needed",
        file=f"{CORE}decide.py",
        old="    if not _may_lose(place, base, each):\n        return False\n"
        "    return bool(gains(each, chosen)) or",
        new="    return bool(gains(each, chosen)) or",
        tests=(COURSES, SITUATIONS),
    ),
    Mutant(
        name="a backup is not added where deletion is not covered at all",
        file=f"{CORE}decide.py",
        old="if Event.DELETION in asked and base.judged.recovery[Event.DELETION] is None:",
        new="if Event.DELETION not in asked and base.judged.recovery[Event.DELETION] is None:",
        tests=(COURSES, SITUATIONS),
    ),
    Mutant(
        name="a change stands beside what it changes",
        file=f"{CORE}moves.py",
        old="parts = [after if part is mended else part for part in base.parts]",
        new="parts = [*base.parts, after]",
        tests=(COURSES,),
    ),
    Mutant(
        name="beside a change nobody waits for the first point any more",
        file=f"{CORE}moves.py",
        old="return tuple(course for course in base.courses if course in _STAY)",
        new="return ()",
        tests=(COURSES,),
    ),
    Mutant(
        name="the old points of a vault that is left cost nothing",
        file=f"{CORE}moves.py",
        old="return (total + old_points(place, each.dropped)) / MONTHS",
        new="return total / MONTHS",
        tests=(SAID,),
    ),
    Mutant(
        name="a first point is overdue as soon as its time has come",
        file=f"{CORE}standing.py",
        old="return (found.since or now) + interval + FIRST_POINT_SLACK",
        new="return (found.since or now) + interval",
        tests=(COURSES,),
    ),
    Mutant(
        name="a replica that is behind its need runs",
        file=f"{CORE}standing.py",
        old="        if today.met != mended.met:\n",
        new="        if today.met == mended.met:\n",
        tests=(COURSES,),
    ),
    Mutant(
        name="a failed-over replica is ended on purpose",
        file=f"{CORE}standing.py",
        old="ProtectionState.FAILED_OVER: Health.BROKEN,",
        new="ProtectionState.FAILED_OVER: Health.ENDED,",
        tests=(SAID,),
    ),
    Mutant(
        name="a protection that makes no points meets its events today",
        file=f"{CORE}standing.py",
        old="        met=frozenset(),\n",
        new="",
        tests=(IN_PLACE,),
    ),
    Mutant(
        name="a replica gives the RPO of its kind however far it is behind",
        file=f"{CORE}standing.py",
        old="return tier._replace(rpo=max(tier.rpo, rpo))",
        new="return tier",
        tests=(COURSES,),
    ),
    Mutant(
        name="a test failover that still runs is not cleaned up",
        file=f"{CORE}todo.py",
        old="        if found.drill_left or found.drill_since:\n",
        new="        if found.drill_left and found.drill_since:\n",
        tests=(SAID,),
    ),
    Mutant(
        name="what cannot be undone is not said of a change",
        file=f"{CORE}say.py",
        old="said = (chosen.adjusted.irreversible,) if chosen.adjusted else ()",
        new="said: tuple[str, ...] = ()",
        tests=(SAID,),
    ),
    Mutant(
        name="a disk that is in no point today is no gap any more once it is taken in",
        file=f"{CORE}say.py",
        old="    if base is not None:\n        named = {gap",
        new="    if base is not None and gaps:\n        named = {gap",
        tests=(COURSES, SITUATIONS),
    ),
    Mutant(
        name="the difference is told without what is paid today",
        file=f"{CORE}say.py",
        old="difference=None if likely is None or known is None else likely - known,",
        new="difference=likely,",
        tests=(COURSES,),
    ),
    Mutant(
        name="that nobody read what protects the VM is not said",
        file=f"{CORE}say.py",
        old="if first in (Course.PROTECT, Course.ADD) and not vaults_read(saying.known.coverage):",
        new="if first is Course.END:",
        tests=(COURSES,),
    ),
    Mutant(
        name="the bill of a month before the steady state is that of its beginning",
        file=f"{CORE}months.py",
        old="usages(case, part.proposal.chosen, days_after(month))",
        new="usages(case, part.proposal.chosen, days_after(max(1, month - 1)))",
        tests=("tests/worked/test_worked_bills.py",),
    ),
    Mutant(
        name="the assumption that drives a range is the one that drives it least",
        file=f"{CORE}spread.py",
        old="name = min(left, key=lambda each: left[each] or Decimal(0))",
        new="name = max(left, key=lambda each: left[each] or Decimal(0))",
        tests=(f"{TURNS}::test_with_nothing_stated_the_used_size_drives_the_spread",),
    ),
    Mutant(
        name="the certain plan beside one on a condition is not told",
        file=f"{CORE}plans.py",
        old="    if winner is not None and winner.worst < CERTAIN:\n",
        new="    if winner is not None and winner.worst < 0:\n",
        tests=(SAID,),
    ),
)
