"""People, groups, rules, a plan and a request made for the tests of the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from advisor.model import Consistency
from bot.composition.actions import action_facts, action_rows
from bot.requests.action import Action
from bot.requests.approval.people import Membership, Person
from bot.requests.approval.rules import (
    ASK,
    LIST,
    BreakGlass,
    Circle,
    Demand,
    RequestRules,
    Rule,
    Team,
)
from bot.requests.model import (
    Approval,
    Click,
    ClickKind,
    Cost,
    Kind,
    Money,
    Requester,
    RequestPlan,
    Wish,
)
from bot.requests.plan_hash import plan_hash
from bot.requests.request import Request
from bot.requests.states import State

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEAM = "T01"
APPROVERS, DBAS, ENGINEERS = "S01APPROVERS", "S02DBAS", "S03ENGINEERS"
OPS = "C01OPS"

ADA = Person(team_id=TEAM, user_id="U01ADA", name="Ada Keller")
GRACE = Person(team_id=TEAM, user_id="U02GRACE", name="Grace Moreau")
LINUS = Person(team_id=TEAM, user_id="U03LINUS", name="Linus Berg")
BARBARA = Person(team_id=TEAM, user_id="U04BARBARA", name="Barbara Lind")
GROUPS: Membership = {
    APPROVERS: frozenset({GRACE.user_id, LINUS.user_id, ADA.user_id}),
    DBAS: frozenset({BARBARA.user_id}),
    ENGINEERS: frozenset({ADA.user_id}),
}
REQUESTER = Requester(team_id=TEAM, user_id=ADA.user_id, user_name=ADA.name, channel_id=OPS)


def demand(
    *groups: str, users: Iterable[str] = (), approvals: int = 1, rule: str = "everything"
) -> Demand:
    circle = Circle(groups=groups, users=tuple(users))
    return Demand(rule=rule, circle=circle, approvals=approvals)


def rule(name: str = "everything", *demands: Demand, **more: Any) -> Rule:
    return Rule(**{"name": name, "channel": OPS, "demands": demands or (demand(APPROVERS),)} | more)


def rules(*some: Rule, **more: Any) -> RequestRules:
    return RequestRules(
        **{
            "may": {
                ASK.table: Circle(groups=(ENGINEERS,)),
                LIST.table: Circle(everybody=True),
            },
            "facts": action_facts(),
            "rules": some or (rule(),),
            "group_names": {APPROVERS: "vm-approvers"},
            "digest": "d1",
        }
        | more
    )


def plan(
    *,
    until_expiry: str | None = "1.20",
    a_month: str | None = "12",
    currency: str = "USD",
    **more: Any,
) -> RequestPlan:
    return RequestPlan(
        **{
            "action": Action.SNAPSHOT,
            "revision": 1,
            "kind": Kind.SNAPSHOT,
            "vm_id": "/subscriptions/s-1/resourceGroups/Web/providers/x/virtualMachines/web-01",
            "vm_name": "web-01",
            "vm_uuid": "u-1",
            "subscription_id": "s-1",
            "resource_group": "Web",
            "region": "westeurope",
            "target_region": "westeurope",
            "consistency": Consistency.CRASH,
            "why_consistency": "One disk.",
            "incremental": True,
            "disks": (),
            "keep": timedelta(days=3),
            "cost": cost(until_expiry, a_month, currency),
        }
        | more
    )


def cost(until_expiry: str | None, a_month: str | None, currency: str = "USD") -> Cost:
    """Both ends as said; the range shown is cheaper, as after a used size that was stated."""
    cheap = Money(Decimal(0), Decimal(0), Decimal(0))
    return Cost(
        currency=currency,
        a_month=cheap,
        until_expiry=cheap,
        limit_a_month=None if a_month is None else Decimal(a_month),
        limit_until_expiry=None if until_expiry is None else Decimal(until_expiry),
    )


def request(state: State = State.WAITING, **more: Any) -> Request:
    return Request(
        **{
            "id": "r-000000000001",
            "row": action_rows()[Action.SNAPSHOT],
            "state": state,
            "revision": 1,
            "version": 1,
            "wish": Wish(action=Action.SNAPSHOT, vm="web-01", reason="kernel"),
            "requester": REQUESTER,
            "plan": plan(),
            "channel_id": OPS,
            "asked_at": NOW - HOUR,
            "decide_by": NOW + HOUR,
            "button": "b-1",
        }
        | more
    )


def click(kind: ClickKind = ClickKind.APPROVE, by: Person = GRACE, **more: Any) -> Click:
    return Click(
        **{
            "id": "k-1",
            "kind": kind,
            "button": "b-1",
            "team_id": by.team_id,
            "user_id": by.user_id,
            "user_name": by.name,
            "channel_id": OPS,
            "message_ts": "1.1",
        }
        | more
    )


def approval(by: Person = GRACE, of: Request | None = None, **more: Any) -> Approval:
    whole = of or request()
    assert whole.plan is not None
    return Approval(
        **{
            "request_id": whole.id,
            "revision": whole.revision,
            "user_id": by.user_id,
            "user_name": by.name,
            "plan_hash": plan_hash(whole.plan),
            "why_allowed": "member of vm-approvers",
            "at": NOW - HOUR / 2,
        }
        | more
    )


def team(name: str = "web", a_month: str = "10", currency: str = "USD", *groups: str) -> Team:
    circle = Circle(groups=groups) if groups else Circle(everybody=True)
    return Team(name=name, circle=circle, a_month=Decimal(a_month), currency=currency)


GLASS = BreakGlass(
    circle=Circle(groups=(ENGINEERS,)),
    channel=OPS,
    keep_at_most=timedelta(hours=24),
    per_week=2,
    look_within=4 * HOUR,
    escalate_to="C09CHIEFS",
)


def like(person: Person, **more: Any) -> Person:
    return replace(person, **more)
