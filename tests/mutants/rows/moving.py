"""Moves away from what is in place that must not be made, and the way to certainty beside them."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

CORE = "advisor/recommend/"
REFUSED = "tests/recommend/test_recommend_moves_refused.py"

ROWS = (
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
        name="another policy for a backup that was stopped is a way to what is in place",
        file=f"{CORE}moves.py",
        old="if not _has(base.parts, mended):",
        new="if False:",
        tests=(REFUSED,),
    ),
    Mutant(
        name="what is in place is no way to certainty",
        file=f"{CORE}decide.py",
        old="for each in [*moves, base] if",
        new="for each in moves if",
        tests=(REFUSED,),
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
