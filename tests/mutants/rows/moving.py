"""Moves away from what is in place that must not be made, and the way to certainty beside them."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

CORE = "advisor/recommend/"
REFUSED = "tests/recommend/test_recommend_moves_refused.py"
NEAREST = "tests/recommend/test_recommend_nearest.py"
SAID, OLD = "tests/recommend/test_recommend_said.py", "tests/recommend/test_recommend_old_points.py"

ROWS = (
    Mutant(
        name="the old points of a locked vault are paid for no longer than they are needed",
        file=f"{CORE}moves.py",
        old="days = max(days, last_point_days(part))",
        new="pass",
        tests=(SAID,),
    ),
    Mutant(
        name="the old points of a locked vault end before the need does",
        file=f"{CORE}moves.py",
        old="days = max(days, last_point_days(part))",
        new="days = last_point_days(part)",
        tests=(SAID,),
    ),
    Mutant(
        name="whoever leaves a locked vault is told to delete its points",
        file=f"{CORE}todo.py",
        old="        if is_locked(standings, part):\n",
        new="        if False:\n",
        tests=(OLD,),
    ),
    Mutant(
        name="what a locked vault goes on charging for is called a saving",
        file=f"{CORE}decide.py",
        old=" + held_by_lock(place, each.dropped)",
        new="",
        tests=(OLD,),
    ),
    Mutant(
        name="a stopped backup is not told to be resumed where something is added",
        file=f"{CORE}say.py",
        old="        is_said = _taken_up(_broken(saying)) == resumed\n",
        new="        is_said = True\n",
        tests=(SAID,),
    ),
    Mutant(
        name="points of a disk are said to lack what those that leave it out lack",
        file=f"{CORE}look.py",
        old="        lacking = [look for look in lacking if not missing <= look.tier.left_out]\n",
        new="",
        tests=("tests/recommend/test_recommend_judging.py",),
    ),
    Mutant(
        name="what old points go on costing is not said where a backup is ended",
        file=f"{CORE}todo.py",
        old="said = found.leaving if anew else found.ending\n",
        new='said = found.leaving if anew else ""\n',
        tests=(OLD,),
    ),
    Mutant(
        name="another vault is taken for less because of a figure that nobody stated",
        file=f"{CORE}decide.py",
        old="meets_more = bool(gains(each, base)) and _gains_stated(place, base, each, base)",
        new="meets_more = bool(gains(each, base))",
        tests=(REFUSED,),
    ),
    Mutant(
        name="a second protection is ended where nobody stated a need",
        file=f"{CORE}decide.py",
        old="    if place.judge.need.stated:\n        yield ended, _may_end\n",
        new="    yield ended, _may_end\n    if place.judge.need.stated:\n",
        tests=(REFUSED,),
    ),
    Mutant(
        name="a policy is assigned that Azure does not take",
        file=f"{CORE}moves.py",
        old="if made.verdict is Verdict.NO and mended.verdict is not Verdict.NO:",
        new="if False:",
        tests=(REFUSED,),
    ),
    Mutant(
        name="a policy that is assigned is as possible as the one that runs",
        file="advisor/options/azure_backup/chosen.py",
        old="return self._broken if self.refused or not self.found else ()",
        new="return () if self.found else self._broken",
        tests=(REFUSED,),
    ),
    Mutant(
        name="what runs is given up for what somebody has yet to do",
        file=f"{CORE}decide.py",
        old="return _is_as_sure(each, chosen) and _saves(place, each, chosen)",
        new="return _saves(place, each, chosen)",
        tests=(REFUSED,),
    ),
    Mutant(
        name="what nobody needs of an event is a reason to keep what survives it",
        file=f"{CORE}decide.py",
        old='if each.split(".")[0] not in unasked}',
        new="}",
        tests=(REFUSED,),
    ),
    Mutant(
        name="less of an event that nobody spoke of may be given up",
        file=f"{CORE}decide.py",
        old='unasked = {event for event in unasked if f"{event}.asked" in need.stated}',
        new="unasked = set(unasked)",
        tests=(REFUSED,),
    ),
    Mutant(
        name="days of instant restore are made worth it by going below the portal's",
        file=f"{CORE}decide.py",
        old="    if _is_setting(cheapest):\n        below",
        new="    if False:\n        below",
        tests=(REFUSED,),
    ),
    Mutant(
        name="the nearest without a condition rests on another one",
        file=f"{CORE}beside.py",
        old="if not each.judged.met_if and not _doubtful(each)]",
        new="if not each.judged.met_if]",
        tests=(NEAREST,),
    ),
    Mutant(
        name="a VM is backed up into two vaults at a time",
        file=f"{CORE}moves.py",
        old="            if all(_go_together(single.option, other) for other in kept):\n",
        new="            if single is not None:\n",
        tests=(REFUSED,),
    ),
    Mutant(
        name="a disk in no point lacks an RPO and no event",
        file=f"{CORE}moves.py",
        old=" or any(event in gap.events for gap in each.judged.gaps):",
        new=":",
        tests=(REFUSED,),
    ),
    Mutant(
        name="a weekly policy that keeps less keeps no weekly points",
        file="advisor/options/azure_backup/configurations.py",
        old="weeks = max(-(-wanted.daily // DAYS_PER_WEEK), 1)",
        new="weeks = 0",
        tests=(REFUSED,),
    ),
    Mutant(
        name="of a zone disks captured moments apart are as good as together",
        file=f"{CORE}compare.py",
        old="others = (min(_sure(other), Consistency.CRASH) for other in",
        new="others = (min(_sure(other), Consistency.NONE) for other in",
        tests=("tests/recommend/test_recommend_ties.py",),
    ),
)
