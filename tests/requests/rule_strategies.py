"""Any people, groups, rules and plans, from a few of each so that they meet."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from bot.requests.action import Action
from bot.requests.approval.people import Person
from bot.requests.approval.rules import Circle, Demand, Rule, WithoutApproval
from bot.requests.model import RequestPlan
from tests.requests.rule_samples import HOUR, TEAM, plan, rule

USER_IDS = ("U01", "U02", "U03", "U04")
GROUP_IDS = ("S01", "S02")
USERS = st.sampled_from(USER_IDS)
FLAGS = ("is_deleted", "is_bot", "is_guest", "is_stranger")
AMOUNTS = st.sampled_from(("0", "0.50", "2", "100"))
TAGS = st.dictionaries(st.sampled_from(("env", "tier")), st.sampled_from(("a", "b")))
KEEPS = st.sampled_from((HOUR, timedelta(days=3), timedelta(days=30)))

CIRCLES = st.builds(
    Circle,
    groups=st.lists(st.sampled_from(GROUP_IDS), unique=True, max_size=2).map(tuple),
    users=st.lists(USERS, unique=True, max_size=2).map(tuple),
)
DEMANDS = st.builds(Demand, rule=st.just("any"), circle=CIRCLES, approvals=st.integers(1, 3))
FREE = st.builds(WithoutApproval, cost_below=AMOUNTS.map(Decimal), keep_at_most=KEEPS)


def _made(fields: dict[str, Any]) -> Any:
    demand = fields.pop("demand")
    return rule(fields.pop("name"), demand, **fields)


RULES = st.fixed_dictionaries(
    {
        "name": st.text("abcdef", min_size=1, max_size=8),
        "demand": DEMANDS,
        "without_approval": st.none() | FREE,
        "external_channel": st.booleans(),
        "wait": st.sampled_from((HOUR, 8 * HOUR)),
        "subscriptions": st.sampled_from(((), (), ("s-1",), ("s-2",))),
        "cost_at_least": st.sampled_from((None, None, Decimal(1), Decimal(50))),
        "tags": st.sampled_from(({}, {}, {"env": ("a",)}, {"tier": ("a", "b")})),
        "target_regions": st.sampled_from(((), (), ("westeurope",), ("northeurope",))),
    }
).map(_made)

PLANS = st.builds(
    lambda cost, keep, tags, action, target: plan(
        until_expiry=cost, keep=keep, vm_tags=tags, action=action, target_region=target
    ),
    st.none() | AMOUNTS,
    st.none() | KEEPS,
    TAGS,
    st.sampled_from((Action.SNAPSHOT, Action.COPY, Action.RESTORE)),
    st.sampled_from(("westeurope", "westeurope", "northeurope")),
)


def memberships() -> st.SearchStrategy[dict[str, Any]]:
    """Each group with some people, or unreadable."""
    people = st.none() | st.frozensets(USERS, max_size=4)
    return st.fixed_dictionaries(dict.fromkeys(GROUP_IDS, people))


def person(user_id: str, flag: str | None = None) -> Person:
    return Person(
        team_id=TEAM, user_id=user_id, name=f"Name of {user_id}", **({flag: True} if flag else {})
    )


# --- the same by dice, for long walks --------------------------------------------------------


def random_groups(dice: random.Random) -> dict[str, Any]:
    """Mostly readable: with nobody to be read, every answer is the same."""
    return {
        group: None if dice.random() < 0.2 else frozenset(dice.sample(USER_IDS, dice.randint(1, 4)))
        for group in GROUP_IDS
    }


def random_plan(dice: random.Random) -> RequestPlan:
    return plan(
        until_expiry=dice.choice((None, "0", "0.50", "2", "100")),
        keep=dice.choice((None, HOUR, timedelta(days=3))),
        vm_tags=dice.choice(({}, {"env": "a"}, {"env": "b", "tier": "a"})),
        action=dice.choice((Action.SNAPSHOT, Action.SNAPSHOT, Action.COPY, Action.RESTORE)),
    )


def random_rules(dice: random.Random) -> list[Rule]:
    return [
        _random_rule(dice, number) for number in range(dice.choice((0, *(1,) * 8, *(2,) * 4, 3)))
    ]


def _random_rule(dice: random.Random, number: int) -> Rule:
    circle = Circle(
        groups=tuple(dice.sample(GROUP_IDS, dice.choice((0, 1, 1, 2)))),
        users=tuple(dice.sample(USER_IDS, dice.choice((0, 0, 1, 2)))),
    )
    approvals = dice.choice((1, 1, 1, 2, 2, 3))
    return rule(
        f"rule {number}",
        Demand(rule=f"rule {number}", circle=circle, approvals=approvals),
        subscriptions=dice.choice((*((),) * 7, ("s-1",), ("s-2",))),
        cost_at_least=dice.choice((*(None,) * 6, Decimal(1), Decimal(50))),
        tags=dice.choice((*({},) * 5, {"env": ("a",)}, {"tier": ("a", "b")})),
        without_approval=dice.choice(
            (None, WithoutApproval(cost_below=Decimal(1), keep_at_most=HOUR))
        ),
        actions=dice.choice((frozenset(), frozenset(), frozenset({Action.SNAPSHOT}))),
    )
