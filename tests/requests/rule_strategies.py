"""Any people, groups, rules and plans, from a few of each so that they meet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from bot.requests.model import Action
from bot.requests.people import Person
from bot.requests.rules import Circle, Demand, WithoutApproval
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
    }
).map(_made)

PLANS = st.builds(
    lambda cost, keep, tags, action: plan(
        until_expiry=cost, keep=keep, vm_tags=tags, action=action
    ),
    st.none() | AMOUNTS,
    st.none() | KEEPS,
    TAGS,
    st.sampled_from((Action.SNAPSHOT, Action.COPY, Action.RESTORE)),
)


def memberships(group_ids: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Each group with some people, or unreadable."""
    return st.fixed_dictionaries(
        {group: st.none() | st.frozensets(USERS, max_size=4) for group in group_ids}
    )


def person(user_id: str, flag: str | None = None) -> Person:
    return Person(
        team_id=TEAM, user_id=user_id, name=f"Name of {user_id}", **({flag: True} if flag else {})
    )
