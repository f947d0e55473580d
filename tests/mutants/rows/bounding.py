"""Missing prices: what is proven to cost the same, and what must be proven first."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

BOUND = "advisor/recommend/bound.py"
MISSING = "advisor/recommend/missing_prices.py"
TIES = "tests/recommend/test_recommend_bounded_ties.py"

ROWS = (
    Mutant(
        name="a plan without a price hides a tie between two that have theirs",
        file=BOUND,
        old="for each in sorted(tied, key=preference) if len(tied) > 1 else tied:",
        new="for each in sorted(tied, key=lambda one: one.cost.likely):",
        tests=(TIES,),
    ),
    Mutant(
        name="a tie is as wide as a saving where a price is missing",
        file=MISSING,
        old="left is not None and left >= -self.tie",
        new="left is not None and left >= -5",
        tests=(TIES,),
    ),
    Mutant(
        name="what costs the same as the cheapest is not proven to",
        file=MISSING,
        old="left is not None and left >= -self.tie",
        new="left is not None and left >= 0",
        tests=(TIES,),
    ),
    Mutant(
        name="the better of the cheapest options is what others are measured by",
        file=BOUND,
        old="        (min(group, key=lambda one: one[:2])[2], _at_best(group, nowhere, bounds)),\n",
        new="        (first,),\n",
        tests=(TIES,),
    ),
    Mutant(
        name="a rival that lacks the same hides the one that lacks nothing",
        file=BOUND,
        old="        (min(group, key=lambda one: one[:2])[2], _at_best(group, nowhere, bounds)),\n",
        new="        (_at_best(group, nowhere, bounds),),\n",
        tests=(TIES,),
    ),
    Mutant(
        name="a rival counts by the estimate alone",
        file=BOUND,
        old="        (min(group, key=lambda one: one[:2])[2], _at_best(group, nowhere, bounds)),\n",
        new="        (min(group, key=lambda one: one[:2])[2],),\n",
        tests=(TIES,),
    ),
    Mutant(
        name="what is known nowhere leaves nothing proven",
        file=BOUND,
        old="    same = [each for one, _, each in group if one == nowhere]\n",
        new="    same = [each for _, _, each in group]\n",
        tests=(TIES,),
    ),
    Mutant(
        name="what may cost less by other options is not named",
        file="advisor/recommend/beside.py",
        old="        if each.cost.missing\n    ]",
        new="        if each.cost.missing and each.options == chosen.options\n    ]",
        tests=("tests/recommend/test_recommend_bounds.py",),
    ),
    Mutant(
        name="what is known nowhere is left out for what lacks less",
        file="advisor/recommend/plans.py",
        old="lacks = (bool(cost.missing), bounds.estimate(cost)[0])",
        new="lacks = (bool(cost.missing), False)",
        tests=("tests/recommend/test_recommend_bounds.py",),
    ),
    Mutant(
        name="a plan with all its prices is given up for what may turn out dearer",
        file=BOUND,
        old="tied = proven or _tied(priced)[1]",
        new="pass",
        tests=(TIES,),
    ),
    Mutant(
        name="of the same option nothing is said of the price up to which it is the cheapest",
        file=BOUND,
        old="elif each.cost.missing and self.complete is not None:",
        new="elif False:",
        tests=(TIES,),
    ),
    Mutant(
        name="a quantity that nobody read is told as a price of traffic",
        file="advisor/recommend/price_hint.py",
        old="if unread and len(unread) == sum(not line.usage.optional for line in missing):",
        new="if False:",
        tests=("tests/recommend/test_recommend_prices_said.py",),
    ),
    Mutant(
        name="what costs about the same is called the cheapest",
        file=BOUND,
        old='start = f"{_CHEAPEST if first else _AS_CHEAP} unless"',
        new='start = f"{_CHEAPEST} unless"',
        tests=(TIES,),
    ),
    Mutant(
        name="the price up to which a tie holds is that up to which it is the cheapest",
        file=MISSING,
        old="return ZERO if self.is_cheaper else self.tie",
        new="return ZERO",
        tests=(TIES,),
    ),
)
