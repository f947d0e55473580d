"""Random people, groups, rules and clicks, and never an approval that should not be.

Two ways through the same world (`rule_walk`): Hypothesis's own, which finds the shortest way to
a fault, and long ones by a seed, which come to the states that are seldom.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.requests.approval.rules import Rule
from bot.requests.model import ClickKind, RequestPlan
from bot.requests.states import State
from tests.requests.rule_samples import OPS
from tests.requests.rule_strategies import (
    FLAGS,
    PLANS,
    RULES,
    USER_IDS,
    USERS,
    memberships,
    random_groups,
    random_plan,
    random_rules,
)
from tests.requests.rule_walk import REQUESTER, Walk

HOURS = (0.25, 0.5, 1, 4)
CHANGES = ("", "", "unreadable", *FLAGS)
WRONG_ROWS = ("revision", "hash", "own")
TEXTS = ("", "not today")


class Deciding(RuleBasedStateMachine):
    """The walk of Hypothesis."""

    walk: Walk

    @initialize(plan=PLANS, some=st.lists(RULES, min_size=1, max_size=3), groups=memberships())
    def it_is_asked(self, plan: RequestPlan, some: list[Rule], groups: dict[str, Any]) -> None:
        self.walk = Walk(plan, some, groups)

    @rule(some=st.lists(RULES, max_size=3))
    def settings_change(self, some: list[Rule]) -> None:
        self.walk.settings_change(some)

    @rule(groups=memberships())
    def groups_change(self, groups: dict[str, Any]) -> None:
        self.walk.groups_change(groups)

    @rule(user_id=USERS, flag=st.sampled_from(CHANGES))
    def somebody_changes(self, user_id: str, flag: str) -> None:
        self.walk.somebody_changes(user_id, flag)

    @rule(hours=st.sampled_from(HOURS))
    def time_passes(self, hours: float) -> None:
        self.walk.time_passes(hours)

    @precondition(lambda self: self.walk.may_be_planned_anew())
    @rule(plan=PLANS)
    def the_plan_changes(self, plan: RequestPlan) -> None:
        self.walk.the_plan_changes(plan)

    @rule(user_id=USERS, how=st.sampled_from(WRONG_ROWS))
    def a_row_gets_there_that_should_not(self, user_id: str, how: str) -> None:
        self.walk.a_row_gets_there_that_should_not(user_id, how)

    @rule(by=USERS)
    def somebody_approves(self, by: str) -> None:
        self.walk.somebody_clicks(ClickKind.APPROVE, by)

    @rule(
        kind=st.sampled_from(ClickKind),
        by=USERS,
        button=st.sampled_from(("now", "earlier", "forged", "")),
        channel_id=st.sampled_from((OPS, "C02RANDOM")),
        text=st.sampled_from(TEXTS),
    )
    def somebody_clicks(
        self, kind: ClickKind, by: str, button: str, channel_id: str, text: str
    ) -> None:
        self.walk.somebody_clicks(kind, by, button, channel_id, text)

    @precondition(lambda self: self.walk.request.state is State.APPROVED)
    @rule()
    def a_worker_begins(self) -> None:
        self.walk.a_worker_begins()

    @precondition(lambda self: self.walk.request.state is State.RUNNING)
    @rule()
    def half_of_it_fails(self) -> None:
        self.walk.half_of_it_fails()

    @invariant()
    def nobody_who_asked_ever_said_yes(self) -> None:
        assert REQUESTER not in {user_id for user_id, _ in self.walk.said_yes}


TestDeciding = Deciding.TestCase
TestDeciding.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


# --- long walks ------------------------------------------------------------------------------

STEPS = 250


def one_step(walk: Walk, dice: random.Random) -> None:
    """Mostly clicks by the book; now and then the world, or somebody, goes astray."""
    state = walk.request.state
    if state is State.APPROVED and dice.random() < 0.7:
        one_change(walk, dice)
        return walk.a_worker_begins()
    if state is State.RUNNING and dice.random() < 0.2:
        return walk.half_of_it_fails()
    if walk.may_be_planned_anew() and dice.random() < (0.05 if state is State.WAITING else 0.6):
        return walk.the_plan_changes(random_plan(dice))
    return one_click(walk, dice) if dice.random() < 0.75 else one_change(walk, dice)


def one_click(walk: Walk, dice: random.Random) -> None:
    kind = ClickKind.APPROVE if dice.random() < 0.5 else dice.choice(list(ClickKind))
    walk.somebody_clicks(
        kind,
        dice.choice(USER_IDS),
        dice.choice(("now",) * 17 + ("earlier", "forged", "")),
        dice.choice((OPS,) * 19 + ("C02RANDOM",)),
        dice.choice(TEXTS),
    )


def one_change(walk: Walk, dice: random.Random) -> None:
    user_id = dice.choice(USER_IDS)
    dice.choice(
        (
            lambda: walk.settings_change(random_rules(dice)),
            lambda: walk.groups_change(random_groups(dice)),
            lambda: walk.somebody_changes(user_id, dice.choice(CHANGES)),
            lambda: walk.time_passes(dice.choice(HOURS)),
            lambda: walk.a_row_gets_there_that_should_not(user_id, dice.choice(WRONG_ROWS)),
        )
    )()


def walked(seed: int) -> Counter[str]:
    """What came up on the way; a fault raises."""
    dice = random.Random(seed)
    walk = Walk(random_plan(dice), random_rules(dice), random_groups(dice))
    for _ in range(STEPS):
        one_step(walk, dice)
    return walk.seen


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**64))
def test_no_long_walk_finds_an_approval_that_should_not_be(seed: int) -> None:
    assert sum(walked(seed).values()) > STEPS / 4


def test_the_long_walks_come_to_every_answer_that_a_click_can_get() -> None:
    """Otherwise they would prove little."""
    seen = sum((walked(seed) for seed in range(100)), Counter[str]())
    missing = [answer for answer in EXPECTED if not seen[answer]]
    assert missing == []


EXPECTED = (
    *(
        f"{kind}: {reason}"
        for kind in ("approve", "deny")
        for reason in (
            "own request",
            "guest",
            "bot",
            "deactivated",
            "stranger",
            "person unreadable",
            "not an approver",
            "group unreadable",
            "other channel",
            "other revision",
            "unknown button",
            "expired",
            "already decided",
            "no rule",
        )
    ),
    *("approve: enough", "approve: more needed", "approve: already approved by you"),
    *("deny: denied", "deny: denial without reason"),
    *("cancel: cancelled", "cancel: cancelling", "cancel: not yours", "cancel: half done"),
    *("cancel: over", "go_on: goes on", "clean_up: cleans up"),
    *("begin: may begin", "begin: not an approver", "begin: group unreadable"),
    *("begin: person unreadable", "begin: guest"),
)
